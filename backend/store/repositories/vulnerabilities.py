"""Reading of vulnerabilities: by id, with their history, and by pages of search results.

A complete record is merged from its claims when it is read: that takes as long as reading it from the disk would, and
half of the database would be records merged before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, func, select

from backend.contract.names import Severity, Source, Tag
from backend.domain.canonical import id_rank, text_rank
from backend.domain.claims import Claim, RecordState, SourceRecord
from backend.domain.merge import merge
from backend.domain.search import Position, SearchQuery, SortKey, WatchedTerms
from backend.domain.search_text import Token, id_facet
from backend.domain.vulnerability import MergedVulnerability
from backend.store.compression import damaged
from backend.store.dialects import search_index_of
from backend.store.dialects.bulk import one_of
from backend.store.repositories.concern import concerns
from backend.store.repositories.epss import epss_record
from backend.store.repositories.merged_rows import MERGED_COLUMNS, MERGED_WHEN_READ
from backend.store.repositories.search_plan import ResultPage, find_page, next_ids
from backend.store.repositories.source_records import SourceRecordRepository
from backend.store.tables import filter_index, vulnerabilities, vulnerability_changes

_ROW = vulnerabilities.c
_READ = (*(_ROW[name] for name in MERGED_COLUMNS), _ROW.priority_score, _ROW.first_seen_at, _ROW.updated_at)
_TYPED: dict[str, Callable[[Any], object]] = {
    "state": RecordState,
    "severity": Severity,
    "sources": lambda names: tuple(map(Source, names)),
    "tags": lambda names: tuple(map(Tag, names)),
}


@dataclass(frozen=True, slots=True)
class StoredVulnerability:
    """priority_score: 0-1, of the last daily pass; first_seen_at, updated_at: times of this program's clock."""

    vulnerability: MergedVulnerability
    priority_score: float
    first_seen_at: datetime
    updated_at: datetime

    @property
    def cve_id(self) -> str:
        return self.vulnerability.cve_id


@dataclass(frozen=True, slots=True)
class StoredPortion:
    """next: the position after which the next portion starts; None: this is the last one."""

    rows: Sequence[StoredVulnerability]
    next: Position | None


@dataclass(frozen=True, slots=True)
class StoredChange:
    """One field's change; old and new are JSON."""

    changed_at: datetime
    field: str
    old: str | None
    new: str | None
    source: Source
    run_id: str | None


_AT_ONCE = 5000
"""Numbers in one query."""


@dataclass(frozen=True, slots=True)
class ListedVulnerability:
    """What findings show of a vulnerability."""

    cve_id: str
    severity: Severity
    exploited_in_the_wild: bool
    priority_score: float
    tags: tuple[str, ...]


class VulnerabilityRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, cve_id: str) -> StoredVulnerability | None:
        found = self.read([cve_id])
        return found[0] if found else None

    def id_of(self, name: str) -> str:
        """The id of the record with this id or alias; of several, of the one with the highest priority; else `name`."""
        own = select(_ROW.cve_id).where(_ROW.cve_id == name)
        if self._connection.execute(own).scalar() is not None:
            return name
        index = search_index_of(self._connection)
        named = select(_ROW.cve_id).where(_ROW.id.in_(index.matching(Token(id_facet(name)))))
        first = named.order_by(_ROW.priority_score.desc(), _ROW.cve_id).limit(1)
        return self._connection.execute(first).scalar() or name

    def search(self, query: SearchQuery) -> ResultPage:
        """One page of matches. The total of a text search is counted up to 1,000, others exactly."""
        return find_page(self._connection, query)

    def portion(self, query: SearchQuery) -> StoredPortion:
        """The rows after `query.after`, or the first ones."""
        cve_ids = next_ids(self._connection, query)
        rows = self.read(cve_ids)
        is_last = len(cve_ids) < query.page_size
        return StoredPortion(rows, None if is_last or not rows else position_of(rows[-1], query.sort_by))

    def changes(self, cve_id: str, limit: int) -> list[StoredChange]:
        """Newest first."""
        c = vulnerability_changes.c
        query = select(c.changed_at, c.field, c.old, c.new, c.source, c.run_id).where(c.cve_id == cve_id)
        rows = self._connection.execute(query.order_by(c.id.desc()).limit(limit))
        return [StoredChange(at, field, old, new, Source(source), run) for at, field, old, new, source, run in rows]

    def count_changes(self, cve_id: str) -> int:
        c = vulnerability_changes.c
        return self._connection.execute(select(func.count()).where(c.cve_id == cve_id)).scalar_one()

    def read(self, cve_ids: Sequence[str]) -> list[StoredVulnerability]:
        """Read records in the order of the ids; ids that are not stored are left out."""
        rows = self._connection.execute(select(*_READ).where(one_of(self._connection, _ROW.cve_id, cve_ids))).all()
        records = SourceRecordRepository(self._connection).records_of(cve_ids)
        found = {row.cve_id: _stored(row, records.get(row.cve_id, [])) for row in rows}
        return [found[cve_id] for cve_id in cve_ids if cve_id in found]

    def read_fields(self, cve_ids: Sequence[str], fields: Iterable[str]) -> list[RowMapping]:
        """The same with some fields of the row only, as they are stored.

        Args:
            cve_ids: Which records.
            fields: Names of columns; `cve_id` is one of them.
        """
        rows = self._connection.execute(select(*(_ROW[name] for name in fields)).where(_ROW.cve_id.in_(cve_ids)))
        found = {row.cve_id: row._mapping for row in rows}
        return [found[cve_id] for cve_id in cve_ids if cve_id in found]

    def listed(self, numbers: Collection[int]) -> dict[int, ListedVulnerability]:
        """What findings show, by the row's number."""
        columns = (_ROW.cve_id, _ROW.severity, _ROW.exploited_in_the_wild, _ROW.priority_score, _ROW.tags)
        wanted, found = sorted(numbers), {}
        for start in range(0, len(wanted), _AT_ONCE):
            chosen = _ROW.id.in_(wanted[start : start + _AT_ONCE])
            for number, cve_id, severity, *others in self._connection.execute(select(_ROW.id, *columns).where(chosen)):
                found[number] = ListedVulnerability(cve_id, Severity(severity), *others)
        return found

    def ids_of(self, numbers: Collection[int]) -> dict[int, str]:
        """The CVE ids of rows."""
        wanted, found = sorted(numbers), dict[int, str]()
        for start in range(0, len(wanted), _AT_ONCE):
            chosen = _ROW.id.in_(wanted[start : start + _AT_ONCE])
            found.update(self._connection.execute(select(_ROW.id, _ROW.cve_id).where(chosen)).all())
        return found

    def due_between(self, first: date, last: date, watched: Iterable[WatchedTerms]) -> list[tuple[str, date]]:
        """What concerns and has a due date of CISA from one day to another one, and that date."""
        is_due = (_ROW.cisa_due_date >= first) & (_ROW.cisa_due_date <= last)
        rows = select(_ROW.cve_id, _ROW.cisa_due_date).where(
            _ROW.exploited_in_the_wild, is_due, concerns(self._connection, watched)
        )
        index = search_index_of(self._connection)
        found = self._connection.execute(index.using_index(self._connection, rows, filter_index))
        return [(cve_id, due) for cve_id, due in found]

    def states(self, cve_ids: Collection[str]) -> dict[str, str]:
        """The states of records; those that are not stored are absent."""
        chosen = one_of(self._connection, _ROW.cve_id, cve_ids)
        return dict(self._connection.execute(select(_ROW.cve_id, _ROW.state).where(chosen)).all())


def position_of(row: StoredVulnerability, sort_by: SortKey) -> Position:
    match sort_by:
        case SortKey.CVE_ID:
            return Position(id_rank(row.cve_id), row.cve_id)
        case SortKey.SEVERITY:
            return Position(list(Severity).index(row.vulnerability.severity), row.cve_id)
        case SortKey.PRIORITY | SortKey.FIRST_SEEN | SortKey.UPDATED:
            return Position(getattr(row, sort_by), row.cve_id)
        case SortKey.TITLE:
            return Position(text_rank(row.vulnerability.title), row.cve_id)
        case SortKey.VENDORS | SortKey.PRODUCTS | SortKey.SOURCES:
            return Position(text_rank("\n".join(getattr(row.vulnerability, sort_by))), row.cve_id)
    return Position(getattr(row.vulnerability, sort_by), row.cve_id)


def _stored(row: Row[*tuple[object, ...]], records: list[SourceRecord]) -> StoredVulnerability:
    fields = row._asdict()
    score, first_seen_at, updated_at = (fields.pop(name) for name in ("priority_score", "first_seen_at", "updated_at"))
    for name, convert in _TYPED.items():
        fields[name] = convert(fields[name])
    if Source.EPSS in fields["sources"]:
        claim = Claim(epss=fields["epss"], epss_percentile=fields["epss_percentile"])
        records = [*records, epss_record(row.cve_id, claim)]
    merged = merge(row.cve_id, records)
    if merged is None:
        raise damaged(f"{row.cve_id} has no claims")
    rest = {name: getattr(merged, name) for name in MERGED_WHEN_READ}
    return StoredVulnerability(MergedVulnerability(**fields, **rest), score, first_seen_at, updated_at)
