"""The Atom feed, checked by the rules of RFC 4287, and its conditional requests by those of RFC 9110."""

from __future__ import annotations

import html
import logging
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
from httpx2 import Response

from backend.contract.inbox import EventKind
from backend.services.exposure.events import note_events
from backend.services.news.atom import MAX_ENTRIES
from backend.store.repositories.events import NewEvent
from tests.contract.api.conftest import Stage
from tests.contract.api.installed import NEW, OLD, match, put_flaws, send
from tests.contract.api.test_inbox import EXPLOITED, happen, put

ATOM = "{http://www.w3.org/2005/Atom}"
CISCO, OTHER = "CVE-2024-3001", "CVE-2024-3002"


def get_feed(stage: Stage, status: int = 200, scope: str = "exploited", **headers: str) -> Response:
    answer = stage.client.get("/api/v1/feed.atom", params={"scope": scope}, headers=headers)
    assert answer.status_code == status, answer.text
    return answer


def read(answer: Response) -> ElementTree.Element:
    """Parse a feed and check what RFC 4287 requires of it (sections 4.1.1, 4.1.2, 4.2.6, 3.3)."""
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)  # noqa: S314 - our own
    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert datetime.fromisoformat(text_of(element, "updated")).tzinfo is not None
        assert text_of(element, "id").startswith("urn:uuid:")
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    entries = root.findall(f"{ATOM}entry")
    assert len({text_of(entry, "id") for entry in entries}) == len(entries)
    assert all(entry.find(f"{ATOM}link[@rel='alternate']") is not None for entry in entries)
    return root


def text_of(element: ElementTree.Element, name: str) -> str:
    found = element.find(f"{ATOM}{name}")
    assert found is not None
    return found.text or ""


def titles(answer: Response) -> list[str]:
    return [text_of(entry, "title") for entry in read(answer).findall(f"{ATOM}entry")]


@pytest.fixture
def world(stage: Stage) -> Stage:
    for cve_id in (CISCO, OTHER):
        put(stage, cve_id, exploited_in_the_wild=True, title=f"A flaw of {cve_id}")
    return stage


def test_a_feed_without_events_is_valid(stage: Stage) -> None:
    assert titles(get_feed(stage)) == []
    assert titles(get_feed(stage, scope="mine")) == []


def test_the_newest_event_is_the_first_entry(world: Stage) -> None:
    happen(world, EventKind.EXPLOITED, CISCO)
    happen(world, EventKind.EPSS_ROSE, OTHER, epss_before=0.02, epss_after=0.61)
    assert titles(get_feed(world)) == [f"{OTHER}: EPSS rose from 2% to 61%", f"{CISCO}: known to be exploited"]
    assert text_of(read(get_feed(world)), "updated") == "2026-03-01T12:02:00.000Z"


def test_an_entry_says_which_program_to_update_to_what(stage: Stage) -> None:
    put_flaws(stage)
    send(stage, OLD)
    match(stage)
    (entry,) = read(get_feed(stage, scope="mine")).findall(f"{ATOM}entry")
    content = text_of(entry, "content")
    assert text_of(entry, "title").startswith(f"{EXPLOITED}: found in Mozilla Firefox (x64 en-US) 99.0")
    assert "<p>Mozilla Firefox (x64 en-US) 99.0 on PC-1: update to 100.0</p>" in content
    send(stage, NEW)
    match(stage)
    assert titles(get_feed(stage, scope="mine"))[0].startswith(f"{EXPLOITED}: no longer in Mozilla Firefox")


def test_ids_stay_when_something_is_added(world: Stage) -> None:
    happen(world, EventKind.EXPLOITED, CISCO)
    before = read(get_feed(world))
    happen(world, EventKind.EXPLOITED, OTHER)
    after = read(get_feed(world))
    assert text_of(before, "id") == text_of(after, "id")
    ids = [[text_of(entry, "id") for entry in root.findall(f"{ATOM}entry")] for root in (before, after)]
    assert ids[0] == ids[1][1:]
    assert text_of(read(get_feed(world, scope="mine")), "id") != text_of(after, "id")


def test_an_unchanged_feed_is_not_sent_again(world: Stage) -> None:
    happen(world, EventKind.EXPLOITED, CISCO)
    first = get_feed(world)
    tag, since = first.headers["etag"], first.headers["last-modified"]
    world.now += timedelta(hours=1)
    for headers in ({"If-None-Match": tag}, {"If-None-Match": f'"x", W/{tag}'}, {"If-Modified-Since": since}):
        again = get_feed(world, 304, **headers)
        assert (again.content, again.headers["etag"], again.headers["last-modified"]) == (b"", tag, since)
    assert get_feed(world, **{"If-None-Match": '"x"'}).headers["etag"] == tag


def test_a_changed_text_is_sent_though_nothing_happened(world: Stage) -> None:
    happen(world, EventKind.EXPLOITED, CISCO)
    first = get_feed(world)
    put(world, CISCO, exploited_in_the_wild=True, title="Corrected")
    for name, header in (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")):
        again = get_feed(world, **{header: first.headers[name]})
        assert again.headers[name] != first.headers[name]
        assert "Corrected" in again.text


def test_an_old_tag_is_stronger_than_a_date(world: Stage) -> None:
    """RFC 9110, 13.2.2: If-Modified-Since is not evaluated beside If-None-Match."""
    since = get_feed(world).headers["last-modified"]
    get_feed(world, **{"If-None-Match": '"old"', "If-Modified-Since": since})


def test_texts_are_escaped_and_have_no_control_or_direction_marks(world: Stage) -> None:
    put(
        world,
        CISCO,
        exploited_in_the_wild=True,
        title="<script>alert(1)</script> & \u202egnp.exe\u2066 \x1b[31m\x07 \ufffe ]]> é",
    )
    happen(world, EventKind.EXPLOITED, CISCO)
    answer = get_feed(world)
    (entry,) = read(answer).findall(f"{ATOM}entry")
    content = text_of(entry, "content")
    assert "<script>" not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; gnp.exe" in content
    assert "]]&gt; é" in content
    assert not {"\u202e", "\u2066", "\x1b", "\x07", "\ufffe"} & set(html.unescape(answer.text))


def test_a_long_feed_is_capped_and_says_so(world: Stage) -> None:
    with world.database.transaction() as connection:
        note_events(
            connection,
            [NewEvent(EventKind.EXPLOITED, CISCO, str(number), world.now) for number in range(10_000)],
        )
    root = read(get_feed(world))
    assert len(root.findall(f"{ATOM}entry")) == MAX_ENTRIES
    assert text_of(root, "subtitle") == "The newest 200 of 10,000 events; the Inbox has all of them."


def test_the_token_is_neither_in_the_feed_nor_in_a_log(world: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = world.client.post("/api/v1/tokens", json={"name": "Feed", "role": "read"}).json()["token"]
    answer = world.client.get(f"/api/v1/feed.atom?scope=mine&token={token}")
    link = read(answer).find(f"{ATOM}link[@rel='self']")
    assert link is not None
    assert link.get("href") == "http://127.0.0.1:8001/api/v1/feed.atom?scope=mine"
    own = [record for record in caplog.records if not record.name.startswith("httpx")]  # the client of the test
    assert token not in answer.text + "".join(record.getMessage() for record in own)


def test_an_unknown_token_in_the_address_is_refused(world: Stage, caplog: pytest.LogCaptureFixture) -> None:
    assert world.client.get("/api/v1/feed.atom", params={"token": "geheimer-text"}).status_code == 401
    own = [record for record in caplog.records if not record.name.startswith("httpx")]
    assert "geheimer-text" not in "".join(record.getMessage() for record in own)


def test_an_unknown_scope_is_refused(stage: Stage) -> None:
    get_feed(stage, 422, scope="everyone")
