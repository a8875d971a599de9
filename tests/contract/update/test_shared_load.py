"""A first load that a peer shares, with scripted sources, on both databases: it ends as one by the worker alone."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection

from backend.config import Settings
from backend.connectors.connector import Connector, KnownVersions, RawRecord, RecordPage, Watch
from backend.contract.errors import RunInterrupted
from backend.contract.names import Source
from backend.domain.claims import Claim, Feed
from backend.services.update.outcome import PartOutcome
from backend.services.update.page import PageIngest
from backend.services.update.peer_messages import PageTask
from backend.services.update.source_update import SourceEntry
from backend.services.update.update import run_update
from backend.store.engine import Database
from backend.store.repositories.sources import SourceRepository
from tests.contract.update.test_update import nvd_claim
from tests.fakes.peer import FakePeer
from tests.fakes.sources import (
    NOON,
    CountingRun,
    Script,
    ScriptedArchive,
    ScriptedConnector,
    ScriptedMapping,
    World,
    raw,
)
from tests.fakes.watch import CountingWatch
from tests.integration.replay.world import digest_of

IDS = [f"CVE-2024-{number}" for number in range(1000, 1024)]
SIZE = 3


def in_pages(feed: Feed, claims: dict[str, Claim], *, sweep: bool = False) -> Script:
    names = list(claims)
    starts = range(0, len(names), SIZE)
    return Script(
        [
            (
                feed,
                [raw(name, claims[name]) for name in names[start : start + SIZE]],
                ("last" if start == starts[-1] else "part") if sweep else "",
            )
            for start in starts
        ]
    )


def mapped(euvd_id: str, cve_id: str) -> RawRecord:
    return msgspec.structs.replace(raw(euvd_id, Claim(aliases=(euvd_id,)), cve_id), vulnerability_id=cve_id)


@pytest.fixture
def world() -> World:
    world = World()
    world.scripts[Source.CISA] = in_pages(Feed.KEV, {name: Claim(title="In KEV") for name in IDS[5:7]}, sweep=True)
    world.scripts[Source.NVD] = in_pages(Feed.NVD, {name: nvd_claim(name) for name in IDS[:-4]})
    world.scripts[Source.MITRE] = in_pages(Feed.MITRE, {name: Claim(title=f"Of {name}") for name in IDS})
    owners = [IDS[number // 2 % 2 + number // 4] for number in range(20)]  # each in two pages in a row
    mapping = [mapped(f"EUVD-2024-{number}", owner) for number, owner in enumerate(owners)]
    pages = [mapping[start : start + 2] for start in range(0, len(mapping), 2)]
    world.scripts[Source.EUVD] = Script(
        [
            *((Feed.EUVD_MAPPING, page, "last" if page is pages[-1] else "part") for page in pages),
            (Feed.EUVD, [raw("EUVD-2024-1", Claim(title="By EUVD"), IDS[1])], ""),
            (Feed.EUVD, [raw("EUVD-2024-2", Claim(title="By EUVD"), IDS[1], IDS[2])], ""),
        ]
    )
    return world


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def alone(world: World, tmp_path: Path) -> Iterator[Database]:
    """The same load without a peer."""
    database = Database(f"sqlite:///{tmp_path / 'alone.db'}")
    database.prepare()
    load(database, world)
    yield database
    database.close()


class Resuming(ScriptedConnector):
    """Goes on after the cursor's page; a complete listing begins anew."""

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:
        reached = start = json.loads(cursor)["pages"] if cursor else 0
        script = Script(self._script.pages[start:])
        for number, page in enumerate(ScriptedConnector(self.source, script).pages(None, known), start + 1):
            reached = reached if page.sweep == "part" else number
            page.cursor = json.dumps({"pages": reached}).encode()
            yield page


class ResumingArchive(ScriptedArchive, Resuming):
    """Leaves out what was read by id in the same run."""


class ResumingMapping(ScriptedMapping, Resuming):
    """Whose mapping is read by id as well."""


def entries_of(world: World) -> dict[Source, SourceEntry]:
    def connect(source: Source, _settings: Settings, _watch: Watch) -> ScriptedConnector:
        if source is Source.MITRE:
            return ResumingArchive(source, world)
        kind = ResumingMapping if source is Source.EUVD else Resuming
        return kind(source, world.scripts.get(source, Script()))

    world.lookups.clear()
    return {
        source: dataclasses.replace(entry, connect=partial(connect, source))
        for source, entry in world.entries().items()
    }


def load(
    database: Database,
    world: World,
    start_peer: Callable[[], FakePeer | None] = lambda: None,
    run: CountingRun | None = None,
) -> dict[str, object]:
    return run_update(
        Settings(), database, run or CountingRun(), entries=entries_of(world), clock=lambda: NOON, start_peer=start_peer
    )


def peer_of(
    database: Database, world: World, *, busy: int = 0, ends_at: int | None = None, written: bool = False
) -> FakePeer:
    connectors: dict[Source, Connector] = {
        source: entry.connect(Settings(), CountingWatch()) for source, entry in entries_of(world).items()
    }
    parsers = {source: connector.parse for source, connector in connectors.items()}

    def held(_connection: Connection) -> None:
        """The run is not taken over."""

    def ingest(task: PageTask) -> list[PartOutcome]:
        pages = PageIngest(
            database, task.source, task.lease.task_id, held, parsers, task.merged_up_to, lambda: NOON, thresholds=None
        )
        return pages.ingest(task.parts)

    return FakePeer(ingest, busy=busy, ends_at=ends_at, written=written)


def cursors(database: Database) -> dict[Source, bytes | None]:
    with database.reading() as connection:
        return {source: SourceRepository(connection).cursor(source) for source in Source}


def assert_same(database: Database, alone: Database) -> None:
    assert digest_of(database) == digest_of(alone)
    assert cursors(database) == cursors(alone)


@pytest.mark.parametrize("busy", [0, 1, 2, 100])
def test_however_fast_the_peer_is_the_load_ends_as_one_alone(
    busy: int, database: Database, world: World, alone: Database
) -> None:
    peer = peer_of(database, world, busy=busy)
    result = load(database, world, lambda: peer)
    assert_same(database, alone)
    assert peer.ended
    assert peer.ingested
    sources = result["sources"]
    assert isinstance(sources, dict)
    assert [sources[source]["added"] for source in ("cisa", "nvd", "mitre")] == [2, len(IDS) - 4, len(IDS)]


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("ends_at", [1, 4])
def test_a_peer_that_ends_leaves_its_pages_to_the_worker(
    ends_at: int, written: bool, database: Database, world: World, alone: Database
) -> None:
    load(database, world, lambda: peer_of(database, world, ends_at=ends_at, written=written))
    assert_same(database, alone)


@pytest.mark.parametrize("busy", [0, 2])
def test_stopped_anywhere_the_next_run_ends_with_the_same(
    busy: int, database: Database, world: World, alone: Database
) -> None:
    stopped = 0
    while True:
        run = CountingRun(stop_after=stopped, stop_with=RunInterrupted("stopping"))
        try:
            load(database, world, lambda: peer_of(database, world, busy=busy), run)
        except RunInterrupted:
            stopped += 1
        else:
            break
    assert stopped > 10
    assert_same(database, alone)


def test_what_is_refused_by_the_peer_is_counted_and_keeps_the_cursor(database: Database, world: World) -> None:
    pages = world.scripts[Source.NVD].pages
    pages[1:] = [(feed, [raw(record.key, None) for record in records], sweep) for feed, records, sweep in pages[1:]]
    result = load(database, world, partial(peer_of, database, world))
    sources = result["sources"]
    assert isinstance(sources, dict)
    assert sources["nvd"]["rejected"] == len(IDS) - 4 - SIZE
    assert result["degraded"] == ["nvd"]
    assert cursors(database)[Source.NVD] == b'{"pages": 1}'


def test_without_a_first_load_no_peer_is_started(database: Database, world: World) -> None:
    load(database, world)

    def start() -> FakePeer:
        raise AssertionError("a later update needs none")

    load(database, world, start)
