"""The course of EPSS scores, kept for what concerns the users: FIRST's table has only the present ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, Date, delete, literal, select

from backend.domain.search import WatchedTerms
from backend.store.dialects.bulk import upsert
from backend.store.repositories.concern import concerns
from backend.store.tables import epss_history, vulnerabilities

_ROW, _SCORED = epss_history.c, vulnerabilities.c


class EpssHistoryRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, day: date, watched: Iterable[WatchedTerms]) -> None:
        """Keep the present scores of what concerns as those of a day, in place of any of that day.

        Only FIRST gives percentiles, so that a score without one is EUVD's copy, of another day.
        """
        scores = select(_SCORED.cve_id, literal(day, Date()), _SCORED.epss, _SCORED.epss_percentile).where(
            concerns(self._connection, watched), _SCORED.epss.is_not(None), _SCORED.epss_percentile.is_not(None)
        )
        written = upsert(self._connection, epss_history).from_select(["cve_id", "day", "epss", "percentile"], scores)
        self._connection.execute(
            written.on_conflict_do_update(
                index_elements=["cve_id", "day"],
                set_={"epss": written.excluded.epss, "percentile": written.excluded.percentile},
            )
        )

    def of(self, cve_id: str) -> list[tuple[date, float, float]]:
        """Day, score and percentile of one vulnerability, the oldest first."""
        query = select(_ROW.day, _ROW.epss, _ROW.percentile).where(_ROW.cve_id == cve_id).order_by(_ROW.day)
        return [(day, epss, percentile) for day, epss, percentile in self._connection.execute(query)]

    def delete_older(self, day: date) -> int:
        return self._connection.execute(delete(epss_history).where(_ROW.day < day)).rowcount
