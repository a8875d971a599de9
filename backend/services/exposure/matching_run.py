"""The run that matches the programs of all inventories: those that changed, or whose statements did.

It works in chunks of programs, each claimed by one run, so that several workers share the work. Equal programs of all
machines are matched once, by reading only. The findings that follow are written in portions of machines. The programs
stay due until the last portion is written, so a run may be killed anywhere and repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from backend.config import Settings
from backend.contract.names import Queue, Role, TaskName, Trigger
from backend.contract.tasks import RunPhase
from backend.contract.wire import utc_now
from backend.services.exposure.events import refresh_concern
from backend.services.exposure.finding_events import note_found
from backend.services.exposure.findings import resolve_gone
from backend.services.exposure.matched_chunk import MatchedChunk, match_chunk
from backend.services.runs.queue import Run, add_run, new_run
from backend.store.engine import Database
from backend.store.repositories.events import EventRepository
from backend.store.repositories.finding_news import FindingNewsRepository
from backend.store.repositories.findings import FindingRepository, FindingScope
from backend.store.repositories.inventories import InventoryRepository
from backend.store.repositories.matching import DueProgram, MatchingRepository
from backend.store.repositories.metadata import (
    MATCHED_BY_KEY,
    NEWS_SINCE_KEY,
    REBUILT_UP_TO_KEY,
    MetadataRepository,
)
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.workers import WorkerRepository
from backend.store.retry import retry_while_away

MATCH_VERSION = 1
"""Incremented with every change of the curated table, of the rules of names, or of those of verdicts."""
CHUNK = 100
"""Programs that are matched together."""
FINDINGS_AT_ONCE = 20_000
"""Findings that are written together. The release of a system on 1,000 machines has a million."""
MORE_RUNS = 2 * CHUNK
"""Programs for each run that is requested, so that further workers take part."""


def request_matching_if_rules_changed(connection: Connection, began: datetime) -> None:
    """Request the matching of all programs if the last one used older rules.

    A team may have several versions of the program: those with older rules leave what newer ones have matched.

    Args:
        began: When the update began. What other rules find in the records from before it is no news.
    """
    metadata = MetadataRepository(connection)
    if int(metadata.get(MATCHED_BY_KEY) or 0) < MATCH_VERSION:
        InventoryRepository(connection).want_again()
        metadata.set(MATCHED_BY_KEY, str(MATCH_VERSION))
        metadata.set(NEWS_SINCE_KEY, max(began, metadata.moment(NEWS_SINCE_KEY)).isoformat())


def request_matching(connection: Connection, trigger: Trigger, now: datetime) -> str | None:
    """Add runs to the ledger if any program has to be matched; beat or the caller publishes them.

    It is asked after each update, so findings that were ignored until now are opened here.

    Returns:
        The id of a run that begins after this moment; None if there is nothing to match.
    """
    if opened := FindingRepository(connection).open_expired(now):
        refresh_concern(connection, opened)
    due, runs = MatchingRepository(connection).count_due(), RunRepository(connection)
    if not due:
        return None
    waiting = [run.task_id for run in runs.waiting() if run.name == TaskName.MATCH]
    missing = range(len(waiting), min(1 + due // MORE_RUNS, _workers(connection)))
    added = [add_run(connection, new_run(TaskName.MATCH, trigger, now)).task_id for _ in missing]
    return [*waiting, *added][0]


def _workers(connection: Connection) -> int:
    """The workers that may match; at least one, since they may be absent for a moment."""
    rows = WorkerRepository(connection).all(Role.WORKER)
    return max(1, sum(Queue.FAST in row.queues for row in rows))


def match_inventory(
    settings: Settings,  # noqa: ARG001 - the signature of all tasks
    database: Database,
    run: Run,
    clock: Callable[[], datetime] = utc_now,
) -> dict[str, object]:
    """Match all programs that are due, and return their number.

    While a rebuild derives the statements anew, nothing is matched: the update that does so requests it at its end.
    """
    matched = 0
    while True:
        run.checkpoint()
        due = retry_while_away(run.sleep, partial(_claim, database, run))
        if not due:
            return {"programs": matched}
        _match(database, run, due, clock())
        matched += len(due)
        run.progress(RunPhase.MATCHING, matched, None)


def _claim(database: Database, run: Run) -> Sequence[DueProgram]:
    with database.transaction() as connection:
        run.fence(connection)
        if MetadataRepository(connection).get(REBUILT_UP_TO_KEY) is not None:
            return ()
        return MatchingRepository(connection).claim_due(run.id, CHUNK)


def _match(database: Database, run: Run, due: Sequence[DueProgram], now: datetime) -> None:
    """Match programs and let their findings follow; what fails for the time being is tried again."""
    chunk = retry_while_away(run.sleep, partial(_read, database, due))
    machines = retry_while_away(run.sleep, partial(_put_matches, database, run, chunk, now))
    for scope in portions(chunk.program_ids, machines):
        run.checkpoint()
        retry_while_away(run.sleep, partial(_let_findings_follow, database, run, chunk, scope, now))


def _read(database: Database, due: Sequence[DueProgram]) -> MatchedChunk:
    with database.reading() as connection:
        return match_chunk(connection, due)


def _put_matches(database: Database, run: Run, chunk: MatchedChunk, now: datetime) -> list[tuple[int, int]]:
    """Write the matches of a chunk, and return its machines with the number of their findings."""
    with database.transaction() as connection:
        run.fence(connection)
        store = MatchingRepository(connection)
        store.put_matches(chunk.results, chunk.products_seen)
        if chunk.changed:
            changed = FindingNewsRepository(connection).of_matches(chunk.changed)
            FindingRepository(connection).mark_changed(changed, now)
            note_found(connection, changed, now, matched_before=chunk.same_product)
            refresh_concern(connection, {cve_id for _, cve_id in chunk.changed})
        return store.findings_by_machine(chunk.program_ids)


def portions(programs: Sequence[int], machines: Iterable[tuple[int, int]]) -> Iterator[FindingScope]:
    """Divide the findings of programs by their machines; the last portion has all further machines.

    Args:
        machines: The numbers of the machines in ascending order, each with the number of its findings.
    """
    first, held = 0, 0
    for machine, findings in machines:
        if held and held + findings > FINDINGS_AT_ONCE:
            yield FindingScope(programs=programs, first=first, end=machine)
            first, held = machine, 0
        held += findings
    yield FindingScope(programs=programs, first=first)


def _let_findings_follow(database: Database, run: Run, chunk: MatchedChunk, scope: FindingScope, now: datetime) -> None:
    """Write the findings of a portion of machines, with the events of what is new and what is resolved."""
    with database.transaction() as connection:
        run.fence(connection)
        store, is_last = MatchingRepository(connection), scope.end is None
        if is_last:
            store.lock_programs(chunk.program_ids)
        new = FindingRepository(connection).add(scope, now)
        note_found(connection, new, now, matched_before=chunk.same_product)
        EventRepository(connection).withdraw_resolved(scope)
        resolve_gone(connection, scope, now)
        refresh_concern(connection, chunk.cve_ids)
        if is_last:
            store.finish_matching(chunk.programs)
