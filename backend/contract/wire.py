"""The base class of all messages, their times in UTC, and the number of pages of a listing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict


class Wire(BaseModel):
    """A message between the API, the commands and the desktop. Unknown fields are ignored: either side may be newer.

    Validators are built when a message is first used: a process uses few of them, and its start is a fifth shorter.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class Body(Wire):
    """A message that is the body of a request: FastAPI needs its validator where it declares the route."""

    model_config = ConfigDict(defer_build=False)


def utc_now() -> datetime:
    return datetime.now(UTC)


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # in UTC it would lie before the year 1 or after 9999
        raise ValueError("is outside the years 1 to 9999") from error


def _written_out(given: object) -> object:
    """Refuse seconds since 1970, which pydantic also takes, as a number or as digits."""
    if not isinstance(given, datetime) and not (isinstance(given, str) and "-" in given[1:]):
        raise ValueError("is not a time like 2026-01-31T12:00:00Z")
    return given


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A moment in UTC; on the wire ISO 8601 with a "Z"."""
RequestedInstant = Annotated[Instant, BeforeValidator(_written_out)]
"""The same in the body of a request, where nothing but that form is accepted."""


def storable(text: str) -> str:
    """Read what no database stores, or UTF-8 cannot encode, as blanks: NUL and lone surrogates."""
    if text.isascii() and "\0" not in text:
        return text
    return "".join(" " if letter == "\0" or "\ud800" <= letter <= "\udfff" else letter for letter in text)


def page_count(total: int, page_size: int) -> int:
    return -(-total // page_size)
