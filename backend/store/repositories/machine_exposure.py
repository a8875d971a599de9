"""What is known of each program of one machine, counted by the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, func, select

from backend.contract.exposure import FindingState
from backend.contract.inventory import FindingVerdict
from backend.contract.names import Severity
from backend.store.exposure_tables import findings, machine_programs, program_matches, programs
from backend.store.repositories.matching import is_due
from backend.store.tables import vulnerabilities

_FINDING, _MATCH, _PROGRAM, _ROW = findings.c, program_matches.c, programs.c, vulnerabilities.c
_is_ignored = _FINDING.state == FindingState.IGNORED
_counted = findings.join(
    program_matches, (_MATCH.program_id == _FINDING.program_id) & (_MATCH.cve_id == _FINDING.cve_id)
).outerjoin(vulnerabilities, _ROW.cve_id == _FINDING.cve_id)


@dataclass(frozen=True, slots=True)
class InstalledEntry:
    """entry, resolution: as JSON."""

    id: int
    entry: str
    is_system: bool
    resolution: str | None
    is_matched: bool
    not_affected: int


@dataclass(frozen=True, slots=True)
class FindingCount:
    """Findings of one program that are alike. priority: the highest of theirs."""

    program: int
    verdict: str
    is_ignored: bool
    severity: Severity
    count: int
    exploited: int
    priority: float


@dataclass(frozen=True, slots=True)
class FixedCount:
    """How many vulnerabilities that affect a program are fixed in one version."""

    program: int
    version: str
    count: int


class MachineExposureRepository:
    """Args:
    machine: the machine's number.
    """

    def __init__(self, connection: Connection, machine: int) -> None:
        self._connection, self._machine = connection, machine

    def entries(self) -> list[InstalledEntry]:
        """The programs of the machine, and its system."""
        query = (
            select(_PROGRAM.id, _PROGRAM.entry, _PROGRAM.is_system, _PROGRAM.resolution, ~is_due, _PROGRAM.not_affected)
            .join(machine_programs, machine_programs.c.program_id == _PROGRAM.id)
            .where(machine_programs.c.machine == self._machine)
            .order_by(func.lower(_PROGRAM.name), _PROGRAM.id)
        )
        return [InstalledEntry(*row) for row in self._connection.execute(query)]

    def counts(self) -> Sequence[FindingCount]:
        """The findings that are not resolved."""
        severity = func.coalesce(_ROW.severity, Severity.UNKNOWN)
        query = (
            select(
                _FINDING.program_id,
                _MATCH.verdict,
                _is_ignored,
                severity,
                func.count(),
                func.sum(case((_ROW.exploited_in_the_wild.is_(True), 1), else_=0)),
                func.coalesce(func.max(_ROW.priority_score), 0.0),
            )
            .select_from(_counted)
            .where(_FINDING.machine == self._machine, _FINDING.state != FindingState.RESOLVED)
            .group_by(_FINDING.program_id, _MATCH.verdict, _is_ignored, severity)
        )
        return [
            FindingCount(program, verdict, bool(is_ignored), Severity(worst), count, exploited, priority)
            for program, verdict, is_ignored, worst, count, exploited, priority in self._connection.execute(query)
        ]

    def fixed_versions(self) -> Sequence[FixedCount]:
        """The versions that end what affects a program and is not ignored."""
        concerns = and_(
            _FINDING.state != FindingState.RESOLVED, ~_is_ignored, _MATCH.verdict == FindingVerdict.AFFECTED
        )
        query = (
            select(_FINDING.program_id, _MATCH.fixed_in, func.count())
            .select_from(_counted)
            .where(_FINDING.machine == self._machine, concerns, _MATCH.fixed_in != "")
            .group_by(_FINDING.program_id, _MATCH.fixed_in)
            .order_by(_FINDING.program_id, _MATCH.fixed_in)
        )
        return [FixedCount(*row) for row in self._connection.execute(query)]
