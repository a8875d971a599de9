"""What an update reports of each source: counts, a few examples of what was wrong, and the error if there was one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backend.connectors.connector import RecordProblem
from backend.contract.errors import OpenThreatError
from backend.contract.names import Source
from backend.contract.tasks import OutcomeState, ReportedProblem, SourceResult, UpdateResult
from backend.store.repositories.statistics import UpdateEffect

EXAMPLES = 20
"""Problems told with their record's id; the rest are counted."""


@dataclass
class SourceOutcome:
    """One source in one run. `seen` counts records that the source sent, the others what became of them."""

    source: Source
    seen: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    rejected: int = 0  # could not be used at all
    mended: int = 0  # taken in with something repaired or left out
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
        """Adds the counts and problems of one page. `seen` is counted where the page is known."""
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


def result_of(outcomes: Sequence[SourceOutcome], news: UpdateEffect) -> UpdateResult:
    """What the run ledger keeps of an update."""
    degraded = tuple(outcome.source for outcome in outcomes if outcome.error)
    return UpdateResult(
        status=OutcomeState.DEGRADED if degraded else OutcomeState.OK,
        degraded=degraded,
        sources={outcome.source: outcome.result() for outcome in outcomes},
        records_seen=sum(outcome.seen for outcome in outcomes),
        records_written=sum(outcome.added + outcome.changed + outcome.withdrawn for outcome in outcomes),
        new_vulnerabilities=news.new,
        changed_vulnerabilities=news.changed,
    )
