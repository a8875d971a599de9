"""The run that matches the programs of all inventories: those that changed, or whose statements did.

It works in chunks, each claimed by one run, so that several workers share the work. A chunk is matched by reading only
and written in one transaction with the findings that follow, so a run may be killed anywhere and repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from backend.config import Settings
from backend.contract.inventory import Confidence, SoftwareEntry
from backend.contract.names import TaskName, Trigger
from backend.contract.tasks import RunPhase
from backend.contract.wire import utc_now
from backend.domain.claims import RecordState
from backend.domain.exposure.conditions import System
from backend.domain.exposure.verdicts import Judgement, Verdict
from backend.domain.products.product import Resolution
from backend.services.exposure.events import refresh_concern
from backend.services.exposure.finding_events import note_found
from backend.services.exposure.findings import NO_STATEMENT, Ending, resolve_gone
from backend.services.exposure.matching import InstalledProduct, match
from backend.services.exposure.resolution import installed, installed_system, resolve_programs
from backend.services.exposure.stored_resolution import StoredResolution
from backend.services.runs.queue import Run, add_run, new_run
from backend.store.engine import Database
from backend.store.repositories.events import EventRepository
from backend.store.repositories.finding_news import FindingNewsRepository
from backend.store.repositories.findings import FindingRepository, FindingScope
from backend.store.repositories.inventories import DueProgram, InventoryRepository, MatchedProgram
from backend.store.repositories.metadata import REBUILT_UP_TO_KEY, MetadataRepository
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.vulnerabilities import VulnerabilityRepository
from backend.store.retry import retry_while_away

CHUNK = 100
"""Programs that are matched and written together."""
MORE_RUNS = 1000
"""Programs for each run that is requested, so that further workers take part."""
MOST_RUNS = 4

log = logging.getLogger(__name__)


def request_matching(connection: Connection, trigger: Trigger, now: datetime) -> str | None:
    """Add runs to the ledger if any program has to be matched; beat or the caller publishes them.

    It is asked after each update, so findings that were ignored until now are opened here.

    Returns:
        The id of a run that begins after this moment; None if there is nothing to match.
    """
    refresh_concern(connection, FindingRepository(connection).open_expired(now))
    due, runs = InventoryRepository(connection).count_due(), RunRepository(connection)
    if not due:
        return None
    waiting = [run.task_id for run in runs.waiting() if run.name == TaskName.MATCH]
    missing = range(len(waiting), min(1 + due // MORE_RUNS, MOST_RUNS))
    added = [add_run(connection, new_run(TaskName.MATCH, trigger, now)).task_id for _ in missing]
    return [*waiting, *added][0]


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
        retry_while_away(run.sleep, partial(_match_chunk, database, run, due, clock))
        matched += len(due)
        run.progress(RunPhase.MATCHING, matched, None)


def _claim(database: Database, run: Run) -> Sequence[DueProgram]:
    with database.transaction() as connection:
        run.fence(connection)
        if MetadataRepository(connection).get(REBUILT_UP_TO_KEY) is not None:
            return ()
        return InventoryRepository(connection).claim_due(run.id, CHUNK)


def _match_chunk(database: Database, run: Run, due: Sequence[DueProgram], clock: Callable[[], datetime]) -> None:
    with database.reading() as connection:
        matched = _match(connection, due)
        newest = InventoryRepository(connection).newest_product()
        stored = InventoryRepository(connection).verdicts_of([program.id for program in due])
        endings = _endings(connection, matched, stored)
    before = {cve_id for verdicts in stored.values() for cve_id in verdicts}
    now, scope = clock(), FindingScope(programs=[program.id for program in due])
    with database.transaction() as connection:
        run.fence(connection)
        InventoryRepository(connection).put_matches([result for result, _ in matched], newest)
        new = FindingRepository(connection).add(scope, now)
        _note_found(connection, matched, stored, new, now)
        resolve_gone(connection, scope, endings, now)
        refresh_concern(connection, {cve_id for result, _ in matched for cve_id in result.matches} | before)


def _note_found(
    connection: Connection, matched: _Matched, stored: _Verdicts, new: Collection[int], now: datetime
) -> None:
    """Write the events of findings that are new, and of those whose program was only possibly affected before."""
    flipped = {
        (result.program.id, cve_id)
        for result, judged in matched
        for cve_id in result.matches.keys() & stored[result.program.id].keys()
        if judged[cve_id].verdict is Verdict.AFFECTED and stored[result.program.id][cve_id] != Verdict.AFFECTED
    }
    changed = FindingNewsRepository(connection).of_matches(flipped) if flipped else []
    known = {result.program.id for result, _ in matched if result.product == result.program.product}
    note_found(connection, [*new, *changed], now, matched_before=known)
    EventRepository(connection).withdraw_resolved([result.program.id for result, _ in matched])


_Matched = Sequence[tuple[MatchedProgram, Mapping[str, Judgement]]]
"""Results, each with the judgements by CVE id."""
_Verdicts = Mapping[int, Mapping[str, str]]
"""The verdicts of the last matching, by program and CVE id."""


def _match(connection: Connection, due: Sequence[DueProgram]) -> _Matched:
    resolved = _resolved(connection, due)
    judged = match(connection, [product for _, _, product in resolved])
    numbers = {number for found in judged for number in found}
    names = VulnerabilityRepository(connection).ids_of(numbers)
    results = []
    for (program, resolution, _), found in zip(resolved, judged, strict=True):
        by_id = {names[number]: judgement for number, judgement in found.items() if number in names}
        results.append((_result(program, resolution, by_id), by_id))
    return results


def _resolved(
    connection: Connection, due: Sequence[DueProgram]
) -> list[tuple[DueProgram, Resolution, InstalledProduct]]:
    resolutions = resolve_programs(connection, [(program.entry, program.is_system) for program in due])
    resolved = []
    for program, resolution in zip(due, resolutions, strict=True):
        if program.is_system:
            product = installed_system(resolution)
        else:
            product = installed(SoftwareEntry.model_validate_json(program.entry), resolution, System.WINDOWS)
        resolved.append((program, resolution, product))
    return resolved


def _result(program: DueProgram, resolution: Resolution, judged: Mapping[str, Judgement]) -> MatchedProgram:
    return MatchedProgram(
        program=program,
        product=str(resolution.keys[0]) if resolution.keys else None,
        resolution=StoredResolution.of(resolution).model_dump_json(),
        is_certain=resolution.confidence is Confidence.CERTAIN,
        spellings={key.spelling for key in resolution.keys},
        matches={
            cve_id: (judgement.verdict, judgement.reason, judgement.fixed_in, judgement.source)
            for cve_id, judgement in judged.items()
            if judgement.verdict is not Verdict.NOT_AFFECTED
        },
        not_affected=sum(judgement.verdict is Verdict.NOT_AFFECTED for judgement in judged.values()),
    )


def _endings(connection: Connection, matched: _Matched, stored: _Verdicts) -> dict[tuple[int, str], Ending]:
    """Why stored matches are gone: the record was rejected, its statements say something else, or there are none."""
    gone = {
        (result.program.id, cve_id): judged.get(cve_id)
        for result, judged in matched
        for cve_id in stored[result.program.id].keys() - result.matches.keys()
    }
    states = VulnerabilityRepository(connection).states({cve_id for _, cve_id in gone})
    return {
        (program, cve_id): Ending(_reason(judgement, states.get(cve_id)), stored[program][cve_id] == Verdict.AFFECTED)
        for (program, cve_id), judgement in gone.items()
    }


def _reason(judgement: Judgement | None, state: str | None) -> str:
    if state == RecordState.REJECTED:
        return "The record was rejected."
    return f"Not affected: {judgement.reason}" if judgement else NO_STATEMENT
