"""The base class of the program's errors, and the body of an error answer.

An error has the fields of a problem, so the API, commands, windows and notifications show the same text.
"""

from __future__ import annotations

from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.problems import Problem, failure
from backend.contract.wire import Wire


class ErrorFields(Wire):
    """An error for people: title, meaning and advice, each as in `OpenThreatError`.

    `id` is a ProblemId; empty if the error belongs to no known problem.
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
    """`title: message` in one line, in the field that clients of FastAPI read."""

    @classmethod
    def of(cls, error: ErrorFields) -> ErrorBody:
        return cls(error=error, detail=str(error))


class OpenThreatError(Exception):
    """An error whose text is shown to people.

    Args:
        title: A few words ("NVD cannot be reached").
        message: What it means.
        hint: What to do about it; may be empty.
        remedies: What the program itself can do about it at a click, the best first.
        problem_id: Replaces the id of the error's class.
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
        """The error as it is sent over the API."""
        return ErrorFields(title=self.title, message=self.message, hint=self.hint, id=self.problem_id)

    def __str__(self) -> str:
        return f"{self.title}: {self.message}" if self.message else self.title


class ConfigurationError(OpenThreatError):
    """A setting is invalid or missing."""

    problem_id = ProblemId.SETTINGS_UNUSABLE


class StoreUnavailable(OpenThreatError):  # noqa: N818 - names a state, not a fault of the program
    """The database cannot be reached right now; the same call may succeed later."""

    problem_id = ProblemId.DATABASE_AWAY


class StoreTooNew(OpenThreatError):  # noqa: N818
    """The database was written by a newer version of the program and is left untouched."""

    problem_id = ProblemId.DATABASE_NEWER


class StoreTooOld(StoreUnavailable):
    """The database is still used by an older version of the program; it is left untouched until that has stopped."""

    problem_id = ProblemId.DATABASE_OLDER


class StoreFull(OpenThreatError):  # noqa: N818
    """The disk that holds the database is full."""

    problem_id = ProblemId.DISK_FULL


class StoreDamaged(OpenThreatError):  # noqa: N818
    """The database is damaged. A retry fails until it is restored or removed."""

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


class ProxyRefused(SourceError):  # noqa: N818
    """The proxy on the way rejects the request, so that a retry would fail too, and might lock the account."""

    problem_id = ProblemId.PROXY_REFUSES


class ProxyUnusable(SourceError):  # noqa: N818
    """The proxy that is to be used is of a kind that is not supported."""

    problem_id = ProblemId.PROXY_REFUSES


class CertificateUntrusted(SourceError):  # noqa: N818
    """The server's certificate cannot be verified, or the file of certificates to trust cannot be used."""

    problem_id = ProblemId.CERTIFICATE_UNTRUSTED


class SourceRefused(SourceError):  # noqa: N818
    """The source rejected the request (4xx other than 429), so an immediate retry would fail too."""


class SourceUnusable(SourceError):  # noqa: N818
    """The source answered, but with something that cannot be read; its other parts may be whole."""


class ReportNotDelivered(OpenThreatError):  # noqa: N818
    """A report could not be written or sent. The next one covers its period as well."""


class RunCancelled(OpenThreatError):  # noqa: N818
    """A user cancelled this run."""


class RunInterrupted(OpenThreatError):  # noqa: N818
    """The program is stopping; the run is put back and continues at the next start."""


class RunLost(OpenThreatError):  # noqa: N818
    """Another worker has taken this run over, so this one must not write anything more."""


class TimeLimitExceeded(OpenThreatError):  # noqa: N818
    """The run took longer than its soft limit allows."""


class NotFound(OpenThreatError):  # noqa: N818
    """The requested object does not exist."""
