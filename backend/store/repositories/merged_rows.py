"""The merged vulnerabilities as ingest and rebuild write them, with their details, search documents and history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

import msgspec
from sqlalchemy import Column, Connection, Text, delete, exists, or_, select, update
from sqlalchemy.schema import CreateIndex, DropIndex

from backend.contract.names import Severity, Source
from backend.domain.claims import RecordState
from backend.domain.priority import PriorityFacts
from backend.domain.search import search_words
from backend.domain.vulnerability import Details, MergedVulnerability
from backend.store.dialects import search_index_of
from backend.store.dialects.bulk import insert_rows, like, staged, temporary_table, upsert
from backend.store.repositories.source_records import SourceRecordRepository
from backend.store.tables import (
    Identity,
    secondary_indexes,
    vulnerabilities,
    vulnerability_changes,
    vulnerability_details,
)

_ROW = vulnerabilities.c
_OWN = ("priority_score", "first_seen_at", "updated_at")
MERGED_COLUMNS = tuple(column.name for column in _ROW if column.name not in ("id", *_OWN))
_COLUMNS = (*MERGED_COLUMNS, *_OWN)
_merged = attrgetter(*MERGED_COLUMNS)
_DAILY = ("epss", "epss_percentile", "priority_score")
"""Columns that change daily for all records and do not count as a change of the vulnerability."""

_encode_details = msgspec.json.Encoder().encode
decode_details = msgspec.json.Decoder(Details).decode
_incoming = temporary_table("incoming_vulnerabilities", *(like(_ROW[name]) for name in _COLUMNS), Column("body", Text))
_scores = temporary_table("incoming_scores", Column("id", Identity, primary_key=True), like(_ROW.priority_score))


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
    """The columns of a row that the daily pass over all priorities needs."""

    id: int
    facts: PriorityFacts
    priority_score: float


class MergedRowRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._search = search_index_of(connection)

    def put_vulnerabilities(
        self,
        rows: Sequence[tuple[MergedVulnerability, float]],
        now: datetime,
        *,
        bulk: bool,
        all_documents: bool = False,
    ) -> None:
        """Write vulnerabilities with their priority scores (0-1), each id at most once.

        Existing rows keep `first_seen_at` and are not written if nothing differs; `updated_at` changes with any column
        except EPSS and priority.

        Args:
            bulk: the rows come in id order, all after those already stored.
            all_documents: write the search documents of rows that do not differ as well: the index was emptied.
        """
        if not rows:
            return
        if bulk and not self._reaches(min(vulnerability.cve_id for vulnerability, _ in rows)):
            self._insert(rows, now)
        else:
            self._merge(rows, now, all_documents=all_documents)

    def delete_vulnerabilities(self, ids: Collection[str]) -> None:
        """Delete vulnerabilities with their details and search documents; their history stays."""
        if not ids:
            return
        primary_keys = self._connection.execute(select(_ROW.id).where(_ROW.cve_id.in_(ids))).scalars().all()
        self._search.delete(self._connection, primary_keys)
        self._connection.execute(delete(vulnerability_details).where(vulnerability_details.c.cve_id.in_(ids)))
        self._connection.execute(delete(vulnerabilities).where(_ROW.cve_id.in_(ids)))

    def add_changes(self, rows: Sequence[ChangeRow], run_id: str, now: datetime) -> None:
        insert_rows(
            self._connection,
            vulnerability_changes,
            ("cve_id", "changed_at", "field", "old", "new", "source", "run_id"),
            [(row.cve_id, now, row.field, row.old, row.new, row.source, run_id) for row in rows],
        )

    def is_empty(self) -> bool:
        return not self._connection.execute(select(exists().select_from(vulnerabilities))).scalar_one()

    def score_inputs(self, after_id: int, limit: int) -> list[ScoreInput]:
        """The next rows, by the table's primary key, for the pass over all priorities."""
        columns = [_ROW[field] for field in PriorityFacts.__struct_fields__]
        query = select(_ROW.id, _ROW.priority_score, *columns).where(_ROW.id > after_id).order_by(_ROW.id).limit(limit)
        return [
            ScoreInput(identity, PriorityFacts(RecordState(state), Severity(severity), *others), score)
            for identity, score, state, severity, *others in self._connection.execute(query)
        ]

    def put_priorities(self, scores: Sequence[tuple[int, float]]) -> None:
        """Write new scores by primary key; `updated_at` does not change."""
        if not scores:
            return
        with staged(self._connection, _scores, ("id", "priority_score"), scores):
            same = _ROW.id == _scores.c.id
            self._connection.execute(
                update(vulnerabilities).where(same).values(priority_score=_scores.c.priority_score)
            )

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

    def _reaches(self, cve_id: str) -> bool:
        """Whether a bulk page was written before: a page is repeated if the result of its commit was lost."""
        return self._connection.execute(select(exists().where(_ROW.cve_id >= cve_id))).scalar_one()

    def _insert(self, rows: Sequence[tuple[MergedVulnerability, float]], now: datetime) -> None:
        insert_rows(self._connection, vulnerabilities, _COLUMNS, [_values(*row, now) for row in rows])
        insert_rows(
            self._connection,
            vulnerability_details,
            ("cve_id", "body"),
            [(vulnerability.cve_id, _body(vulnerability)) for vulnerability, _ in rows],
        )
        first = min(vulnerability.cve_id for vulnerability, _ in rows)
        numbers = dict(self._connection.execute(select(_ROW.cve_id, _ROW.id).where(_ROW.cve_id >= first)).all())
        self._search.insert(
            self._connection,
            [(numbers[vulnerability.cve_id], search_words(vulnerability)) for vulnerability, _ in rows],
        )

    def _merge(self, rows: Sequence[tuple[MergedVulnerability, float]], now: datetime, *, all_documents: bool) -> None:
        values = [(*_values(vulnerability, score, now), _body(vulnerability)) for vulnerability, score in rows]
        with staged(self._connection, _incoming, (*_COLUMNS, "body"), values):
            numbers = self._write_changed()
            self._write_daily_columns()
            self._write_bodies()
        if all_documents:
            ids = [vulnerability.cve_id for vulnerability, _ in rows]
            numbers = dict(self._connection.execute(select(_ROW.cve_id, _ROW.id).where(_ROW.cve_id.in_(ids))).all())
        self._search.put(
            self._connection,
            [
                (numbers[vulnerability.cve_id], search_words(vulnerability))
                for vulnerability, _ in rows
                if vulnerability.cve_id in numbers
            ],
        )

    def _write_changed(self) -> dict[str, int]:
        """Write new and changed rows in id order, before the bodies, and return their primary keys."""
        differs = (_incoming.c[name].is_distinct_from(_ROW[name]) for name in MERGED_COLUMNS if name not in _DAILY)
        changed = (
            select(*(_incoming.c[name] for name in _COLUMNS))
            .outerjoin_from(_incoming, vulnerabilities, _ROW.cve_id == _incoming.c.cve_id)
            .outerjoin(vulnerability_details, vulnerability_details.c.cve_id == _incoming.c.cve_id)
            .where(or_(_incoming.c.body.is_distinct_from(vulnerability_details.c.body), *differs))
            .order_by(_incoming.c.cve_id)
        )
        rows = upsert(self._connection, vulnerabilities).from_select(_COLUMNS, changed)
        new = {name: rows.excluded[name] for name in _COLUMNS if name not in ("cve_id", "first_seen_at")}
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

    def _write_bodies(self) -> None:
        stored = vulnerability_details.c
        differing = (
            select(_incoming.c.cve_id, _incoming.c.body)
            .outerjoin_from(_incoming, vulnerability_details, stored.cve_id == _incoming.c.cve_id)
            .where(_incoming.c.body.is_distinct_from(stored.body))
        )
        rows = upsert(self._connection, vulnerability_details).from_select(["cve_id", "body"], differing)
        self._connection.execute(
            rows.on_conflict_do_update(index_elements=["cve_id"], set_={"body": rows.excluded.body})
        )


def _body(vulnerability: MergedVulnerability) -> str:
    return _encode_details(vulnerability.details).decode()


def _values(vulnerability: MergedVulnerability, score: float, now: datetime) -> tuple[object, ...]:
    return *_merged(vulnerability), score, now, now


class IngestRepository(SourceRecordRepository, MergedRowRepository):
    """Source records and merged vulnerabilities, which one page of an update writes in one transaction."""

    def __init__(self, connection: Connection) -> None:
        SourceRecordRepository.__init__(self, connection)
        MergedRowRepository.__init__(self, connection)
