"""The Inbox as an Atom feed (RFC 4287).

Texts come from feeds of other organisations: they are cleaned, and their HTML is escaped twice, once as text of the
entry's HTML and once as XML.
"""

from __future__ import annotations

import hashlib
import html
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID, uuid5
from xml.etree import ElementTree

from sqlalchemy import Connection

from backend.contract.formatting import number
from backend.contract.inbox import InboxEvent, InboxEvents, InboxScope
from backend.contract.names import FEED_PATH
from backend.contract.version import VERSION
from backend.services.exposure.inbox import list_events
from backend.services.news.event_text import EventText, event_id, event_text
from backend.store.repositories.events import InboxQuery
from backend.store.repositories.metadata import MetadataRepository

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
MAX_ENTRIES = 200
_NAMESPACE = "http://www.w3.org/2005/Atom"
_SECOND = timedelta(seconds=1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a feed without entries: an element `updated` is required."""
_TITLES = {
    InboxScope.MINE: "OpenThreat: what concerns you",
    InboxScope.PC: "OpenThreat: what concerns this PC",
    InboxScope.EXPLOITED: "OpenThreat: known to be exploited",
    InboxScope.EVERYTHING: "OpenThreat: all events",
}


def build_feed(connection: Connection, scope: InboxScope, machine_id: str, address: str) -> bytes:
    """Build the feed of a scope, the newest events first.

    Args:
        machine_id: The PC of the scope `pc`.
        address: Scheme, host and port by which the reader reached the API.
    """
    identity = MetadataRepository(connection).database_id()
    page = list_events(connection, InboxQuery(scope, machine_id, page_size=MAX_ENTRIES))
    root = ElementTree.Element("feed", {"xmlns": _NAMESPACE, "xml:lang": "en"})
    name = f"{scope} {machine_id}" if scope is InboxScope.PC else scope.value
    _text(root, "id", uuid5(identity, name).urn)
    _text(root, "title", _TITLES[scope])
    _text(root, "subtitle", _subtitle(page))
    _text(root, "updated", _instant(max((event.happened_at for event in page.items), default=_NEVER)))
    ElementTree.SubElement(root, "link", {"rel": "self", "href": f"{address}{FEED_PATH}?scope={scope.value}"})
    _text(ElementTree.SubElement(root, "author"), "name", "OpenThreat Desktop")
    _text(root, "generator", "OpenThreat Desktop", version=VERSION)
    for event in page.items:
        _add_entry(root, event, identity)
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _subtitle(page: InboxEvents) -> str:
    if page.total > len(page.items):
        return f"The newest {number(len(page.items))} of {number(page.total)} events; the Inbox has all of them."
    return "What happened to vulnerabilities, the newest first."


def _add_entry(root: ElementTree.Element, event: InboxEvent, identity: UUID) -> None:
    text = event_text(event)
    entry = ElementTree.SubElement(root, "entry")
    _text(entry, "id", event_id(identity, event).urn)
    _text(entry, "title", text.title)
    _text(entry, "updated", _instant(event.happened_at))
    _text(entry, "published", _instant(event.happened_at))
    ElementTree.SubElement(entry, "link", {"rel": "alternate", "href": text.link})
    ElementTree.SubElement(entry, "category", {"term": event.kind.value})
    _text(entry, "content", _content(text), type="html")


def _content(text: EventText) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in (text.title, *text.lines))


def _text(parent: ElementTree.Element, name: str, content: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = content


def _instant(moment: datetime) -> str:
    """RFC 3339, as RFC 4287 asks for."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Validators:
    """What identifies a version of the feed in conditional requests (RFC 9110, section 8.8)."""

    etag: str
    last_modified: str

    def match(self, if_none_match: str | None, if_modified_since: str | None) -> bool:
        """Whether the reader has this version.

        Last-Modified has seconds only and is the time at which this process first saw the version, so it is compared
        as a mark and not as a time.
        """
        if if_none_match is not None:
            tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
            return "*" in tags or self.etag in tags
        return if_modified_since is not None and if_modified_since.strip() == self.last_modified


class FeedVersions:
    """Remembers when the present version of each feed was first seen. May be shared between threads.

    An entry's text may change without a new event, as when a program is updated: no time in the database says when.
    """

    def __init__(self) -> None:
        self._seen: dict[InboxScope, tuple[str, datetime]] = {}
        self._lock = threading.Lock()

    def validators(self, scope: InboxScope, body: bytes, now: datetime) -> Validators:
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        with self._lock:
            known, since = self._seen.get(scope, ("", now))
            if known != etag:
                since = max(now, since + _SECOND) if known else now
                self._seen[scope] = etag, since
        return Validators(etag, format_datetime(since.astimezone(UTC), usegmt=True))
