"""GET /report: what it counts, what it lists, and for whom."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import pytest

from backend.contract.inbox import EventKind
from backend.domain.claims import Affected
from backend.services.exposure.events import note_events
from backend.store.repositories.events import NewEvent
from tests.contract.api.conftest import Json, Stage
from tests.contract.api.installed import (
    BEFORE_100,
    CVES,
    FIREFOX,
    NEW,
    OLD,
    OTHER,
    after_an_update,
    match,
    put_flaws,
    send,
    state,
    stated,
)
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

PLAIN, EXPLOITED = CVES
WATCHED = "CVE-2024-3001"


@pytest.fixture
def world(stage: Stage) -> Stage:
    return put_flaws(stage)


def report(stage: Stage, **wanted: object) -> Json:
    """The report at the next minute: what happens at its very end belongs to the following one."""
    stage.now += timedelta(minutes=1)
    return stage.get("/report", **wanted)


def scan(stage: Stage, *software: Json, machine: str = "pc-1") -> None:
    """A minute later, a machine has this."""
    stage.now += timedelta(minutes=1)
    send(stage, *software, machine=machine)
    match(stage)


def happen(stage: Stage, kind: EventKind, cve_id: str, **more: object) -> None:
    stage.now += timedelta(minutes=1)
    with stage.database.transaction() as connection:
        note_events(connection, [NewEvent(kind, cve_id, stage.now.isoformat(), stage.now, **more)])


def put(stage: Stage, cve_id: str, **facts: object) -> None:
    with stage.database.transaction() as connection:
        put_vulnerabilities(connection, [(vulnerability(cve_id, **facts), 0.5)], stage.now)


def kinds(found: Json) -> list[tuple[str, str]]:
    return sorted((item["kind"], item["cve_id"]) for item in found["items"])


class TestFigures:
    def test_nothing_happened(self, stage: Stage) -> None:
        found = report(stage)
        assert found["figures"] == found["previous"] == {"new": 0, "exploited": 0, "fixed": 0}
        assert (found["items"], found["programs"], found["overdue"], found["open"]) == ([], [], 0, 0)

    def test_a_program_with_two_vulnerabilities_is_new_once_each(self, world: Stage) -> None:
        scan(world, OLD)
        scan(world, OLD, machine="pc-2")
        found = report(world)
        assert found["figures"] == {"new": 2, "exploited": 1, "fixed": 0}
        assert found["items_total"] == len(found["items"]) == 4
        assert (found["open"], found["machines"]) == (2, 2)
        first = found["items"][0]
        assert (first["cve_id"], first["exploited"], first["kind"]) == (EXPLOITED, True, "new")
        assert (first["program"], first["version"], first["fixed_in"]) == (OLD["name"], "99.0", "100.0")
        (program,) = found["programs"]
        assert program == {
            "name": OLD["name"],
            "version": "99.0",
            "machines": ["PC-1", "PC-2"],
            "affected": 2,
            "exploited": 1,
            "update_to": "116.0",
            "mended": 2,
        }

    def test_an_update_fixes_and_the_period_before_is_compared(self, world: Stage) -> None:
        scan(world, OLD)
        world.now += timedelta(days=7)
        scan(world, NEW)
        found = report(world)
        assert found["figures"] == {"new": 0, "exploited": 0, "fixed": 2}
        assert found["previous"] == {"new": 2, "exploited": 1, "fixed": 0}
        assert {item["reason"] for item in found["items"]} == {"Updated to 200.0."}

    def test_an_update_to_a_version_as_vulnerable_is_listed_and_not_counted(self, world: Stage) -> None:
        scan(world, OLD)
        world.now += timedelta(days=8)
        scan(world, {**OLD, "version": "99.5"})
        found = report(world)
        assert kinds(found) == sorted((kind, cve_id) for kind in ("new", "fixed") for cve_id in CVES)
        assert not any(item["counted"] for item in found["items"])
        assert found["figures"] == {"new": 0, "exploited": 0, "fixed": 0}

    def test_what_only_may_affect_is_not_counted(self, world: Stage) -> None:
        scan(world, {**OLD, "version": ""})
        found = report(world)
        assert found["figures"]["new"] == found["open"] == 0
        assert {(item["verdict"], item["counted"]) for item in found["items"]} == {("cannot_tell", False)}
        assert found["programs"] == []

    def test_what_is_ignored_is_not_counted(self, world: Stage) -> None:
        scan(world, OLD)
        (finding,) = world.get("/findings", exploited=True)["items"]
        world.request("PATCH", f"/findings/{finding['id']}", 200, json={"state": "ignored", "note": "a test PC"})
        found = report(world)
        assert (found["figures"]["new"], found["open"]) == (1, 1)
        assert {item["cve_id"]: item["counted"] for item in found["items"]} == {PLAIN: True, EXPLOITED: False}

    def test_what_came_went_and_came_back_is_listed_each_time(self, world: Stage) -> None:
        for software in (OLD, NEW, OLD):
            scan(world, software)
        found = report(world)
        assert kinds(found).count(("new", PLAIN)) == 2
        assert kinds(found).count(("fixed", PLAIN)) == 1
        assert all(item["counted"] for item in found["items"])

    def test_an_end_of_ignoring_is_nothing_new(self, world: Stage) -> None:
        scan(world, OLD)
        (finding,) = world.get("/findings", exploited=True)["items"]
        until = (world.now + timedelta(days=1)).isoformat()
        world.request("PATCH", f"/findings/{finding['id']}", 200, json={"state": "ignored", "until": until})
        world.now += timedelta(days=8)
        after_an_update(world)
        assert report(world)["items"] == []

    def test_overdue_is_what_concerns_and_is_past_its_date(self, world: Stage) -> None:
        today = world.now.date()
        put(world, EXPLOITED, exploited_in_the_wild=True, cisa_due_date=today - timedelta(days=2))
        put(world, WATCHED, exploited_in_the_wild=True, cisa_due_date=today - timedelta(days=20), vendors=("cisco",))
        put(world, "CVE-2024-4001", exploited_in_the_wild=True, cisa_due_date=today - timedelta(days=20))
        scan(world, OLD)
        found = report(world)
        assert (found["overdue"], found["became_overdue"]) == (1, 1)
        world.request("PUT", "/watchlist", 200, json={"items": [{"vendor": "Cisco"}]})
        found = report(world)
        assert (found["overdue"], found["became_overdue"]) == (2, 1)
        assert [(item["cve_id"], item["program"]) for item in found["overdue_items"]] == [
            (WATCHED, ""),
            (EXPLOITED, OLD["name"]),
        ]

    def test_what_is_due_today_is_not_overdue(self, world: Stage) -> None:
        put(world, EXPLOITED, exploited_in_the_wild=True, cisa_due_date=world.now.date())
        scan(world, OLD)
        assert report(world)["overdue"] == 0


class TestEvents:
    def test_events_of_what_concerns_are_listed_once(self, world: Stage) -> None:
        scan(world, OLD)
        happen(world, EventKind.EXPLOITED, EXPLOITED)
        happen(world, EventKind.EPSS_ROSE, PLAIN, epss_before=0.02, epss_after=0.61)
        happen(world, EventKind.CRITICAL, "CVE-2024-9999")
        found = report(world)
        assert kinds(found) == sorted(
            [("new", PLAIN), ("new", EXPLOITED), ("exploited", EXPLOITED), ("epss_rose", PLAIN)]
        )
        assert found["figures"] == {"new": 2, "exploited": 1, "fixed": 0}

    def test_an_event_of_what_was_fixed_since_is_not_lost(self, world: Stage) -> None:
        scan(world, OLD)
        happen(world, EventKind.EXPLOITED, EXPLOITED)
        scan(world, NEW)
        assert ("exploited", EXPLOITED) in kinds(report(world))
        world.now += timedelta(days=7)
        happen(world, EventKind.EPSS_ROSE, EXPLOITED, epss_after=0.9)
        assert report(world, period="day")["items"] == []

    def test_the_scopes(self, world: Stage) -> None:
        put(world, WATCHED, exploited_in_the_wild=True)
        scan(world, OLD)
        happen(world, EventKind.EXPLOITED, WATCHED)
        happen(world, EventKind.CRITICAL, "CVE-2024-9999")
        assert kinds(report(world)) == sorted([("new", PLAIN), ("new", EXPLOITED)])
        assert kinds(report(world, scope="exploited")) == sorted([("new", EXPLOITED), ("exploited", WATCHED)])
        assert len(report(world, scope="all")["items"]) == 4

    def test_one_machine_by_id_or_name(self, world: Stage) -> None:
        scan(world, OLD)
        scan(world, OTHER, machine="pc-2")
        happen(world, EventKind.EXPLOITED, EXPLOITED)
        for name in ("pc-1", "PC-1"):
            found = report(world, machine=name)
            assert (found["machine"], len(found["items"]), len(found["programs"])) == ("PC-1", 3, 1)
        assert report(world, machine="pc-2")["items"] == []
        assert world.get("/report", 404, machine="nobody")["error"]["title"] == "No such machine"

    @pytest.mark.parametrize("wrong", [{"period": "year"}, {"scope": "yours"}, {"format": "pdf"}, {"colour": "red"}])
    def test_wrong_parameters_are_refused(self, stage: Stage, wrong: Json) -> None:
        stage.get("/report", 422, **wrong)


class TestPeriods:
    def test_the_beginning_belongs_to_it_and_the_end_does_not(self, world: Stage) -> None:
        world.now += timedelta(minutes=1)
        send(world, OLD)
        match(world)
        at = world.now
        assert world.get("/report", period="day")["items"] == []
        world.now = at + timedelta(days=1)
        assert len(world.get("/report", period="day")["items"]) == 2
        world.now += timedelta(seconds=1)
        assert world.get("/report", period="day")["items"] == []
        assert len(world.get("/report", period="week")["items"]) == 2

    def test_a_record_that_begins_to_affect_a_program_is_new_then(self, world: Stage) -> None:
        scan(world, NEW)
        world.now += timedelta(days=40)
        wide = stated(EXPLOITED, Affected(cpe=FIREFOX, version_end_excluding="300"))
        state(world, {EXPLOITED: wide}, {EXPLOITED: BEFORE_100})
        match(world)
        assert kinds(report(world, period="day")) == [("new", EXPLOITED)]


class TestFormats:
    def test_html_is_escaped_and_says_the_headline(self, world: Stage) -> None:
        put(world, EXPLOITED, exploited_in_the_wild=True, title="<script>alert(1)</script> \u202egnp.exe\x1b[31m")
        scan(world, OLD)
        world.now += timedelta(minutes=1)
        answer = world.client.get("/api/v1/report", params={"format": "html"})
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        page = answer.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; gnp.exe[31m" in page
        assert not [word for word in ("<script", "\u202e", "\x1b") if word in page]
        assert "2 new, 1 exploited. 0 fixed, 0 overdue." in page
        assert "2026-03-01 13:02" in page, "times are those of the machine's zone"

    def test_csv_has_a_line_for_each_item_and_no_formulas(self, world: Stage) -> None:
        put(world, EXPLOITED, exploited_in_the_wild=True, title="=HYPERLINK(1)", cisa_due_date=date(2026, 5, 1))
        scan(world, OLD)
        world.now += timedelta(minutes=1)
        answer = world.client.get("/api/v1/report", params={"format": "csv"})
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert (rows[0]["title"], rows[0]["due_date"]) == ("'=HYPERLINK(1)", "2026-05-01")
        assert [row["cve_id"] for row in rows] == [EXPLOITED, PLAIN]

    def test_json_is_the_report(self, world: Stage) -> None:
        scan(world, OLD)
        answer = world.client.get("/api/v1/report", params={"format": "json"})
        assert json.loads(answer.content)["format"] == 1
