"""Scripted sources, whose records are written by the test, and a run that only records its calls."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection

from backend.config import Settings
from backend.connectors.connector import KnownVersions, Parsed, ParseError, RawRecord, RecordPage, RecordProblem, Watch
from backend.contract.errors import OpenThreatError, SourceError
from backend.contract.names import Source
from backend.contract.tasks import ProgressUnit, RunPhase
from backend.domain.claims import Claim, Feed, decode_claim, encode_claim
from backend.services.update.source_update import SourceEntry
from backend.services.update.update import source_entries
from backend.store.repositories.runs import Lease

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def raw(key: str, claim: Claim | None, *vulnerability_ids: str) -> RawRecord:
    """A record of a scripted source; without a claim it cannot be parsed."""
    names = list(vulnerability_ids) or [key]
    body = None if claim is None else [[name, encode_claim(claim).decode()] for name in names]
    return RawRecord(key=key, raw=json.dumps(body).encode(), vulnerability_id=None if vulnerability_ids else key)


@dataclass
class Script:
    """The pages of one scripted source in one run, and optionally an error after them."""

    pages: list[tuple[Feed, Sequence[RawRecord], str]] = field(default_factory=list)  # feed, records, sweep
    problems: Sequence[RecordProblem] = ()
    error: OpenThreatError | None = None
    model: str | None = None
    watermark: str = "2026-02-28T00:00:00Z"


class ScriptedConnector:
    def __init__(self, source: Source, script: Script) -> None:
        self.source, self._script = source, script

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:
        start = json.loads(cursor)["pages"] if cursor else 0
        for number, (feed, records, sweep) in enumerate(self._script.pages, start + 1):
            state = {"watermark": self._script.watermark, "model": self._script.model}
            cursor = json.dumps({"pages": number, **state}).encode()
            yield RecordPage(feed=feed, records=records, cursor=cursor, problems=self._script.problems, sweep=sweep)
        if self._script.error:
            raise self._script.error

    def parse(self, feed: Feed, record: RawRecord) -> Parsed:
        body = json.loads(record.raw)
        if body is None:
            raise ParseError("not a record")
        return Parsed(claims=[(name, decode_claim(claim)) for name, claim in body])


class ScriptedLookup:
    """The records of one scripted feed by the vulnerability. error: raised at each look-up."""

    def __init__(self, feed: Feed, script: Script, error: SourceError | None = None) -> None:
        self.feed, self._error = feed, error
        self._records: defaultdict[str, list[RawRecord]] = defaultdict(list)
        for record in (record for of, records, _ in script.pages if of is feed for record in records):
            self._records[record.vulnerability_id or json.loads(record.raw)[0][0]].append(record)
        self.given: set[str] = set()
        self.closed = False

    def records(self, ids: Sequence[str]) -> list[RawRecord]:
        if self._error:
            raise self._error
        found = [record for name in ids for record in self._records.get(name, ())]
        self.given.update(record.key for record in found)
        return found

    def close(self) -> None:
        self.closed = True


class ScriptedArchive(ScriptedConnector):
    """A scripted source whose records are also read by id, those of `world`."""

    def __init__(self, source: Source, world: World) -> None:
        super().__init__(source, world.scripts.get(source, Script()))
        self._world = world

    def open_lookup(self) -> ScriptedLookup:
        world = self._world
        if world.lookup_error:
            raise world.lookup_error
        world.lookups.append(ScriptedLookup(Feed.MITRE, self._script, world.record_error))
        return world.lookups[-1]

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:
        for page in super().pages(cursor, known):
            given = {name for lookup in self._world.lookups for name in lookup.given}
            page.records = [record for record in page.records if record.key not in given]
            yield page


class ScriptedMapping(ScriptedConnector):
    """A scripted EUVD, whose mapping is also read by id."""

    def open_lookup(self) -> ScriptedLookup:
        return ScriptedLookup(Feed.EUVD_MAPPING, self._script)


class World:
    """Scripted sources by name, in the order of an update; all others have nothing new."""

    def __init__(self) -> None:
        self.scripts: dict[Source, Script] = {}
        self.lookups: list[ScriptedLookup] = []
        self.lookup_error: SourceError | None = None
        self.record_error: SourceError | None = None

    def entries(self) -> dict[Source, SourceEntry]:
        return {source: SourceEntry(self._connect(source), parser_version=1) for source in source_entries()}

    def _connect(self, source: Source) -> Callable[[Settings, Watch], ScriptedConnector]:
        def connect(_settings: Settings, _watch: Watch) -> ScriptedConnector:
            if source is Source.MITRE:
                return ScriptedArchive(source, self)
            kind = ScriptedMapping if source is Source.EUVD else ScriptedConnector
            return kind(source, self.scripts.get(source, Script()))

        return connect


class CountingRun:
    """A run without a worker that records its calls. After `stop_after` checkpoints it raises `stop_with`."""

    def __init__(
        self, name: str = "run-1", *, stop_after: int | None = None, stop_with: OpenThreatError | None = None
    ) -> None:
        self.id = name
        self.lease = Lease(name, attempt=1, worker="test")
        self.slept: list[float] = []
        self.phases: list[tuple[RunPhase, str]] = []
        self.steps: list[tuple[int, int]] = []
        self.shares: list[tuple[float, float | None]] = []
        self.sources: dict[str, dict[str, object]] = {}
        self._left, self._stop_with = stop_after, stop_with

    def checkpoint(self) -> None:
        if self._left is None or self._stop_with is None:
            return
        self._left -= 1
        if self._left < 0:
            raise self._stop_with

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.checkpoint()

    def progress(
        self,
        phase: RunPhase,
        done: int,
        total: int | None,
        message: str = "",
        unit: ProgressUnit = ProgressUnit.RECORDS,
    ) -> None:
        self.phases.append((phase, message))

    def whole(self, share: float, left_s: float | None) -> None:
        self.shares.append((share, left_s))

    def begin_step(self, step: int, steps: int) -> None:
        self.steps.append((step, steps))

    def source(self, source: Source, **facts: object) -> None:
        self.sources.setdefault(source, {}).update(facts)

    def fence(self, connection: Connection) -> None:
        """No other worker can have claimed this run."""
