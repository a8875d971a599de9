"""The merged vulnerabilities as ingest and rebuild write them, with their search documents and history.

A row has what lists show, sort and filter by. The rest is merged again from the claims when a record is read (see
`repositories.vulnerabilities`); of it the row has only a hash, which tells whether it changed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from operator import attrgetter

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, exists, or_, select, update
from sqlalchemy.schema import CreateIndex, DropIndex

from backend.contract.names import Severity, Source
from backend.domain.claims import RecordState
from backend.domain.priority import PriorityFacts
from backend.domain.search_text import search_words
from backend.domain.vulnerability import MergedVulnerability
from backend.store.dialects import search_index_of
from backend.store.dialects.bulk import insert_rows, like, one_of, staged, temporary_table, upsert
from backend.store.repositories.source_records import SourceRecordRepository
from backend.store.tables import secondary_indexes, vulnerabilities, vulnerability_changes

_ROW = vulnerabilities.c
_OWN = ("details_hash", "priority_score", "first_seen_at", "updated_at")
MERGED_COLUMNS = tuple(column.name for column in _ROW if column.name not in ("id", *_OWN))
ROW_COLUMNS = (*MERGED_COLUMNS, *_OWN)
_merged = attrgetter(*MERGED_COLUMNS)
MERGED_WHEN_READ = tuple(name for name in MergedVulnerability.__struct_fields__ if name not in MERGED_COLUMNS)
_merged_when_read = attrgetter(*MERGED_WHEN_READ)
_DAILY = ("epss", "epss_percentile", "priority_score")
"""Columns that change daily for all records and do not count as a change of the vulnerability."""

_encode = msgspec.msgpack.Encoder().encode
_incoming = temporary_table("incoming_vulnerabilities", *(like(_ROW[name]) for name in ROW_COLUMNS))


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """The change of one field. old and new are JSON; source: whose record caused the change."""

    cve_id: str
    field: str
    old: str
    new: str
    source: Source


@dataclass(frozen=True, slots=True)
class ScoreInput:
    """The columns of a row that its priority depends on."""

    id: int
    cve_id: str
    facts: PriorityFacts
    priority_score: float


@dataclass(frozen=True, slots=True)
class DailyScores:
    """The columns that change every day. id: the row's primary key."""

    id: int
    epss: float | None
    epss_percentile: float | None
    priority_score: float


class MergedRow:
    """A merged vulnerability as it is written, with its priority score (0-1).

    What is stored of it is computed once, when it is needed or by `prepare`.
    """

    def __init__(self, vulnerability: MergedVulnerability, priority: float) -> None:
        self.cve_id, self.state = vulnerability.cve_id, vulnerability.state
        self._vulnerability, self._priority = vulnerability, priority

    def prepare(self, *, words: bool) -> None:
        """Compute what is written before the transaction, for whose end other writers wait.

        Args:
            words: also those of the search document, which is not written for a row that does not change.
        """
        _ = self.columns, words and self.words

    def values(self, first_seen_at: datetime, updated_at: datetime) -> tuple[object, ...]:
        """The row, in the order of ROW_COLUMNS."""
        return *self.columns, first_seen_at, updated_at

    @cached_property
    def columns(self) -> tuple[object, ...]:
        """The row without its moments."""
        rest = blake2b(_encode(_merged_when_read(self._vulnerability)), digest_size=8).digest()
        details_hash = int.from_bytes(rest, "big", signed=True)
        return *_merged(self._vulnerability), details_hash, self._priority

    @cached_property
    def words(self) -> str:
        """The search document."""
        return search_words(self._vulnerability)


class MergedRowRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._search = search_index_of(connection)

    def insert_vulnerabilities(self, rows: Sequence[MergedRow], now: datetime) -> None:
        """Write vulnerabilities that are not stored, each id once; the driver raises an error if one is."""
        if not rows:
            return
        insert_rows(self._connection, vulnerabilities, ROW_COLUMNS, [row.values(now, now) for row in rows])
        numbers = self._numbers_of([row.cve_id for row in rows])
        self._search.insert(self._connection, [(numbers[row.cve_id], row.words) for row in rows])

    def put_vulnerabilities(self, rows: Sequence[MergedRow], now: datetime, *, other_words: bool = False) -> None:
        """Write vulnerabilities, each id at most once, whether they are stored or not.

        Existing rows keep `first_seen_at` and are not written if nothing differs; `updated_at` changes with any column
        except EPSS and priority.

        Args:
            other_words: the search documents may differ where the rows do not, as after a change of the rules.
        """
        if not rows:
            return
        with staged(self._connection, _incoming, ROW_COLUMNS, [row.values(now, now) for row in rows]):
            numbers = self._write_changed()
            self._write_daily_columns()
        if other_words:
            numbers = self._numbers_of([row.cve_id for row in rows])
        documents = [(numbers[row.cve_id], row.words) for row in rows if row.cve_id in numbers]
        self._search.put(self._connection, documents)

    def _numbers_of(self, cve_ids: Collection[str]) -> dict[str, int]:
        """The primary keys of these rows."""
        rows = select(_ROW.cve_id, _ROW.id).where(one_of(self._connection, _ROW.cve_id, cve_ids))
        return dict(self._connection.execute(rows).all())

    def delete_vulnerabilities(self, ids: Collection[str]) -> None:
        """Delete vulnerabilities with their search documents; their history stays."""
        if not ids:
            return
        primary_keys = self._connection.execute(select(_ROW.id).where(_ROW.cve_id.in_(ids))).scalars().all()
        self._search.delete(self._connection, primary_keys)
        self._connection.execute(delete(vulnerabilities).where(_ROW.cve_id.in_(ids)))

    def add_changes(self, rows: Sequence[ChangeRow], run_id: str, now: datetime) -> None:
        insert_rows(
            self._connection,
            vulnerability_changes,
            ("cve_id", "changed_at", "field", "old", "new", "source", "run_id"),
            [(row.cve_id, now, row.field, row.old, row.new, row.source, run_id) for row in rows],
        )

    def existing(self, cve_ids: Collection[str]) -> set[str]:
        """Those of the ids that have a merged row."""
        return set(
            self._connection.execute(
                select(_ROW.cve_id).where(one_of(self._connection, _ROW.cve_id, cve_ids))
            ).scalars()
        )

    def not_exploited(self, cve_ids: Collection[str]) -> set[str]:
        """Those of the ids that have a row which is not known as exploited."""
        chosen = one_of(self._connection, _ROW.cve_id, cve_ids)
        rows = select(_ROW.cve_id).where(chosen, _ROW.exploited_in_the_wild.is_(False))
        return set(self._connection.execute(rows).scalars())

    def is_empty(self) -> bool:
        return not self._connection.execute(select(exists().select_from(vulnerabilities))).scalar_one()

    def score_inputs(self, after_id: int, limit: int) -> list[ScoreInput]:
        """The next rows, by the table's primary key, for the pass over all priorities."""
        return self._score_inputs(_ROW.id > after_id, limit)

    def score_inputs_of(self, cve_ids: Collection[str]) -> list[ScoreInput]:
        """The rows of these vulnerabilities, as far as there are any."""
        return self._score_inputs(one_of(self._connection, _ROW.cve_id, cve_ids), None)

    def _score_inputs(self, condition: ColumnElement[bool], limit: int | None) -> list[ScoreInput]:
        columns = [_ROW[field] for field in PriorityFacts.__struct_fields__]
        query = select(_ROW.id, _ROW.cve_id, _ROW.priority_score, *columns).where(condition).order_by(_ROW.id)
        return [
            ScoreInput(identity, cve_id, PriorityFacts(RecordState(state), Severity(severity), *others), score)
            for identity, cve_id, score, state, severity, *others in self._connection.execute(query.limit(limit))
        ]

    def put_priorities(self, scores: Sequence[tuple[int, float]]) -> None:
        """Write new priorities by primary key; `updated_at` does not change."""
        self._put_columns(("id", "priority_score"), scores)

    def put_daily_scores(self, scores: Sequence[DailyScores]) -> None:
        """Write EPSS's scores and the priorities that follow from them; `updated_at` does not change."""
        rows = [(score.id, score.epss, score.epss_percentile, score.priority_score) for score in scores]
        self._put_columns(("id", *_DAILY), rows)

    def _put_columns(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        if not rows:
            return
        incoming = temporary_table("incoming_scores", *(like(_ROW[name]) for name in columns))
        with staged(self._connection, incoming, columns, rows):
            values = {name: incoming.c[name] for name in columns[1:]}
            self._connection.execute(update(vulnerabilities).where(_ROW.id == incoming.c.id).values(values))

    def drop_secondary_indexes(self) -> None:
        """Drop the indexes before a first load. Sorting and searching are slow until they are built again."""
        for index in secondary_indexes:
            self._connection.execute(DropIndex(index, if_exists=True))
        self._search.drop(self._connection)

    def build_secondary_indexes(self) -> None:
        """Build the missing indexes; may be interrupted anywhere and repeated."""
        for index in secondary_indexes:
            self._connection.execute(CreateIndex(index, if_not_exists=True))
        self._search.build(self._connection)

    def search_index_is_whole(self) -> bool:
        """See SearchIndex.is_whole."""
        return self._search.is_whole(self._connection)

    def empty_search_index(self) -> None:
        """Replace a damaged index of search documents by an empty one, which a rebuild has to fill."""
        self._search.recreate(self._connection)

    def _write_changed(self) -> dict[str, int]:
        """Write new and changed rows in id order, and return their primary keys."""
        compared = [name for name in (*MERGED_COLUMNS, "details_hash") if name not in _DAILY]
        changed = (
            select(*(_incoming.c[name] for name in ROW_COLUMNS))
            .outerjoin_from(_incoming, vulnerabilities, _ROW.cve_id == _incoming.c.cve_id)
            .where(or_(*(_incoming.c[name].is_distinct_from(_ROW[name]) for name in compared)))
            .order_by(_incoming.c.cve_id)
        )
        rows = upsert(self._connection, vulnerabilities).from_select(ROW_COLUMNS, changed)
        new = {name: rows.excluded[name] for name in ROW_COLUMNS if name not in ("cve_id", "first_seen_at")}
        written = rows.on_conflict_do_update(index_elements=["cve_id"], set_=new).returning(_ROW.cve_id, _ROW.id)
        return dict(self._connection.execute(written).all())

    def _write_daily_columns(self) -> None:
        """A statement of its own: most rows change only in these columns, which are in few indexes."""
        differs = or_(*(_incoming.c[name].is_distinct_from(_ROW[name]) for name in _DAILY))
        self._connection.execute(
            update(vulnerabilities)
            .where(_ROW.cve_id == _incoming.c.cve_id, differs)
            .values({name: _incoming.c[name] for name in _DAILY})
        )


class IngestRepository(SourceRecordRepository, MergedRowRepository):
    """Source records and merged vulnerabilities, which one page of an update writes in one transaction."""

    def __init__(self, connection: Connection) -> None:
        SourceRecordRepository.__init__(self, connection)
        MergedRowRepository.__init__(self, connection)
