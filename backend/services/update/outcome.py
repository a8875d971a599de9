"""The report of an update on each source: counts, examples of problems, and the error if there was one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backend.connectors.connector import RecordProblem
from backend.contract.errors import OpenThreatError
from backend.contract.names import Source
from backend.contract.tasks import OutcomeState, ReportedProblem, SourceResult, UpdateResult
from backend.store.repositories.statistics import UpdateEffect

EXAMPLES = 20
"""Problems listed with their record's id; further ones are only counted."""


@dataclass
class SourceOutcome:
    """The counts of one source in one run. `seen` counts records sent by the source, the others their results."""

    source: Source
    seen: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    rejected: int = 0  # not usable at all
    mended: int = 0  # stored with a field repaired or left out
    problems: list[RecordProblem] = field(default_factory=list)
    error: OpenThreatError | None = None

    def reject(self, problems: Iterable[RecordProblem]) -> None:
        for problem in problems:
            self.rejected += 1
            self._example(problem)

    def mend(self, record: str, repairs: Iterable[str]) -> None:
        self.mended += 1
        self._example(RecordProblem(record=record, reason="; ".join(repairs)))

    def absorb(self, part: SourceOutcome) -> None:
        """Add the counts and problems of one page, except `seen`."""
        self.added += part.added
        self.changed += part.changed
        self.unchanged += part.unchanged
        self.withdrawn += part.withdrawn
        self.rejected += part.rejected
        self.mended += part.mended
        self.problems = (self.problems + part.problems)[:EXAMPLES]

    def _example(self, problem: RecordProblem) -> None:
        if len(self.problems) < EXAMPLES:
            self.problems.append(problem)

    def counts(self) -> dict[str, int]:
        return {
            "seen": self.seen,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "withdrawn": self.withdrawn,
            "rejected": self.rejected,
            "mended": self.mended,
        }

    def result(self) -> SourceResult:
        error = self.error
        return SourceResult(
            state=OutcomeState.DEGRADED if error else OutcomeState.OK,
            **self.counts(),
            problems=tuple(ReportedProblem(record=problem.record, reason=problem.reason) for problem in self.problems),
            error=error.fields if error else None,
        )


def result_of(outcomes: Sequence[SourceOutcome], effect: UpdateEffect) -> UpdateResult:
    """The result of an update, as stored in the run ledger."""
    degraded = tuple(outcome.source for outcome in outcomes if outcome.error)
    return UpdateResult(
        status=OutcomeState.DEGRADED if degraded else OutcomeState.OK,
        degraded=degraded,
        sources={outcome.source: outcome.result() for outcome in outcomes},
        records_seen=sum(outcome.seen for outcome in outcomes),
        records_written=sum(outcome.added + outcome.changed + outcome.withdrawn for outcome in outcomes),
        new_vulnerabilities=effect.new,
        changed_vulnerabilities=effect.changed,
    )
