"""Several workers match at once, and inventories come meanwhile: nothing is missed, and nothing is there twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from backend.contract.inbox import EventKind
from backend.contract.inventory import Inventory, SoftwareEntry
from backend.contract.names import Queue, Role, RunState, TaskName, Trigger
from backend.domain.claims import Affected
from backend.services.exposure import matching_run
from backend.services.exposure.inventories import store_inventory
from backend.services.exposure.matching_run import match_inventory, portions
from backend.services.runs.queue import new_run
from backend.store.exposure_tables import events
from backend.store.repositories.events import AddedEvent, EventRepository, NewEvent
from backend.store.repositories.findings import FindingScope
from backend.store.repositories.matching import MatchedProgram, MatchingRepository
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.workers import WorkerRepository
from backend.worker.runs.heartbeat import this_process
from backend.worker.runs.runtime import initial_row
from tests.contract.api.conftest import Json, Stage
from tests.contract.api.installed import BEFORE_116, CVES, FIREFOX, OLD, match, put_flaws, send, state, stated
from tests.fakes.sources import CountingRun

OLDER = {**OLD, "version": "98.0"}
LONG_ENOUGH_S = 0.5
"""Time that another transaction has in which it must not get further."""


@pytest.fixture
def world(stage: Stage) -> Stage:
    return put_flaws(stage)


def open_findings(world: Stage) -> list[tuple[str, str]]:
    return sorted((item["machine"], item["cve_id"]) for item in world.get("/findings")["items"])


def of(machines: Iterable[str], cve_ids: Collection[str] = CVES) -> list[tuple[str, str]]:
    return sorted((machine, cve_id) for machine in machines for cve_id in cve_ids)


def software(entry: Json) -> Inventory:
    return Inventory(software=(SoftwareEntry(**entry),))


def test_an_inventory_that_comes_while_its_programs_are_matched_gets_their_findings(
    world: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(world, OLD)
    put, is_put = MatchingRepository.put_matches, threading.Event()

    def put_slowly(self: MatchingRepository, results: list[MatchedProgram], products_seen: int) -> None:
        put(self, results, products_seen)
        is_put.set()
        time.sleep(LONG_ENOUGH_S)

    monkeypatch.setattr(MatchingRepository, "put_matches", put_slowly)
    with ThreadPoolExecutor() as threads:
        matching = threads.submit(match, world)
        assert is_put.wait(30)
        with world.database.transaction() as connection:
            store_inventory(connection, "pc-2", software(OLD), "", world.now)
        matching.result()
    assert open_findings(world) == of(("pc-1", "pc-2"))


def test_programs_that_are_matched_while_an_inventory_comes_get_its_findings(world: Stage) -> None:
    send(world, OLD)
    with ThreadPoolExecutor() as threads:
        with world.database.transaction() as connection:
            store_inventory(connection, "pc-2", software(OLD), "", world.now)
            matching = threads.submit(match, world)
            time.sleep(LONG_ENOUGH_S)
        matching.result()
    match(world)  # on PostgreSQL the program was left out while the inventory had locked it
    assert open_findings(world) == of(("pc-1", "pc-2"))


def test_two_workers_write_the_event_of_a_vulnerability_once(world: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    send(world, OLD)
    send(world, OLDER, machine="pc-2")
    add = EventRepository.add

    def add_slowly(self: EventRepository, new: Iterable[NewEvent]) -> list[AddedEvent]:
        time.sleep(LONG_ENOUGH_S)
        return add(self, new)

    monkeypatch.setattr(matching_run, "CHUNK", 1)
    monkeypatch.setattr(EventRepository, "add", add_slowly)

    names = ("run-1", "run-2")
    with world.database.transaction() as connection:
        for name in names:
            run = replace(new_run(TaskName.MATCH, Trigger.API, world.now), task_id=name, state=RunState.STARTED)
            RunRepository(connection).add(run)

    def work(name: str) -> None:
        match_inventory(world.settings, world.database, CountingRun(name), lambda: world.now)

    with ThreadPoolExecutor() as threads:
        list(threads.map(work, names))
    with world.database.reading() as connection:
        written = connection.execute(select(events.c.kind, events.c.cve_id)).all()
    assert [tuple(row) for row in written] == [(EventKind.FINDING, CVES[1])]


class Killed(Exception):  # noqa: N818 - what happens to the process
    pass


class KilledAt(CountingRun):
    """A run whose process ends at a later transaction."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.left = steps

    def fence(self, connection: object) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


@pytest.mark.parametrize("steps", range(1, 5))
def test_killed_between_portions_of_machines_it_gives_the_same_reasons(
    world: Stage, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching_run, "FINDINGS_AT_ONCE", 1)
    machines = [f"pc-{number}" for number in range(3)]
    for machine in machines:
        send(world, OLD, machine=machine)
    match(world)
    assert open_findings(world) == of(machines)
    narrower = stated(CVES[0], Affected(cpe=FIREFOX, version_end_excluding="98.0"))
    state(world, {CVES[0]: narrower}, {CVES[0]: BEFORE_116})
    with pytest.raises(Killed):
        match_inventory(world.settings, world.database, KilledAt(steps), lambda: world.now)
    match(world)
    assert open_findings(world) == of(machines, CVES[1:])
    ends = [item["resolution"] for item in world.get("/findings", state="resolved")["items"]]
    assert ends == ["Not affected: NVD calls only versions before 98.0 affected."] * len(machines)
    resolved = [item["kind"] for item in world.get("/inbox")["items"]].count(EventKind.RESOLVED)
    assert resolved == len(machines)


def test_a_long_inventory_does_not_hold_up_a_short_one(world: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching_run, "CHUNK", 5)
    send(world, *({"name": f"Program {number}", "version": "1.0"} for number in range(50)))
    send(world, OLD, {"name": "Notes", "version": "1.0"}, machine="pc-2")

    class Once(CountingRun):
        """A run that is stopped after its first chunk."""

        def progress(self, *_: object, **__: object) -> None:
            raise Killed

    with pytest.raises(Killed):
        match_inventory(world.settings, world.database, Once(), lambda: world.now)
    assert [program["matched"] for program in world.get("/machines/pc-2")["software"]] == [True, True]
    assert open_findings(world) == of(["pc-2"])


@pytest.mark.parametrize(("workers", "programs", "runs"), [(0, 4, 1), (3, 4, 3), (3, 1, 1)])
def test_each_worker_gets_a_run_where_there_is_enough_to_match(
    world: Stage, workers: int, programs: int, runs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching_run, "MORE_RUNS", 2)
    identity = this_process([Queue.FAST])
    with world.database.transaction() as connection:
        for number in range(workers):
            row = initial_row(identity, Role.WORKER, [Queue.FAST])
            WorkerRepository(connection).put(replace(row, name=f"fast@host-{number}"))
        slow = initial_row(identity, Role.WORKER, [Queue.SLOW])
        WorkerRepository(connection).put(replace(slow, name="slow@host"))
    send(world, *({"name": f"Program {number}", "version": "1.0"} for number in range(programs)))
    with world.database.reading() as connection:
        waiting = [run.name for run in RunRepository(connection).waiting()]
    assert waiting == [TaskName.MATCH] * runs


def test_portions_cover_all_machines_and_are_bounded() -> None:
    ids, half = [7], matching_run.FINDINGS_AT_ONCE // 2
    assert list(portions(ids, [])) == [FindingScope(programs=ids)]
    assert list(portions(ids, [(3, half), (5, half), (9, 1), (12, 3 * half), (13, 1)])) == [
        FindingScope(programs=ids, end=9),
        FindingScope(programs=ids, first=9, end=12),
        FindingScope(programs=ids, first=12, end=13),
        FindingScope(programs=ids, first=13),
    ]
