"""The report of an update on each source: counts, examples of problems, and the error if there was one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backend.connectors.connector import RecordProblem
from backend.contract.errors import OpenThreatError, SourceError
from backend.contract.formatting import sentences
from backend.contract.names import Source
from backend.contract.tasks import OutcomeState, ReportedProblem, SourceResult, UpdateResult
from backend.store.repositories.statistics import UpdateEffect

EXAMPLES = 20
"""Problems listed with their record's id; further ones are only counted."""


MOST_REPAIRS = 5
"""Repairs named of one record; a record may have an odd value in each of a thousand items."""
USUAL_REFUSALS = 0.01
"""Share of a feed's records that may be unusable. Single bad records occur; more mean that the format has changed."""


@dataclass
class Refusals:
    """How many records of one feed were unusable, of all that it sent in one run."""

    seen: int = 0
    refused: int = 0
    example: RecordProblem | None = None

    def add(self, seen: int, refused: int, examples: Sequence[RecordProblem]) -> None:
        self.seen, self.refused = self.seen + seen, self.refused + refused
        if refused and self.example is None:
            self.example = next(iter(examples), None)

    @property
    def unusual(self) -> bool:
        """Whether the feed cannot be taken for read: more than one in a hundred (and than one), or all."""
        return self.refused > max(1, self.seen * USUAL_REFUSALS) or 0 < self.refused == self.seen

    def error(self, source: Source) -> SourceError:
        example = f" One of them, {self.example.record}: {self.example.reason}." if self.example else ""
        return SourceError(
            f"{source.upper()} sent records that cannot be read",
            f"{self.refused:,} of {self.seen:,} records were refused.{example}",
            "The other records were stored. Each update reads them again; if this lasts, the source has probably "
            "changed its format: install a newer version of the program, or report it.",
        )


def one_error(errors: Sequence[SourceError]) -> SourceError:
    """All that kept one source from being read completely, as one error with the title of the first."""
    first, *others = errors
    if not others:
        return first
    message = sentences(first.message, *map(str, others))
    hint = " ".join(dict.fromkeys(error.hint for error in errors if error.hint))
    return SourceError(first.title, message, hint, problem_id=first.problem_id)


@dataclass
class PartOutcome:
    """The counts of one source's records in one page."""

    source: Source
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    rejected: int = 0  # not usable at all
    mended: int = 0  # stored with a field repaired or left out
    problems: list[RecordProblem] = field(default_factory=list)

    def reject(self, problems: Iterable[RecordProblem]) -> None:
        for problem in problems:
            self.rejected += 1
            self._example(problem)

    def mend(self, record: str, repairs: Iterable[str]) -> None:
        self.mended += 1
        named = list(repairs)
        more = len(named) - MOST_REPAIRS
        reasons = [*named[:MOST_REPAIRS], *([f"{more} more"] if more > 0 else [])]
        self._example(RecordProblem(record=record, reason="; ".join(reasons)))

    def absorb(self, part: PartOutcome) -> None:
        """Add the counts and problems of another part."""
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


@dataclass
class SourceOutcome(PartOutcome):
    """The counts of one source in one run. `seen` counts records sent by the source, the others their results."""

    seen: int = 0
    error: OpenThreatError | None = None
    beside: int = 0  # read beside another source; a complete listing has them again, which counts once

    def absorb_beside(self, part: PartOutcome) -> None:
        """Add a part that was read beside another source."""
        read = part.added + part.changed + part.unchanged + part.rejected
        self.seen += read
        self.beside += read
        self.absorb(part)

    def absorb_page(self, seen: int, part: PartOutcome, *, listing: bool) -> None:
        """Add the own part of a page with so many records. listing: of a complete listing."""
        again = min(part.unchanged, self.beside) if listing else 0
        self.beside -= again
        self.seen += seen - again
        self.absorb(part)
        self.unchanged -= again

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
