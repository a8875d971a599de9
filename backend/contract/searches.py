"""The conditions of a search for vulnerabilities, and searches that are saved under a name.

The parameters of the API, saved searches and the windows' filters are this one definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    WithJsonSchema,
    model_validator,
)

from backend.contract.exposure import FindingState
from backend.contract.names import Severity, Source, Tag
from backend.contract.wire import Body, storable

MAX_SEARCH = 4000
"""Longest search text in characters; 200 ids fit into it."""
MAX_NAMES = 50
"""Values of one filter."""
MAX_SAVED = 100
MAX_SAVED_NAME = 100  # characters


class StateFilter(StrEnum):
    PUBLISHED = "PUBLISHED"
    REJECTED = "REJECTED"
    ANY = "ANY"


def _check_characters(text: str) -> str:
    """Reject what PostgreSQL cannot store (NUL) and UTF-8 cannot encode (lone surrogates)."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("contains invalid characters")
    return text


def _parse_instant(given: object) -> object:
    """Parse a day (its beginning in UTC) or a date and time; without a zone it is in UTC."""
    if not isinstance(given, str):
        return given
    try:
        moment = (
            datetime.combine(date.fromisoformat(given), time())
            if len(given) == len("2026-01-31")
            else datetime.fromisoformat(given)
        )
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        if moment is not None:
            return moment.astimezone(UTC)
    except OverflowError:  # in UTC it would lie before the year 1 or after 9999
        moment = None
    raise ValueError("is not a day like 2026-01-31 or a time like 2026-01-31T12:00:00Z")


def _parse_day(given: object) -> object:
    if given is None or type(given) is date:
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise ValueError("is not a day like 2026-01-31") from None


def upper(given: object) -> object:
    return given.upper() if isinstance(given, str) else given


def _parts(given: object) -> object:
    """Accept several values as repeated parameters or joined by commas."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        return given
    return tuple(part.strip() for text in given for part in str(text).split(","))


def split_upper(given: object) -> object:
    parts = _parts(given)
    return tuple(part.upper() for part in parts) if isinstance(parts, tuple) else parts


def split_lower(given: object) -> object:
    parts = _parts(given)
    return tuple(part.lower() for part in parts) if isinstance(parts, tuple) else parts


CheckedText = Annotated[str, AfterValidator(_check_characters), Field(json_schema_extra={"pattern": r"^[^\x00]*$"})]
"""The schema says what JSON can say: a lone surrogate cannot be sent at all."""
_INSTANT = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
Moment = Annotated[datetime | None, BeforeValidator(_parse_instant), WithJsonSchema(_INSTANT)]
Day = Annotated[date | None, BeforeValidator(_parse_day), WithJsonSchema({"type": "string", "format": "date"})]
_Name = Annotated[CheckedText, Field(max_length=200)]
_Names = Annotated[tuple[_Name, ...], Field(max_length=MAX_NAMES)]
_Tags = Annotated[tuple[Tag, ...], BeforeValidator(split_lower)]
_FindingStates = Annotated[tuple[FindingState, ...], BeforeValidator(split_lower)]
_Weaknesses = Annotated[_Names, BeforeValidator(split_upper)]


class VulnerabilityFilters(BaseModel):
    """Finds what matches all given conditions; of several values of one condition, any is enough.

    Unknown names are rejected, because a misspelt filter would silently match everything.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    search: Annotated[CheckedText, Field(max_length=MAX_SEARCH)] = Field(
        default="",
        description="Ids of any kind, also in addresses or lists; CPE names and package URLs; CWE ids; or words, each"
        " the beginning of a word in the title, description, vendors, products or packages. Whole words come first",
    )
    severity: Annotated[tuple[Severity, ...], BeforeValidator(split_upper)] = Field(
        default=(), description="One or several severities, repeated or joined by commas"
    )
    exploited: bool | None = Field(default=None, description="Whether CISA lists it as known exploited")
    exploited_after: Moment = Field(
        default=None,
        description="Known exploited, and recorded as such in this database after this day or time (exclusive)",
    )
    kev_added_after: Day = Field(default=None, description="CISA listed it on this day or later")
    kev_added_before: Day = Field(default=None, description="CISA listed it before this day")
    due_before: Day = Field(default=None, description="CISA's due date is before this day")
    ransomware: bool | None = Field(default=None, description="Whether CISA knows of ransomware that uses it")
    vendor: _Names = Field(default=(), description="Vendors, in any spelling; repeated for several")
    product: _Names = Field(default=(), description="Products or packages, in any spelling; repeated for several")
    cwe: _Weaknesses = Field(
        default=(), description="CWE ids such as CWE-79, or their numbers, repeated or joined by commas"
    )
    source: Source | None = Field(default=None, description="The source has a record of it")
    state: Annotated[StateFilter | None, BeforeValidator(upper)] = Field(
        default=None,
        description="Without it, published records, and a rejected one only where its own id is searched for",
    )
    tag: _Tags = Field(default=(), description="What the CNA says of the record as a whole; repeated for several")
    nvd_status: _Names = Field(
        default=(), description="How far NVD's analysis is, in its own words: Deferred; repeated for several"
    )
    mine: bool = Field(
        default=False,
        description="Only what concerns the machines whose inventories are stored, or is watched",
    )
    triage: _FindingStates = Field(
        default=(), description="A finding of it is in one of these states, repeated or joined by commas"
    )
    min_cvss: float | None = Field(default=None, ge=0, le=10)
    min_epss: float | None = Field(default=None, ge=0, le=1)
    min_priority: float | None = Field(default=None, ge=0, le=1)
    published_after: Moment = Field(default=None, description="A day or a time, inclusive")
    published_before: Moment = Field(default=None, description="A day or a time, exclusive")
    changed_after: Moment = Field(
        default=None,
        description="Changed in this database on this day or later, after it was added; scores that move every day,"
        " as EPSS does, do not count",
    )


class SavedSearch(Body):
    """A search with a name.

    is_watched: what it finds is `mine`. It then cannot itself ask for what is `mine` or how it was triaged.
    """

    name: Annotated[
        str,
        AfterValidator(storable),
        AfterValidator(str.strip),
        Field(max_length=MAX_SAVED_NAME, json_schema_extra={"pattern": r"[^\x00\s]"}),
    ]
    filters: VulnerabilityFilters = VulnerabilityFilters()
    is_watched: StrictBool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.name:
            raise ValueError("name is empty")
        if self.is_watched and not self.can_be_watched:
            raise ValueError("a search in what is yours, or by triage, cannot be watched")
        return self

    @property
    def can_be_watched(self) -> bool:
        """Whether its result depends on nobody's inventory or triage, and any condition limits it."""
        return not self.filters.mine and not self.filters.triage and self.filters != VulnerabilityFilters()


class SavedSearches(Body):
    """All saved searches in their order; names differ, whatever their case."""

    items: Annotated[tuple[SavedSearch, ...], Field(max_length=MAX_SAVED)] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len({search.name.casefold() for search in self.items}) < len(self.items):
            raise ValueError("two searches have the same name")
        return self
