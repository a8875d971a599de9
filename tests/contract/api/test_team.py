"""Two desktops on one database: what is shared, who did it, and what is done only once for all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.api.app import create_app
from backend.config import Settings
from backend.contract.inbox import EventKind
from backend.contract.inventory import MAX_ENTRIES
from backend.contract.names import Severity, TaskName, Trigger
from backend.domain.claims import Affected
from backend.domain.schedule import ScheduleEntry
from backend.services.exposure.events import note_events
from backend.services.exposure.inventories import store_inventory
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database
from backend.store.exposure_tables import programs
from backend.store.repositories.events import NewEvent
from backend.store.repositories.schedule import ScheduleRepository
from backend.worker.beat.rounds import Beat
from tests.contract.api.conftest import BASE, BERLIN, Json, Stage
from tests.contract.api.installed import (
    BEFORE_100,
    CVES,
    FIREFOX,
    NEW,
    OLD,
    OTHER,
    SYSTEM,
    match,
    put_flaws,
    send,
    state,
    stated,
)
from tests.contract.api.test_matching_together import software
from tests.fakes.caller import from_caller
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

ANN, BOB = {"user": "ann", "machine": "DESK-7"}, {"user": "bob", "machine": "LAB-2"}


@pytest.fixture
def desks(database_url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Stage, Stage]]:
    """The API of ann's PC and that of bob's, each with a connection of its own to the same database."""
    stages = [_desk(database_url, home, person, monkeypatch) for person in (ANN, BOB)]
    with stages[0].client, stages[1].client:
        yield put_flaws(stages[0]), stages[1]
    for stage in stages:
        stage.database.close()


def _desk(url: str, home: Path, person: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr("backend.api.access.user_name", lambda: person["user"])
    monkeypatch.setattr("backend.api.access.host_name", lambda: person["machine"])
    stage = Stage(Settings(home=home / person["machine"]), Database(url), None)
    queue = TaskQueue(stage.database, lambda *message: stage.sent.append(message), lambda: stage.now)
    app = create_app(stage.settings, stage.database, queue, lambda: stage.now, lambda: BERLIN)
    stage.client = TestClient(from_caller(app), base_url=BASE, raise_server_exceptions=False)
    stage.client.get("/api/v1/live")  # builds the middleware, which reads whose PC it is
    return stage


def matched(stage: Stage) -> list[Json]:
    match(stage)
    items: list[Json] = stage.get("/findings")["items"]
    return items


# ---- who decided what


def test_the_last_word_on_a_finding_wins_and_its_history_has_both(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    send(ann, OLD)
    finding = matched(ann)[0]["id"]
    ann.request("PATCH", f"/findings/{finding}", 200, json={"state": "acknowledged"})
    bob.now += timedelta(minutes=1)
    bob.request("PATCH", "/findings", 200, json={"ids": [finding], "state": "ignored", "note": "not reachable"})
    for desk in desks:
        found = desk.get(f"/findings/{finding}")
        assert (found["state"], found["note"]) == ("ignored", "not reachable")
        assert [(event["state"], event["note"], event["by"]) for event in found["history"]] == [
            ("acknowledged", "", ANN),
            ("ignored", "not reachable", BOB),
        ]


def test_what_the_program_does_by_itself_has_no_author(desks: tuple[Stage, Stage]) -> None:
    ann, _ = desks
    send(ann, OLD)
    finding = matched(ann)[0]["id"]
    send(ann, NEW)
    match(ann)
    assert [event["by"] for event in ann.get(f"/findings/{finding}")["history"]] == [None]


def test_a_token_is_the_author_of_what_is_done_with_it(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    send(ann, OLD)
    finding = matched(ann)[0]["id"]
    token = ann.request("POST", "/tokens", 201, json={"name": "ticket robot", "role": "triage"})["token"]
    bob.client.patch(
        f"/api/v1/findings/{finding}",
        json={"state": "acknowledged"},
        headers={"Authorization": f"Bearer {token}"},
    )
    (event,) = ann.get(f"/findings/{finding}")["history"]
    assert event["by"] == {"user": "ticket robot", "machine": ""}


def test_a_decision_on_a_product_holds_for_both_and_names_who_took_it(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    decision = {"name": "Notes", "product": {"vendor": "mozilla", "product": "firefox"}}
    bob.request("PUT", "/products/decisions", 200, json=decision)
    assert ann.get("/products/resolve", name="Notes")["product"]["by"] == "user"
    (listed,) = ann.get("/products/decisions")["items"]
    assert listed["name"].casefold() == "notes"
    assert listed["product"] == {"vendor": "mozilla", "product": "firefox"}
    assert (listed["decided_by"], listed["decided_at"]) == (BOB, "2026-03-01T12:00:00Z")


def test_the_watchlist_is_shared_and_its_changes_name_who_made_them(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    acme, other = ({"vendor": name, "product": "", "version": "", "search": ""} for name in ("acme", "other"))
    ann.request("PUT", "/watchlist", 200, json={"items": [acme]})
    ann.request("PUT", "/watchlist", 200, json={"items": [acme]})
    bob.request("PUT", "/watchlist", 200, json={"items": [other]})
    assert ann.get("/watchlist")["items"] == [other]
    changes = [(item["by"], item["added"], item["removed"]) for item in ann.get("/watchlist/history")["items"]]
    assert changes == [(BOB, [other], [acme]), (ANN, [acme], [])], "what changes nothing is no change"


# ---- what concerns one PC


def counts(desk: Stage) -> tuple[int, int]:
    """What the desk's tray counts: unread vulnerabilities, and the exploited ones among them."""
    found = desk.get("/snapshot")["inbox"]
    return found["unread"], found["unread_exploited"]


def happened(desk: Stage, scope: str = "pc") -> set[tuple[str, str]]:
    return {(event["kind"], event["cve_id"]) for event in desk.get("/inbox", scope=scope)["items"]}


def test_what_is_found_on_a_pc_concerns_that_pc_and_the_team_sees_it(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    send(ann, OLD, machine="ann")
    send(bob, OTHER, machine="bob")
    match(ann)
    assert (counts(ann), counts(bob)) == ((1, 1), (0, 0))
    assert happened(ann) == happened(ann, "mine") == happened(bob, "mine") == {("finding", CVES[1])}
    assert happened(bob) == set()
    assert ann.get("/snapshot")["is_team"] is bob.get("/snapshot")["is_team"] is True


def test_what_is_watched_concerns_each_pc_of_the_team(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    with ann.database.transaction() as connection:
        note_events(connection, [NewEvent(EventKind.EXPLOITED, CVES[1], "day", ann.now)])
    assert (counts(ann), counts(bob)) == ((0, 0), (0, 0))
    search = {"name": "w", "is_watched": True, "filters": {"search": CVES[1]}}
    ann.request("PUT", "/searches", 200, json={"items": [search]})
    assert (counts(ann), counts(bob)) == ((1, 1), (1, 1))
    ann.request("PUT", "/searches", 200, json={"items": []})
    assert (counts(ann), counts(bob)) == ((0, 0), (0, 0))


def test_a_list_of_another_machine_concerns_the_pc_that_sent_it_last(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    send(ann, OLD, machine="server")
    match(ann)
    assert (counts(ann), counts(bob)) == ((1, 1), (0, 0))
    send(bob, OLD, machine="server")
    assert (counts(ann), counts(bob)) == ((0, 0), (1, 1)), "also where it is the same list as before"


def test_what_comes_to_affect_another_pc_is_no_news_for_one_that_had_it(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    send(ann, OLD, machine="ann")
    match(ann)
    send(bob, OLD, machine="bob")
    assert (counts(ann), counts(bob)) == ((1, 1), (1, 1)), "the unread event is about both"
    ids = [event["id"] for event in ann.get("/inbox", scope="pc")["items"]]
    ann.request("PATCH", "/inbox", 200, json={"ids": ids, "read": True})
    assert (counts(ann), counts(bob)) == ((0, 0), (0, 0)), "what one has read is read for all"
    ann.now += timedelta(hours=1)
    with ann.database.transaction() as connection:
        store_inventory(connection, "third", software(OLD), "a third PC", ann.now)
    assert (counts(ann), counts(bob)) == ((0, 0), (0, 0))
    assert ann.get("/inbox", scope="mine", unread=True)["unread"] == 1


@pytest.mark.parametrize("decided", [{"state": "open", "note": "known"}, {"state": "acknowledged"}])
def test_a_decision_makes_no_news_of_what_a_pc_had_before(desks: tuple[Stage, Stage], decided: Json) -> None:
    ann, bob = desks
    send(bob, OLD, machine="bob")
    match(ann)
    ids = [event["id"] for event in bob.get("/inbox", scope="pc")["items"]]
    bob.request("PATCH", "/inbox", 200, json={"ids": ids, "read": True})
    finding = next(item["id"] for item in bob.get("/findings")["items"] if item["cve_id"] == CVES[1])
    ann.now += timedelta(hours=1)
    bob.now = ann.now + timedelta(hours=1)
    send(ann, OLD, machine="ann")
    assert (counts(ann), counts(bob)) == ((1, 1), (0, 0))
    bob.request("PATCH", f"/findings/{finding}", 200, json=decided)
    bob.request("PATCH", f"/findings/{finding}", 200, json={"state": "open"})
    assert (counts(ann), counts(bob)) == ((1, 1), (0, 0))


def test_clocks_that_differ_hide_no_news(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    bob.now = ann.now - timedelta(minutes=5)
    send(ann, OLD, machine="ann")
    match(ann)
    send(bob, OLD, machine="bob")
    assert (counts(ann), counts(bob)) == ((1, 1), (1, 1))


def test_a_finding_that_becomes_sure_is_news_for_its_pc(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    unclear = stated(CVES[1], Affected(cpe=FIREFOX))
    state(ann, {CVES[1]: unclear}, {CVES[1]: BEFORE_100})
    send(ann, OLD, machine="ann")
    match(ann)
    assert counts(ann) == (0, 0)
    ann.now += timedelta(hours=1)
    state(ann, {CVES[1]: BEFORE_100}, {CVES[1]: unclear})
    match(ann)
    assert (counts(ann), counts(bob)) == ((1, 1), (0, 0))


def test_events_of_one_pc_name_only_its_machines(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    for number in range(7):
        send(ann, OLD, machine=f"a{number}")
    send(bob, OLD, machine="bob")
    match(ann)
    (event,) = bob.get("/inbox", scope="pc")["items"]
    assert ([found["machine_id"] for found in event["on_machines"]], event["on_machines_total"]) == (["bob"], 1)
    (event,) = bob.get("/inbox", scope="mine")["items"]
    assert (len(event["on_machines"]), event["on_machines_total"]) == (5, 8)


def test_the_findings_of_one_pc_are_those_on_its_machines(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    send(ann, OLD, machine="ann")
    send(ann, OLD, machine="server")
    send(bob, OLD, machine="bob")
    match(ann)
    found = [desk.get("/findings", cve_id=CVES[1], own=True) for desk in desks]
    assert [{item["machine"] for item in page["items"]} for page in found] == [{"ann", "server"}, {"bob"}]
    assert [page["total"] for page in found] == [2, 1]
    assert ann.get("/findings", cve_id=CVES[1])["total"] == 3


def test_all_of_one_pc_is_read_and_the_rest_of_the_team_stays_unread(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    send(ann, OLD, machine="ann")
    send(bob, OTHER, machine="bob")
    match(ann)
    newest = max(event["id"] for event in ann.get("/inbox", scope="mine")["items"])
    answer = bob.request("PATCH", "/inbox", 200, json={"up_to": newest, "scope": "pc"})
    assert (answer["changed"], counts(ann)) == ([], (1, 1))
    answer = ann.request("PATCH", "/inbox", 200, json={"up_to": newest, "scope": "pc"})
    assert (answer["unread"], counts(ann)) == (0, (0, 0))


def test_a_single_pc_is_no_team_however_many_lists_it_sent(desks: tuple[Stage, Stage]) -> None:
    ann, _ = desks
    send(ann, OLD, machine="ann")
    send(ann, OLD, machine="server")
    assert ann.get("/snapshot")["is_team"] is False


# ---- done once for all


def test_two_desktops_that_ask_for_an_update_get_the_same_one(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    first = ann.post("/tasks/update-vulnerabilities")
    second = bob.post("/tasks/update-vulnerabilities", 200)
    assert (second["task_id"], second["already_running"]) == (first["task_id"], True)
    assert len(ann.sent) + len(bob.sent) == 1


def test_the_schedules_of_two_desktops_start_a_due_run_once(desks: tuple[Stage, Stage]) -> None:
    """Each desktop has a beat; the entry and its next run are rows of the shared database."""
    entry = ScheduleEntry("statistics", TaskName.UPDATE_STATS, "*/15 * * * *")
    beats = []
    for desk in desks:
        with desk.database.transaction() as connection:
            ScheduleRepository(connection).seed([entry])
        queue = TaskQueue(desk.database, lambda *_: None, lambda desk=desk: desk.now)
        beats.append(
            Beat(
                desk.database,
                queue,
                [entry],
                lambda _: None,
                clock=lambda desk=desk: desk.now,
                zone=lambda: BERLIN,
                network=lambda: True,
            )
        )
    try:
        for minutes in (0, 16):
            for desk in desks:
                desk.now += timedelta(minutes=minutes)
            for beat in beats:
                beat.round()
        runs = desks[0].get("/tasks", name=TaskName.UPDATE_STATS, trigger=Trigger.SCHEDULE)
        assert runs["total"] == 1
    finally:
        for beat in beats:
            beat._heartbeat.stop()


def test_programs_that_two_machines_have_are_matched_once_by_one_run(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    first = send(ann, OLD, OTHER, machine="desk-7")
    second = send(bob, OLD, OTHER, machine="lab-2")
    assert second["task_id"] in (first["task_id"], None)
    with bob.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(programs)).scalar_one() == 2
    assert {item["machine"] for item in matched(bob)} == {"desk-7", "lab-2"}


# ---- who has what


def test_a_program_is_counted_on_all_machines_the_worst_first(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    with ann.database.transaction() as connection:
        put_vulnerabilities(connection, [(vulnerability(CVES[0], severity=Severity.HIGH), 0.5)], ann.now)
    send(ann, OLD, OTHER, machine="desk-7", os=SYSTEM)
    send(bob, OLD, NEW, machine="lab-2", os=SYSTEM)
    match(ann)
    found = bob.get("/programs")["items"]
    rows = [(item["software"]["version"], item["machines"], item["affected"], item["exploited"]) for item in found]
    assert rows[0] == ("99.0", 2, len(CVES), 1)
    assert (SYSTEM["build"], 2, 0, 0) in rows
    assert {item["machines"] for item in found} == {1, 2}
    assert found[0]["worst"] == "HIGH"


@pytest.mark.parametrize(
    ("search", "versions"),
    [
        ("firefox", ["99.0", "200.0"]),
        ("FIREFOX 99", ["99.0"]),
        ("firefox 9%", []),
        ("99", ["99.0"]),
        ("mozilla 2", ["200.0"]),
    ],
)
def test_programs_are_found_by_name_and_version(desks: tuple[Stage, Stage], search: str, versions: list[str]) -> None:
    ann, _ = desks
    send(ann, OLD, NEW, OTHER)
    match(ann)
    found = ann.get("/programs", search=search)
    assert [item["software"]["version"] for item in found["items"]] == versions
    assert found["total"] == len(versions)


def test_the_machines_that_have_a_program_are_named(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    send(ann, OLD, machine="desk-7")
    send(bob, OLD, NEW, machine="lab-2")
    by_version = {item["software"]["version"]: item["id"] for item in ann.get("/programs")["items"]}
    names = [item["name"] for item in ann.get(f"/programs/{by_version['99.0']}/machines")["items"]]
    assert names == ["DESK-7", "LAB-2"]
    (only,) = ann.get(f"/programs/{by_version['200.0']}/machines")["items"]
    assert (only["id"], only["user"]) == ("lab-2", "me")
    ann.get("/programs/9999/machines", 404)


def test_updates_of_windows_are_no_programs(desks: tuple[Stage, Stage]) -> None:
    ann, _ = desks
    send(ann, OTHER, {"name": "KB5031354", "kind": "windows_update"})
    assert [item["software"]["name"] for item in ann.get("/programs")["items"]] == ["Notes"]


def test_a_removed_machine_has_nothing_any_more(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    send(ann, OLD, machine="desk-7")
    bob.client.delete("/api/v1/machines/desk-7")
    assert ann.get("/programs")["items"] == []


def test_the_snapshot_says_how_many_machines_there_are(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    assert bob.get("/snapshot")["machines"] == 0
    for machine in ("one", "two"):
        send(ann, OTHER, machine=machine)
    assert bob.get("/snapshot")["machines"] == 2


# ---- machines that send too much, or lie


def test_a_machine_with_too_many_entries_is_refused_with_the_limit(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    body = {"software": [{"name": f"p{number}"} for number in range(MAX_ENTRIES + 1)]}
    error = bob.request("PUT", "/machines/lab-2/inventory", 422, json=body)["error"]
    assert f"{MAX_ENTRIES}" in error["message"].replace(",", "")
    assert ann.get("/machines")["items"] == []


def test_a_machine_that_takes_the_name_of_another_one_stays_apart(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    liar = {"name": "DESK-7", "user": "ann"}
    send(ann, OLD, machine="desk-7")
    bob.request("PUT", "/machines/lab-2/inventory", 200, json={"software": [OTHER], "machine": liar})
    assert [(item["id"], item["name"], item["programs"]) for item in ann.get("/machines")["items"]] == [
        ("desk-7", "DESK-7", 1),
        ("lab-2", "DESK-7", 1),
    ]


def test_a_machine_that_is_called_otherwise_stays_the_same_one(desks: tuple[Stage, Stage]) -> None:
    ann, bob = desks
    send(ann, OLD, machine="desk-7")
    ann.request("PUT", "/machines/desk-7/inventory", 200, json={"software": [OLD], "machine": {"name": "NEW-NAME"}})
    (machine,) = bob.get("/machines")["items"]
    assert (machine["id"], machine["name"], machine["user"]) == ("desk-7", "NEW-NAME", "me")


def test_a_name_that_is_far_too_long_is_refused(desks: tuple[Stage, Stage]) -> None:
    body = {"software": [OTHER], "machine": {"name": "x" * 401}}
    desks[0].request("PUT", "/machines/desk-7/inventory", 422, json=body)
