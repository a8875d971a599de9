"""The Inbox: its events, whose they are, and how they are marked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.contract.inbox import EventKind
from backend.contract.names import Severity
from backend.domain.claims import Affected
from backend.services.exposure.events import note_events
from backend.services.maintenance.cleanup import clean_cache
from backend.store.repositories.events import NewEvent
from backend.store.repositories.metadata import NEWS_SINCE_KEY, MetadataRepository
from tests.contract.api.conftest import Json, Stage
from tests.contract.api.installed import (
    BEFORE_100,
    BEFORE_116,
    CVES,
    FIREFOX,
    NEW,
    OLD,
    after_an_update,
    match,
    put_flaws,
    send,
    state,
    stated,
)
from tests.fakes.sources import CountingRun
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

PLAIN, EXPLOITED = CVES
STILL_OLD = {**OLD, "version": "99.5"}
CISCO = "CVE-2024-3001"


@pytest.fixture
def world(stage: Stage) -> Stage:
    return put_flaws(stage)


def put(stage: Stage, cve_id: str, **facts: object) -> None:
    with stage.database.transaction() as connection:
        put_vulnerabilities(connection, [(vulnerability(cve_id, **facts), 0.5)], stage.now)


def happen(stage: Stage, kind: EventKind, cve_id: str, **more: object) -> None:
    stage.now += timedelta(minutes=1)
    with stage.database.transaction() as connection:
        note_events(connection, [NewEvent(kind, cve_id, stage.now.isoformat(), stage.now, **more)])


def inbox(stage: Stage, scope: str = "mine", **filters: object) -> list[Json]:
    return stage.get("/inbox", scope=scope, **filters)["items"]


def listed(stage: Stage, scope: str = "mine", **filters: object) -> list[tuple[str, str]]:
    """The events as kind and CVE id, the newest first."""
    return [(event["kind"], event["cve_id"]) for event in inbox(stage, scope, **filters)]


def mark(stage: Stage, status: int = 200, **body: object) -> Json:
    return stage.request("PATCH", "/inbox", status, json=body)


def counts(stage: Stage) -> tuple[int, int]:
    found = stage.get("/snapshot")["inbox"]
    return found["unread"], found["unread_exploited"]


def later(stage: Stage, cve_id: str, **facts: object) -> None:
    """A record is changed by a source, an hour later."""
    stage.now += timedelta(hours=1)
    put(stage, cve_id, title=f"Changed at {stage.now}", **facts)


OPEN_ENDED = stated(PLAIN, Affected(cpe=FIREFOX, version_end_excluding="300"))


class TestFindings:
    def test_a_first_scan_lists_what_is_exploited_or_critical_only(self, world: Stage) -> None:
        critical = "CVE-2024-1003"
        put(world, critical, severity=Severity.CRITICAL)
        state(world, {critical: stated(critical, Affected(cpe=FIREFOX, version_end_excluding="101"))}, {})
        send(world, OLD)
        match(world)
        assert len(world.get("/findings")["items"]) == 3
        assert sorted(listed(world)) == [("finding", EXPLOITED), ("finding", critical)]
        assert counts(world) == (2, 1)

    def test_the_same_flaw_in_two_programs_is_one_event(self, world: Stage) -> None:
        send(world, OLD, STILL_OLD)
        send(world, OLD, machine="pc-2")
        match(world)
        (event,) = inbox(world)
        assert event["on_machines_total"] == len(event["on_machines"]) == 3
        assert event["on_machines"][0] == {
            "finding_id": event["on_machines"][0]["finding_id"],
            "machine_id": "pc-1",
            "machine": "PC-1",
            "program": OLD["name"],
            "version": "99.0",
            "fixed_in": "100.0",
            "state": "open",
        }

    def test_an_event_names_five_findings_and_counts_all(self, world: Stage) -> None:
        for number in range(7):
            send(world, OLD, machine=f"pc-{number}")
        match(world)
        (event,) = inbox(world)
        assert (len(event["on_machines"]), event["on_machines_total"]) == (5, 7)

    def test_a_machine_that_is_scanned_later_does_not_repeat_what_is_unread(self, world: Stage) -> None:
        send(world, OLD)
        match(world)
        world.now += timedelta(hours=1)
        send(world, OLD, machine="pc-2")
        (event,) = inbox(world)
        assert event["on_machines_total"] == 2
        mark(world, ids=[event["id"]], read=True)
        send(world, OLD, machine="pc-3")
        assert [event["read_at"] is None for event in inbox(world)] == [True, False]

    def test_a_record_that_begins_to_affect_a_program_is_an_event_whatever_its_severity(self, world: Stage) -> None:
        send(world, NEW)
        match(world)
        assert listed(world) == []
        later(world, PLAIN, severity=Severity.LOW)
        state(world, {PLAIN: OPEN_ENDED}, {PLAIN: BEFORE_116})
        match(world)
        match(world)
        assert listed(world) == [("finding", PLAIN)]

    def test_what_a_first_load_wrote_is_treated_as_by_a_first_scan(self, world: Stage) -> None:
        send(world, NEW)
        match(world)
        later(world, PLAIN)
        state(world, {PLAIN: OPEN_ENDED}, {PLAIN: BEFORE_116})
        world.now += timedelta(minutes=1)
        with world.database.transaction() as connection:
            MetadataRepository(connection).set(NEWS_SINCE_KEY, world.now.isoformat())
        match(world)
        assert listed(world) == []

    def test_a_verdict_that_becomes_certain_is_an_event(self, world: Stage) -> None:
        send(world, NEW)
        unbounded = stated(PLAIN, Affected(cpe=FIREFOX))
        state(world, {PLAIN: unbounded}, {PLAIN: BEFORE_116})
        match(world)
        assert {item["verdict"] for item in world.get("/findings")["items"]} == {"cannot_tell"}
        assert listed(world) == []
        later(world, PLAIN)
        state(world, {PLAIN: OPEN_ENDED}, {PLAIN: unbounded})
        match(world)
        assert listed(world) == [("finding", PLAIN)]

    def test_a_decision_about_a_product_is_treated_as_a_first_scan(self, world: Stage) -> None:
        send(world, {"name": "House browser", "version": "99.0"})
        match(world)
        world.now += timedelta(hours=1)
        product = {"vendor": "mozilla", "product": "firefox"}
        world.request("PUT", "/products/decisions", 200, json={"name": "House browser", "product": product})
        match(world)
        assert listed(world) == [("finding", EXPLOITED)]


class TestResolved:
    @pytest.fixture
    def scanned(self, world: Stage) -> Stage:
        send(world, OLD)
        match(world)
        world.now += timedelta(days=1)
        return world

    def test_an_updated_program_is_listed_with_its_version_and_needs_no_reading(self, scanned: Stage) -> None:
        send(scanned, NEW)
        match(scanned)
        assert counts(scanned) == (0, 0)
        resolved = inbox(scanned, kind="resolved")
        assert {event["cve_id"] for event in resolved} == set(CVES)
        assert {event["reason"] for event in resolved} == {"Updated to 200.0."}
        assert all(event["read_at"] for event in resolved)
        (ended,) = resolved[0]["on_machines"]
        assert (ended["machine"], ended["version"], ended["state"]) == ("PC-1", "99.0", "resolved")

    def test_a_removed_program_is_an_event(self, scanned: Stage) -> None:
        send(scanned)
        assert {event["reason"] for event in inbox(scanned, kind="resolved")} == {"Removed from the machine."}

    @pytest.mark.parametrize("matched_before", [False, True])
    def test_an_update_that_mends_nothing_is_no_event(self, scanned: Stage, matched_before: bool) -> None:
        if matched_before:
            send(scanned, STILL_OLD, machine="pc-2")
            match(scanned)
        send(scanned, STILL_OLD)
        match(scanned)
        assert listed(scanned) == [("finding", EXPLOITED)]
        assert inbox(scanned)[0]["read_at"] is None

    def test_an_update_that_mends_half_lists_that_half(self, scanned: Stage) -> None:
        send(scanned, {**OLD, "version": "105.0"})
        match(scanned)
        assert listed(scanned, kind="resolved") == [("resolved", EXPLOITED)]

    def test_a_narrower_record_is_listed_with_its_reason(self, scanned: Stage) -> None:
        narrow = stated(EXPLOITED, Affected(cpe=FIREFOX, version_end_excluding="50"))
        state(scanned, {EXPLOITED: narrow}, {EXPLOITED: BEFORE_100})
        match(scanned)
        (event,) = inbox(scanned, kind="resolved")
        assert event["reason"].startswith("Not affected: ")

    def test_what_is_ignored_ends_without_an_event(self, scanned: Stage) -> None:
        ids = [item["id"] for item in scanned.get("/findings")["items"]]
        scanned.request("PATCH", "/findings", 200, json={"ids": ids, "state": "ignored", "note": "a test machine"})
        send(scanned, NEW)
        match(scanned)
        assert listed(scanned, "everything", kind="resolved") == []

    def test_events_of_a_removed_machine_go_with_it(self, scanned: Stage) -> None:
        send(scanned, NEW)
        scanned.client.delete("/api/v1/machines/pc-1")
        assert listed(scanned) == []
        assert listed(scanned, "everything") == [("finding", EXPLOITED)]

    def test_what_comes_back_is_a_new_event(self, scanned: Stage) -> None:
        send(scanned, NEW)
        match(scanned)
        scanned.now += timedelta(days=1)
        send(scanned, OLD)
        match(scanned)
        assert listed(scanned)[0] == ("finding", EXPLOITED)
        assert listed(scanned).count(("finding", EXPLOITED)) == 2
        assert counts(scanned) == (1, 1)


class TestScopes:
    def test_mine_is_what_affects_a_machine_or_is_watched(self, world: Stage) -> None:
        put(world, CISCO, vendors=("cisco",), products=("ios xe",))
        send(world, OLD)
        match(world)
        for cve_id in (CISCO, PLAIN, "CVE-2024-9999"):
            happen(world, EventKind.CRITICAL, cve_id)
        assert listed(world, kind="critical") == [("critical", PLAIN)]
        watched = [{"vendor": "Cisco", "product": "IOS XE"}, {"search": "flaw"}]
        world.request("PUT", "/watchlist", 200, json={"items": watched})
        cisco = inbox(world, kind="critical")[-1]
        assert (cisco["cve_id"], cisco["watched"]) == (CISCO, ["Cisco IOS XE", "flaw"])
        assert counts(world) == (3, 1)
        world.request("PUT", "/watchlist", 200, json={"items": []})
        assert listed(world, kind="critical") == [("critical", PLAIN)]

    def test_an_event_is_mine_once_its_vulnerability_is_found_here(self, world: Stage) -> None:
        happen(world, EventKind.EXPLOITED, EXPLOITED)
        assert (listed(world), counts(world)) == ([], (0, 0))
        send(world, OLD)
        match(world)
        assert ("exploited", EXPLOITED) in listed(world)
        assert counts(world) == (1, 1), "two events of one vulnerability"

    def test_what_only_may_affect_is_not_mine(self, world: Stage) -> None:
        happen(world, EventKind.EXPLOITED, EXPLOITED)
        send(world, {**OLD, "version": ""})
        match(world)
        assert {item["verdict"] for item in world.get("/findings")["items"]} == {"cannot_tell"}
        assert listed(world) == []
        assert world.get("/vulnerabilities", mine=True)["items"] == []

    def test_what_is_ignored_does_not_count_until_it_is_open_again(self, world: Stage) -> None:
        send(world, OLD)
        match(world)
        (finding,) = world.get("/findings", exploited=True)["items"]
        until = (world.now + timedelta(days=1)).isoformat()
        world.request("PATCH", f"/findings/{finding['id']}", 200, json={"state": "ignored", "until": until})
        assert counts(world) == (0, 0)
        world.now += timedelta(days=2)
        after_an_update(world)
        assert counts(world) == (1, 1)

    def test_exploited_and_everything(self, world: Stage) -> None:
        put(world, CISCO)
        happen(world, EventKind.CRITICAL, CISCO)
        happen(world, EventKind.EXPLOITED, EXPLOITED)
        assert listed(world, "exploited") == [("exploited", EXPLOITED)]
        assert listed(world, "everything") == [("exploited", EXPLOITED), ("critical", CISCO)]
        page = world.get("/inbox", scope="everything")
        assert (page["total"], page["unread"], page["unread_exploited"]) == (2, 2, 1)

    def test_a_vulnerability_that_is_no_longer_stored_has_no_facts(self, world: Stage) -> None:
        happen(world, EventKind.CRITICAL, "CVE-2024-9999")
        (event,) = inbox(world, "everything")
        assert (event["title"], event["severity"], event["exploited"]) == ("", "UNKNOWN", False)


class TestFilters:
    @pytest.fixture
    def full(self, world: Stage) -> Stage:
        for number in range(5):
            happen(world, EventKind.CRITICAL if number % 2 else EventKind.EPSS_ROSE, f"CVE-2024-{number:04}")
        return world

    def test_the_newest_come_first_page_by_page(self, full: Stage) -> None:
        assert [cve for _, cve in listed(full, "everything", page=2, page_size=2)] == ["CVE-2024-0002", "CVE-2024-0001"]
        assert full.get("/inbox", scope="everything", page=2, page_size=2)["total"] == 5

    def test_by_kind_since_and_unread(self, full: Stage) -> None:
        assert len(listed(full, "everything", kind="critical")) == 2
        assert len(listed(full, "everything", kind="critical,epss_rose")) == 5
        since = (full.now - timedelta(minutes=1)).isoformat()
        assert [cve for _, cve in listed(full, "everything", since=since)] == ["CVE-2024-0004", "CVE-2024-0003"]
        newest = inbox(full, "everything")[0]["id"]
        mark(full, ids=[newest], read=True)
        for unread, total in ((True, 4), (False, 1)):
            page = full.get("/inbox", scope="everything", unread=unread)
            assert (page["total"], len(page["items"]), page["unread"]) == (total, total, 4)

    @pytest.mark.parametrize("wrong", [{"scope": "yours"}, {"kind": "birthday"}, {"since": "soon"}, {"colour": "red"}])
    def test_wrong_filters_are_refused(self, world: Stage, wrong: Json) -> None:
        world.get("/inbox", 422, **wrong)


class TestMarks:
    @pytest.fixture
    def full(self, world: Stage) -> Stage:
        send(world, OLD)
        match(world)
        for cve_id in (PLAIN, CISCO, EXPLOITED):
            happen(world, EventKind.CRITICAL, cve_id)
        return world

    def test_several_are_read_and_unread_again(self, full: Stage) -> None:
        ids = [event["id"] for event in inbox(full)]
        answer = mark(full, ids=[*ids, 4711], read=True)
        assert answer == {
            "unread": 0,
            "unread_exploited": 0,
            "changed": sorted(ids),
            "unknown": [4711],
        }
        assert mark(full, ids=ids, read=True)["changed"] == []
        assert mark(full, ids=answer["changed"], read=False)["unread"] == 2

    def test_all_up_to_one_of_a_scope(self, full: Stage) -> None:
        first = inbox(full, "everything")[-1]["id"]
        assert mark(full, up_to=first, scope="everything")["changed"] == [first]
        newest = inbox(full)[0]["id"]
        answer = mark(full, up_to=newest, scope="mine")
        assert (answer["unread"], len(answer["changed"])) == (0, 2)
        assert listed(full, "everything", unread=True) == [("critical", CISCO)]
        assert mark(full, up_to=newest, scope="exploited")["changed"] == []

    def test_what_is_newer_than_the_list_stays_unread(self, full: Stage) -> None:
        newest = inbox(full)[0]["id"]
        happen(full, EventKind.EXPLOITED, EXPLOITED)
        assert mark(full, up_to=newest, scope="mine")["unread"] == 1

    def test_an_unknown_last_event_is_named(self, full: Stage) -> None:
        assert "4711" in str(mark(full, 404, up_to=4711, scope="mine"))

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"ids": [], "read": True},
            {"ids": [1]},
            {"ids": [0], "read": True},
            {"ids": [1], "read": "yes"},
            {"up_to": 1},
            {"ids": [1], "read": True, "up_to": 1, "scope": "mine"},
            {"ids": list(range(1, 10_002)), "read": True},
        ],
    )
    def test_wrong_changes_are_refused(self, world: Stage, body: Json) -> None:
        mark(world, 422, **body)


class TestSeveralFindings:
    def test_all_are_changed_at_once_and_can_be_changed_back(self, world: Stage) -> None:
        send(world, OLD)
        match(world)
        ids = sorted(item["id"] for item in world.get("/findings")["items"])
        change = {"ids": [*ids, 4711], "state": "ignored", "note": "lab", "until": "2027-01-01T00:00:00Z"}
        answer = world.request("PATCH", "/findings", 200, json=change)
        assert answer["unknown"] == [4711]
        assert answer["before"] == [{"id": number, "state": "open", "note": "", "until": None} for number in ids]
        back = {"ids": ids, "state": "open"}
        assert {item["state"] for item in world.request("PATCH", "/findings", 200, json=back)["before"]} == {"ignored"}
        history = world.get(f"/findings/{ids[0]}")["history"]
        assert [(event["state"], event["note"]) for event in history] == [("ignored", "lab"), ("open", "lab")]

    def test_a_change_without_a_note_keeps_the_note_of_each(self, world: Stage) -> None:
        send(world, OLD)
        match(world)
        first, *others = sorted(item["id"] for item in world.get("/findings")["items"])
        world.request("PATCH", f"/findings/{first}", 200, json={"state": "open", "note": "ask Ann"})
        ids = [first, *others]
        for change in ({"state": "acknowledged"}, {"state": "ignored", "note": None}):
            world.request("PATCH", "/findings", 200, json={"ids": ids, **change})
            notes = {item["id"]: item["note"] for item in world.get("/findings")["items"]}
            assert notes == {first: "ask Ann"} | dict.fromkeys(others, "")
        wanted = [("open", "ask Ann"), ("acknowledged", "ask Ann"), ("ignored", "ask Ann")]
        assert [(event["state"], event["note"]) for event in world.get(f"/findings/{first}")["history"]] == wanted
        before = world.request("PATCH", "/findings", 200, json={"ids": ids, "state": "open", "note": ""})["before"]
        assert {item["id"]: item["note"] for item in before} == {first: "ask Ann"} | dict.fromkeys(others, "")
        assert world.get(f"/findings/{first}")["note"] == ""

    def test_what_is_resolved_is_left_alone(self, world: Stage) -> None:
        send(world, OLD)
        match(world)
        ids = sorted(item["id"] for item in world.get("/findings")["items"])
        send(world, NEW)
        answer = world.request("PATCH", "/findings", 200, json={"ids": ids, "state": "acknowledged"})
        assert answer == {"before": [], "unknown": ids}

    @pytest.mark.parametrize(
        "body", [{"state": "open"}, {"ids": [], "state": "open"}, {"ids": [1], "state": "resolved"}]
    )
    def test_wrong_changes_are_refused(self, world: Stage, body: Json) -> None:
        world.request("PATCH", "/findings", 422, json=body)


def test_events_are_deleted_after_400_days(world: Stage) -> None:
    happen(world, EventKind.CRITICAL, PLAIN)
    world.now += timedelta(days=399)
    happen(world, EventKind.CRITICAL, EXPLOITED)
    world.now += timedelta(days=2)
    assert clean_cache(world.settings, world.database, CountingRun(), lambda: world.now)["events"] == 1
    assert listed(world, "everything") == [("critical", EXPLOITED)]
