"""Findings of machines: why they end, their list, and their triage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from backend.contract.access import Actor
from backend.contract.errors import NotFound
from backend.contract.exposure import (
    Finding,
    FindingChange,
    FindingDetails,
    FindingEvent,
    FindingPage,
    FindingsChange,
    FindingsChanged,
    FindingState,
    FindingTriage,
)
from backend.contract.inventory import FindingVerdict
from backend.contract.names import API_PREFIX, Severity
from backend.contract.wire import page_count
from backend.services.exposure.endings import Ending, Endings, stored_endings
from backend.services.exposure.events import refresh_concern
from backend.services.exposure.finding_events import note_resolved
from backend.services.exposure.resolution import resolve_programs
from backend.store.repositories.findings import (
    FindingQuery,
    FindingRepository,
    FindingScope,
    GoneFinding,
    StoredTriage,
)
from backend.store.repositories.inventories import InventoryRepository


def resolve_gone(connection: Connection, scope: FindingScope, now: datetime) -> None:
    """Resolve the findings that no longer follow, each with its reason."""
    found = FindingRepository(connection)
    gone = found.gone(scope)
    endings = stored_endings(connection, {finding.program_id for finding in gone if finding.is_installed})
    removed: defaultdict[int, set[int]] = defaultdict(set)
    for finding in gone:
        if not finding.is_installed:
            removed[finding.machine].add(finding.program_id)
    updated = {
        (machine, program): entry
        for machine, programs in removed.items()
        for program, entry in _replacements(connection, machine, programs).items()
    }
    ended = [
        (finding, _ending(finding, endings, updated.get((finding.machine, finding.program_id)))) for finding in gone
    ]
    found.resolve([(finding.id, ending.reason) for finding, ending in ended], now)
    note_resolved(connection, [(finding, ending.reason) for finding, ending in ended if ending.was_affected], now)


def _replacements(connection: Connection, machine: int, program_ids: Collection[int]) -> dict[int, str]:
    """By program, the entry of the same product that the machine has now; new programs have not been matched yet."""
    store = InventoryRepository(connection)
    found, products = store.same_products(machine, program_ids), store.products_of(program_ids)
    new = store.unmatched(machine) if products.keys() - found.keys() else []
    resolved = resolve_programs(connection, new)
    by_product = {
        str(resolution.keys[0]): entry for (entry, _), resolution in zip(new, resolved, strict=True) if resolution.keys
    }
    return {program: by_product[name] for program, name in products.items() if name in by_product} | found


def _ending(finding: GoneFinding, endings: Mapping[int, Endings], other: str | None) -> Ending:
    """Why a finding ended. other: the entry of the same product in another version."""
    if not finding.is_installed:
        return Ending(_removal(other), finding.verdict == FindingVerdict.AFFECTED)
    return endings.get(finding.program_id, Endings()).of(finding.cve_id)


def _removal(other: str | None) -> str:
    """Why a program is gone. other: the entry of the same product in another version."""
    version = version_of(other) if other else ""
    return f"Updated to {version}." if version else "Removed from the machine."


class _Entry(msgspec.Struct):
    """The version of an inventory's entry, or of a system its build."""

    version: str = ""
    build: str = ""


def version_of(entry: str) -> str:
    read = msgspec.json.decode(entry, type=_Entry)
    return read.build or read.version


def list_findings(connection: Connection, query: FindingQuery) -> FindingPage:
    rows, total = FindingRepository(connection).page(query)
    return FindingPage(
        items=tuple(Finding(**_fields(row)) for row in rows),
        total=total,
        page=query.page,
        page_size=query.page_size,
        total_pages=page_count(total, query.page_size),
    )


def get_finding(connection: Connection, finding_id: int) -> FindingDetails:
    """Return a finding with its history.

    Raises:
        NotFound: It does not exist.
    """
    found = FindingRepository(connection)
    row = found.get(finding_id)
    if row is None:
        raise _finding_not_found(finding_id)
    history = tuple(
        FindingEvent(changed_at=at, state=FindingState(state), note=note, by=by)
        for at, state, note, by in found.history(finding_id)
    )
    return FindingDetails(history=history, **_fields(row))


def change_finding(
    connection: Connection, finding_id: int, change: FindingChange, by: Actor, now: datetime
) -> FindingDetails:
    """Set the triage of a finding.

    Raises:
        NotFound: It does not exist, or is resolved.
    """
    if not _set_triage(connection, [finding_id], change, by, now):
        raise _finding_not_found(finding_id)
    return get_finding(connection, finding_id)


def change_findings(connection: Connection, change: FindingsChange, by: Actor, now: datetime) -> FindingsChanged:
    """Set the triage of several findings; those that do not exist or are resolved are named."""
    before = _set_triage(connection, change.ids, change, by, now)
    return FindingsChanged(
        before=tuple(
            FindingTriage(id=triage.id, state=FindingState(triage.state), note=triage.note, until=triage.until)
            for triage in before
        ),
        unknown=tuple(sorted(set(change.ids) - {triage.id for triage in before})),
    )


def _set_triage(
    connection: Connection, finding_ids: Collection[int], change: FindingChange, by: Actor, now: datetime
) -> Sequence[StoredTriage]:
    """Set the triage of those that are not resolved, and return it as it was."""
    found = FindingRepository(connection)
    before = found.triage_of(finding_ids)
    until = change.until if change.state == FindingState.IGNORED else None
    found.set_triage([triage.id for triage in before], change.state, change.note, until, by, now)
    refresh_concern(connection, {triage.cve_id for triage in before})
    return before


def _finding_not_found(finding_id: int) -> NotFound:
    return NotFound(
        "No such finding",
        f"There is no finding {finding_id} that is not resolved.",
        f"{API_PREFIX}/findings lists all of them.",
    )


def _fields(row: Mapping[str, object]) -> dict[str, object]:
    """The row as the message has it; a vulnerability that is no longer stored has no facts."""
    entry = str(row["entry"])
    return {
        **{name: value for name, value in row.items() if name != "entry"},
        "version": version_of(entry),
        "title": row["title"] or "",
        "severity": row["severity"] or Severity.UNKNOWN,
        "exploited_in_the_wild": bool(row["exploited_in_the_wild"]),
        "priority_score": row["priority_score"] or 0.0,
        "fixed_in": row["fixed_in"] or None,
    }
