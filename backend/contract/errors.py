"""The body of every answer that is not a success."""

from __future__ import annotations

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
