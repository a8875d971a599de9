"""The one error root, and the body by which an error travels.

An error and a problem have the same fields: what an error says reaches the API, commands, windows and notifications in
the same words.
"""

from __future__ import annotations

from backend.contract.problems import Problem, ProblemId, Remedy, failure
from backend.contract.wire import Wire


class ErrorFields(Wire):
    """What went wrong, for people: a few words; what it means; what to do about it (may be empty).

    `id` is a ProblemId; empty where nothing more is known than the words.
    """

    title: str
    message: str = ""
    hint: str = ""
    id: str = ""

    @property
    def problem(self) -> Problem:
        known = ProblemId(self.id) if self.id in list(ProblemId) else ProblemId.ACTION_FAILED
        return failure(self.title, self.message, self.hint, problem_id=known)

    def __str__(self) -> str:
        return f"{self.title}: {self.message}" if self.message else self.title


class ErrorBody(Wire):
    error: ErrorFields
    detail: str
    """`title: message` in one line, where clients of FastAPI look for it."""

    @classmethod
    def of(cls, error: ErrorFields) -> ErrorBody:
        return cls(error=error, detail=str(error))


class OpenThreatError(Exception):
    """Something went wrong that a person should read about.

    Args:
        title: A few words ("NVD cannot be reached").
        message: What it means.
        hint: What to do about it; may be empty.
        remedies: What the program itself can do about it at a click, the best first.
        problem_id: What it is, where the class of the error does not say that already.
    """

    problem_id: ProblemId = ProblemId.ACTION_FAILED

    def __init__(
        self,
        title: str,
        message: str = "",
        hint: str = "",
        remedies: tuple[Remedy, ...] = (),
        *,
        problem_id: ProblemId | None = None,
    ) -> None:
        super().__init__(title, message, hint, remedies)
        self.title, self.message, self.hint, self.remedies = title, message, hint, remedies
        if problem_id is not None:
            self.problem_id = problem_id

    @property
    def problem(self) -> Problem:
        return failure(self.title, self.message, self.hint, self.remedies or None, self.problem_id)

    @property
    def fields(self) -> ErrorFields:
        """As it goes over the wire."""
        return ErrorFields(title=self.title, message=self.message, hint=self.hint, id=self.problem_id)

    def __str__(self) -> str:
        return f"{self.title}: {self.message}" if self.message else self.title


class ConfigurationError(OpenThreatError):
    """A setting cannot be used as it stands."""

    problem_id = ProblemId.SETTINGS_UNUSABLE


class StoreUnavailable(OpenThreatError):  # noqa: N818 - names a state, not a fault of the program
    """The database cannot be reached right now; the same call may succeed later."""

    problem_id = ProblemId.DATABASE_AWAY


class StoreTooNew(OpenThreatError):  # noqa: N818
    """The database was written by a newer version of the program and is left untouched."""

    problem_id = ProblemId.DATABASE_NEWER


class StoreFull(OpenThreatError):  # noqa: N818
    """The disk that holds the database is full."""

    problem_id = ProblemId.DISK_FULL


class StoreDamaged(OpenThreatError):  # noqa: N818
    """The database is not whole; trying again is useless until it is restored or removed."""

    problem_id = ProblemId.DATABASE_DAMAGED


class SearchIndexDamaged(OpenThreatError):  # noqa: N818
    """The index of search documents is not whole. It is made anew from the records, so nothing is lost."""

    problem_id = ProblemId.SEARCH_INDEX_DAMAGED


class SourceError(OpenThreatError):
    """A source could not be read this time; its data stay as they are and the next run tries again."""

    problem_id = ProblemId.SOURCE_FAILED


class SourceUnreachable(SourceError):  # noqa: N818
    """No connection, no name, or no answer in time: the network's fault more often than the source's."""

    problem_id = ProblemId.SOURCE_UNREACHABLE


class SourceRefused(SourceError):  # noqa: N818
    """The source answered and said no (4xx other than 429): trying again at once is useless."""


class RunCancelled(OpenThreatError):  # noqa: N818
    """Somebody asked for this run to be cancelled."""


class RunInterrupted(OpenThreatError):  # noqa: N818
    """The program is stopping; the run is put back and continues at the next start."""


class RunLost(OpenThreatError):  # noqa: N818
    """Another worker has taken this run over; whatever this one still does must not be written."""


class TimeLimitExceeded(OpenThreatError):  # noqa: N818
    """The run took longer than its soft limit allows."""


class NotFound(OpenThreatError):  # noqa: N818
    """The thing asked for does not exist."""
