"""The content of a report: what happened in a period, from the history of findings and the stored events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from backend.contract.exposure import FindingState
from backend.contract.inventory import FindingVerdict
from backend.contract.machine_exposure import ProgramExposure
from backend.contract.names import Severity
from backend.contract.report import (
    MAX_ITEMS,
    OverdueItem,
    Report,
    ReportFigures,
    ReportItem,
    ReportKind,
    ReportProgram,
    ReportScope,
)
from backend.services.exposure.findings import version_of
from backend.services.exposure.inbox import event_facts
from backend.services.exposure.inventories import machine_not_found
from backend.services.exposure.machine_exposure import machine_exposure
from backend.services.exposure.watching import watched_terms
from backend.store.repositories.inventories import InventoryRepository, StoredMachine
from backend.store.repositories.report import FindingRow, OverdueRow, ReportRepository, Span

_NEWLY_EXPLOITED = (ReportKind.NEW, ReportKind.EXPLOITED)


@dataclass(frozen=True)
class ReportQuery:
    """What a report is about. machine: id or name of the only one; empty: all."""

    since: datetime
    until: datetime
    scope: ReportScope = ReportScope.MINE
    machine: str = ""


def build_report(connection: Connection, query: ReportQuery, now: datetime) -> Report:
    """Read what happened in a period, the figures of the one before, and what is open now.

    Raises:
        NotFound: There is no such machine.
    """
    chosen = _machines(connection, query.machine)
    machine = chosen[0].number if query.machine else None
    span = Span(query.since, query.until, machine, exploited=query.scope is ReportScope.EXPLOITED)
    before = replace(span, since=query.since - (query.until - query.since), until=query.since)
    stored, mine = ReportRepository(connection), query.scope is ReportScope.MINE
    items = _items(stored, span, mine=mine)
    overdue = stored.overdue(query.until.date(), watched_terms(connection), machine)
    return Report(
        generated_at=now,
        scope=query.scope,
        since=query.since,
        until=query.until,
        previous_since=before.since,
        machine=chosen[0].name if query.machine else "",
        machines=len(chosen),
        figures=figures_of(items),
        previous=figures_of(_items(stored, before, mine=mine)),
        open=stored.open(span),
        overdue=len({row.cve_id for row in overdue}),
        became_overdue=len({row.cve_id for row in overdue if row.due_date >= query.since.date()}),
        programs=_programs(connection, chosen, now),
        overdue_items=tuple(map(_overdue_item, overdue[:MAX_ITEMS])),
        items=tuple(sorted(items, key=_urgency)[:MAX_ITEMS]),
        items_total=len(items),
    )


def figures_of(items: Iterable[ReportItem]) -> ReportFigures:
    """Count vulnerabilities, each once, however many programs and machines have it."""
    counted = [item for item in items if item.counted]
    return ReportFigures(
        new=len({item.cve_id for item in counted if item.kind is ReportKind.NEW}),
        exploited=len({item.cve_id for item in counted if item.exploited and item.kind in _NEWLY_EXPLOITED}),
        fixed=len({item.cve_id for item in counted if item.kind is ReportKind.FIXED}),
    )


def _machines(connection: Connection, wanted: str) -> Sequence[StoredMachine]:
    """All machines, or the one with this id, else with this name."""
    known = InventoryRepository(connection).machines()
    if not wanted:
        return known
    found = [machine for machine in known if wanted == machine.id] or [
        machine for machine in known if wanted == machine.name
    ]
    if not found:
        raise machine_not_found(wanted)
    return found[:1]


def _items(stored: ReportRepository, span: Span, *, mine: bool) -> list[ReportItem]:
    return [
        *(_finding_item(ReportKind.NEW, row) for row in stored.begun(span)),
        *(_finding_item(ReportKind.FIXED, row) for row in stored.ended(span)),
        *(ReportItem(**event_facts(event)) for event in stored.events(span, mine=mine)),
    ]


def _urgency(item: ReportItem) -> tuple[bool, bool, float, datetime, str]:
    return not item.counted, not item.exploited, -item.priority_score, item.happened_at, item.cve_id


def _finding_item(kind: ReportKind, row: FindingRow) -> ReportItem:
    """A finding that has ended since has no verdict: that it was affected when it began is assumed."""
    concerns = row.state != FindingState.IGNORED and row.verdict != FindingVerdict.CANNOT_TELL
    return ReportItem(
        kind=kind,
        happened_at=row.happened_at,
        cve_id=row.cve_id,
        title=row.title or "",
        severity=Severity(row.severity or Severity.UNKNOWN),
        exploited=row.exploited,
        due_date=row.due_date,
        priority_score=row.priority_score or 0.0,
        counted=not row.continues and (concerns or kind is ReportKind.FIXED),
        finding_id=row.finding_id,
        machine=row.machine,
        program=row.program,
        version=version_of(row.entry),
        fixed_in=row.fixed_in or "",
        verdict=FindingVerdict(row.verdict) if row.verdict else None,
        state=FindingState(row.state),
        reason=row.reason,
    )


def _overdue_item(row: OverdueRow) -> OverdueItem:
    return OverdueItem(
        cve_id=row.cve_id,
        title=row.title,
        due_date=row.due_date,
        machine=row.machine or "",
        program=row.program or "",
        version=version_of(row.entry) if row.entry else "",
        fixed_in=row.fixed_in or "",
    )


def _programs(connection: Connection, chosen: Sequence[StoredMachine], now: datetime) -> tuple[ReportProgram, ...]:
    """The programs that are affected, once each, however many machines have them; in the order of what is urgent."""
    found: dict[tuple[str, str], tuple[ProgramExposure, list[str]]] = {}
    for machine in chosen:
        for program in machine_exposure(connection, machine.id, now).programs:
            if program.affected:
                entry = (program.software.name, program.software.version)
                found.setdefault(entry, (program, []))[1].append(machine.name)
    ordered = sorted(found.values(), key=lambda each: (not each[0].exploited, -each[0].priority))
    return tuple(_program(program, names) for program, names in ordered)


def _program(program: ProgramExposure, machines: Sequence[str]) -> ReportProgram:
    return ReportProgram(
        name=program.software.name,
        version=program.software.version,
        machines=tuple(machines),
        affected=program.affected,
        exploited=program.exploited,
        update_to=program.update_to or "",
        mended=program.mended,
    )
