"""Findings of machines: why they end, their list, and their triage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from backend.contract.errors import NotFound
from backend.contract.exposure import Finding, FindingChange, FindingDetails, FindingEvent, FindingPage, FindingState
from backend.contract.names import API_PREFIX, Severity
from backend.contract.wire import page_count
from backend.store.repositories.findings import FindingQuery, FindingRepository, FindingScope

Endings = Mapping[tuple[int, str], str]
"""By program and CVE id, why it no longer matches."""

NO_STATEMENT = "No source states this product any more."


def resolve_gone(found: FindingRepository, scope: FindingScope, endings: Endings, now: datetime) -> int:
    """Resolve the findings that no longer follow, each with its reason; returns their number."""
    gone = found.gone(scope)
    removed: defaultdict[int, set[int]] = defaultdict(set)
    for finding in gone:
        if not finding.is_installed:
            removed[finding.machine].add(finding.program_id)
    updated = {
        (machine, program): entry
        for machine, programs in removed.items()
        for program, entry in found.same_products(machine, programs).items()
    }
    reasons = [
        (
            finding.id,
            endings.get((finding.program_id, finding.cve_id), NO_STATEMENT)
            if finding.is_installed
            else _removal(updated.get((finding.machine, finding.program_id))),
        )
        for finding in gone
    ]
    found.resolve(reasons, now)
    return len(reasons)


def _removal(other: str | None) -> str:
    """Why a program is gone. other: the entry of the same product in another version."""
    version = _version(other) if other else ""
    return f"Updated to {version}." if version else "Removed from the machine."


class _Entry(msgspec.Struct):
    """The version of an inventory's entry, or of a system its build."""

    version: str = ""
    build: str = ""


def _version(entry: str) -> str:
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
        FindingEvent(changed_at=at, state=FindingState(state), note=note)
        for at, state, note in found.history(finding_id)
    )
    return FindingDetails(history=history, **_fields(row))


def change_finding(connection: Connection, finding_id: int, change: FindingChange, now: datetime) -> FindingDetails:
    """Set the triage of a finding.

    Raises:
        NotFound: It does not exist, or is resolved.
    """
    until = change.until if change.state == FindingState.IGNORED else None
    if not FindingRepository(connection).set_state(finding_id, change.state, change.note, until, now):
        raise _finding_not_found(finding_id)
    return get_finding(connection, finding_id)


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
        "version": _version(entry),
        "title": row["title"] or "",
        "severity": row["severity"] or Severity.UNKNOWN,
        "exploited_in_the_wild": bool(row["exploited_in_the_wild"]),
        "priority_score": row["priority_score"] or 0.0,
        "fixed_in": row["fixed_in"] or None,
    }
