"""An event of the Inbox as text, for what leaves the program: the feed and the messages of webhooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid5

from backend.contract.formatting import clean, number
from backend.contract.inbox import EventFinding, EventKind, InboxEvent
from backend.contract.names import Severity

MAX_LINE = 300  # characters
MAX_WATCHED = 5
_ELLIPSIS = "…"
_NONCHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that clean() leaves and that XML 1.0 does not allow or advises against (section 2.2)."""


@dataclass(frozen=True)
class EventText:
    """What happened in one line, what it is about, and an address with more. All of it is plain text.

    lines: the vulnerability's title, the programs with what to update to, and its facts; none is empty.
    """

    cve_id: str
    happened: str
    lines: tuple[str, ...]
    link: str

    @property
    def title(self) -> str:
        return f"{self.cve_id}: {self.happened}"


def event_text(event: InboxEvent) -> EventText:
    lines = (event.title, *_programs(event), _watched(event), _facts(event))
    plain = tuple(text for line in lines if (text := one_line(line)))
    return EventText(one_line(event.cve_id), one_line(_happened(event)), plain, record_link(event.cve_id))


def event_id(database: UUID, event: InboxEvent) -> UUID:
    """The id of an event for others. SQLite may give the number of a deleted event again: its time makes it unique."""
    return uuid5(database, f"{event.id} {event.happened_at.isoformat()}")


def one_line(text: str, longest: int = MAX_LINE) -> str:
    """Plain text on one line, without control and direction marks, cut at a length in characters."""
    line = " ".join(_NONCHARACTERS.sub("", clean(text)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + _ELLIPSIS


def record_link(cve_id: str) -> str:
    if cve_id.startswith("CVE-"):
        return f"https://nvd.nist.gov/vuln/detail/{cve_id}"
    return f"https://euvd.enisa.europa.eu/vulnerability/{cve_id}"


def _happened(event: InboxEvent) -> str:
    match event.kind:
        case EventKind.EXPLOITED:
            return "known to be exploited"
        case EventKind.CRITICAL:
            return "new and critical"
        case EventKind.EPSS_ROSE:
            return _epss(event)
        case EventKind.FINDING:
            return f"found in {_program(event)}" + (", known to be exploited" if event.exploited else "")
        case EventKind.RESOLVED:
            return f"no longer in {_program(event)}"
        case EventKind.DUE_SOON:
            return f"CISA's due date is {event.due_date}" if event.due_date else "CISA's due date is near"


def _epss(event: InboxEvent) -> str:
    after = _percent(event.epss_after or 0.0)
    return f"EPSS {after}" if event.epss_before is None else f"EPSS rose from {_percent(event.epss_before)} to {after}"


def _percent(share: float) -> str:
    return f"{share:.1%}" if share < 0.01 else f"{share:.0%}"


def _program(event: InboxEvent) -> str:
    """The program of an event; the number where there are several."""
    if not event.on_machines:
        return "an installed program"
    first, more = event.on_machines[0], event.on_machines_total - 1
    return _version_of(first) if more <= 0 else f"{_version_of(first)} and {number(more)} more"


def _version_of(finding: EventFinding) -> str:
    return f"{finding.program} {finding.version}".strip()


def _programs(event: InboxEvent) -> Iterator[str]:
    for finding in event.on_machines:
        place = f"{_version_of(finding)} on {finding.machine}"
        if event.kind is EventKind.RESOLVED or not finding.fixed_in:
            yield place
        else:
            yield f"{place}: update to {finding.fixed_in}"
    if (more := event.on_machines_total - len(event.on_machines)) > 0:
        yield f"and {number(more)} more on your PCs"
    if event.reason:
        yield event.reason


def _watched(event: InboxEvent) -> str:
    shown, more = event.watched[:MAX_WATCHED], len(event.watched) - MAX_WATCHED
    words = ", ".join(shown) + (f" and {number(more)} more" if more > 0 else "")
    return f"Watched: {words}" if shown else ""


def _facts(event: InboxEvent) -> str:
    facts = [] if event.severity is Severity.UNKNOWN else [f"severity {event.severity.value.lower()}"]
    if event.exploited and event.kind not in (EventKind.EXPLOITED, EventKind.FINDING):
        facts.append("known to be exploited")
    if event.due_date and event.kind is not EventKind.DUE_SOON:
        facts.append(f"CISA's due date {event.due_date}")
    text = " · ".join(facts)
    return text[:1].upper() + text[1:]
