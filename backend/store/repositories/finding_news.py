"""What is new about findings: the vulnerabilities that have come to affect a machine, or affect it no longer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, or_, select, update

from backend.contract.exposure import FindingState
from backend.contract.inbox import EventKind
from backend.contract.inventory import FindingVerdict
from backend.store.dialects.bulk import one_of
from backend.store.exposure_tables import events, findings, machine_programs, program_matches
from backend.store.repositories.concern import is_affected, is_concerning
from backend.store.repositories.findings import FindingScope
from backend.store.tables import vulnerabilities

_ROW, _INSTALLED, _VULNERABILITY, _EVENT = findings.c, machine_programs.c, vulnerabilities.c, events.c
_RESOLVED = FindingState.RESOLVED


@dataclass(frozen=True, slots=True)
class NewlyAffected:
    """A vulnerability that affects a machine by a program since now. changed_at: when its record last changed."""

    program_id: int
    cve_id: str
    exploited: bool
    severity: str
    changed_at: datetime


class FindingNewsRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newly_affected(self, finding_ids: Collection[int]) -> list[NewlyAffected]:
        """Of these findings, which are new, those that affect machines that other programs did not leave affected.

        A machine that was affected until the same inventory was so before: a program was updated to a version that is
        as vulnerable.
        """
        other, match = findings.alias("other"), program_matches.alias("other_match")
        is_other_affected = exists().where(
            match.c.program_id == other.c.program_id,
            match.c.cve_id == other.c.cve_id,
            match.c.verdict == FindingVerdict.AFFECTED,
            other.c.state != _RESOLVED,
        )
        was_affected = (
            exists()
            .where(other.c.machine == _ROW.machine, other.c.cve_id == _ROW.cve_id)
            .where(~one_of(self._connection, other.c.id, finding_ids))
            .where(or_(is_other_affected, other.c.resolved_at >= _INSTALLED.first_seen_at))
        )
        query = (
            select(
                _ROW.program_id,
                _ROW.cve_id,
                _VULNERABILITY.exploited_in_the_wild,
                _VULNERABILITY.severity,
                _VULNERABILITY.updated_at,
            )
            .join(program_matches, is_affected)
            .join(machine_programs, (_INSTALLED.machine == _ROW.machine) & (_INSTALLED.program_id == _ROW.program_id))
            .join(vulnerabilities, _VULNERABILITY.cve_id == _ROW.cve_id)
            .where(one_of(self._connection, _ROW.id, finding_ids), is_concerning, ~was_affected)
            .distinct()
        )
        return [NewlyAffected(*row) for row in self._connection.execute(query)]

    def join_unread_events(self, finding_ids: Collection[int]) -> None:
        """Raise the times of findings to those of the unread events about them: the clocks of two PCs may differ."""
        covering = (_EVENT.kind == EventKind.FINDING, _EVENT.cve_id == _ROW.cve_id, _EVENT.read_at.is_(None))
        newest = select(func.max(_EVENT.happened_at)).where(*covering).scalar_subquery()
        older = (one_of(self._connection, _ROW.id, finding_ids), _ROW.changed_at < newest)
        self._connection.execute(update(findings).where(*older).values(changed_at=newest))

    def affected(self, machines: Collection[int], cve_ids: Collection[str]) -> set[tuple[int, str]]:
        """The pairs of a machine and a vulnerability, of these, that a program makes."""
        query = (
            select(_ROW.machine, _ROW.cve_id)
            .join(program_matches, is_affected)
            .where(_ROW.state != _RESOLVED, one_of(self._connection, _ROW.machine, machines))
            .where(one_of(self._connection, _ROW.cve_id, cve_ids))
        )
        return {(machine, cve_id) for machine, cve_id in self._connection.execute(query)}

    def of_matches(self, matches: Collection[tuple[int, str]]) -> list[int]:
        """The findings of programs and CVE ids."""
        query = select(_ROW.id, _ROW.program_id, _ROW.cve_id).where(
            one_of(self._connection, _ROW.program_id, {program for program, _ in matches}),
            one_of(self._connection, _ROW.cve_id, {cve_id for _, cve_id in matches}),
        )
        rows = self._connection.execute(query)
        return [finding for finding, program, cve_id in rows if (program, cve_id) in matches]

    def cve_ids(self, scope: FindingScope) -> set[str]:
        """The vulnerabilities of all findings, also of those that are resolved."""
        query = select(_ROW.cve_id).where(scope.contains(_ROW.machine, _ROW.program_id)).distinct()
        return set(self._connection.execute(query).scalars())
