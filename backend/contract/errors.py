"""The body of every answer that is not a success.

The one error root. The same three fields reach the API, the command line, dialogs and notifications.
"""

from __future__ import annotations

from backend.contract.problems import Problem, Remedy
from backend.contract.wire import Wire


class ErrorFields(Wire):
    """What went wrong, for people: a few words; what it means; what to do about it (may be empty)."""

    title: str
    message: str = ""
    hint: str = ""

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
    """

    def __init__(self, title: str, message: str = "", hint: str = "", remedies: tuple[Remedy, ...] = ()) -> None:
        super().__init__(title, message, hint, remedies)
        self.title, self.message, self.hint, self.remedies = title, message, hint, remedies

    @property
    def problem(self) -> Problem:
        return Problem(self.title, self.message, self.hint, self.remedies)

    def __str__(self) -> str:
        return f"{self.title}: {self.message}" if self.message else self.title


class ConfigurationError(OpenThreatError):
    """A setting cannot be used as it stands."""


class StoreUnavailable(OpenThreatError):  # noqa: N818 - names a state, not a fault of the program
    """The database cannot be reached right now; the same call may succeed later."""


class StoreTooNew(OpenThreatError):  # noqa: N818
    """The database was written by a newer version of the program and is left untouched."""


class StoreFull(OpenThreatError):  # noqa: N818
    """The disk that holds the database is full."""


class StoreDamaged(OpenThreatError):  # noqa: N818
    """The database is not whole; trying again is useless until somebody has restored or removed it."""


class SourceError(OpenThreatError):
    """A source could not be read this time; its data stay as they are and the next run tries again."""


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
