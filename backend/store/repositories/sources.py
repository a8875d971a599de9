"""How far each source has been read, and the result of the last attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from backend.contract.errors import OpenThreatError
from backend.contract.names import Source
from backend.store.dialects.bulk import upsert
from backend.store.tables import source_states

_STATE = source_states.c


@dataclass(frozen=True, slots=True)
class StoredSource:
    """One source's state.

    failures: consecutive ones; error_*: of the last; watermark: by the source's own clock; model: the version of the
    model that computed all its values (EPSS), and since when.
    """

    source: Source
    watermark: datetime | None = None
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    failures: int = 0
    error_title: str | None = None
    error_message: str | None = None
    error_hint: str | None = None
    error_id: str | None = None
    model: str | None = None
    model_since: datetime | None = None


_NO_ERROR = {"error_title": None, "error_message": None, "error_hint": None, "error_id": None}


class SourceRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[StoredSource]:
        """The state of every source, in the program's order; empty for those never tried."""
        columns = [_STATE[name] for name in StoredSource.__dataclass_fields__]
        rows = {row.source: row for row in self._connection.execute(select(*columns))}
        return [
            StoredSource(source, *rows[source][1:]) if source in rows else StoredSource(source) for source in Source
        ]

    def cursor(self, source: Source) -> bytes | None:
        """The position from which the connector continues; None: from the beginning."""
        return self._connection.execute(select(_STATE.cursor).where(_STATE.source == source)).scalar()

    def advance(
        self,
        source: Source,
        cursor: bytes,
        watermark: datetime | None,
        model: str | None = None,
        model_since: datetime | None = None,
    ) -> None:
        self._put(source, cursor=cursor, watermark=watermark, model=model, model_since=model_since)

    def record_attempt(self, source: Source, now: datetime) -> None:
        self._put(source, last_attempt_at=now)

    def record_success(self, source: Source, now: datetime) -> None:
        self._put(source, last_success_at=now, failures=0, **_NO_ERROR)

    def record_failure(self, source: Source, error: OpenThreatError) -> None:
        before = self._connection.execute(select(_STATE.failures).where(_STATE.source == source)).scalar() or 0
        fields = {
            "error_title": error.title,
            "error_message": error.message,
            "error_hint": error.hint,
            "error_id": error.problem_id,
        }
        self._put(source, failures=before + 1, **fields)

    def _put(self, source: Source, **values: object) -> None:
        statement = upsert(self._connection, source_states).values(source=source, **values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=values))
