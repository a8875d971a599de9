"""What a record's own page shows besides the record: fixed versions, what each source says, the course of EPSS."""

from __future__ import annotations

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
    """One field of a merged record beside what each source says.

    rule: why the merged value won, in one sentence. winner: its source, several joined by "+" for a union.
    """

    field: str
    rule: str
    value: JsonValue
    winner: str
    said: tuple[SourceValue, ...]


class SourceComparison(Wire):
    """What each source says about one vulnerability, field by field; fields of which none says anything are absent."""

    cve_id: str
    sources: tuple[Source, ...]
    fields: tuple[ComparedField, ...]
