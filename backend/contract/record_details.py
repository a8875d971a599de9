"""What a record's own page shows besides the record: fixed versions, what each source says, the course of EPSS."""

from __future__ import annotations

from datetime import date

from pydantic import JsonValue

from backend.contract.names import Source
from backend.contract.wire import Wire


class FixedVersions(Wire):
    """The first versions that are not affected any more, one for each branch, lowest first.

    products: those that it holds for, as "vendor product" in lower case; editions and systems in brackets.
    """

    products: tuple[str, ...]
    versions: tuple[str, ...]
    sources: tuple[Source, ...]


class FixList(Wire):
    """All that the sources state about fixed versions of one vulnerability."""

    cve_id: str
    items: tuple[FixedVersions, ...] = ()


class SourceValue(Wire):
    """What the record would say if there were only this source."""

    source: Source
    value: JsonValue


class ComparedField(Wire):
    """One field of a merged record beside what each source states.

    rule: why the merged value won, in one sentence. winner: its source, several joined by "+" for a union.
    """

    field: str
    rule: str
    value: JsonValue
    winner: str
    values: tuple[SourceValue, ...]


class SourceComparison(Wire):
    """What each source states about one vulnerability, field by field; without fields that none states."""

    cve_id: str
    sources: tuple[Source, ...]
    fields: tuple[ComparedField, ...]


class EpssPoint(Wire):
    """The score of one day. epss, percentile: 0-1."""

    day: date
    epss: float
    percentile: float | None = None


class EpssTrend(Wire):
    """The course of a score, the oldest day first.

    is_kept: of what this program has kept since it concerns its users; else of FIRST's answer, for the last 30 days.
    """

    cve_id: str
    points: tuple[EpssPoint, ...] = ()
    is_kept: bool = True
