"""Made-up events of the inbox: of what is watched, of each kind, read and unread, from minutes to weeks ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from backend.contract.exposure import Watched, Watchlist
from backend.contract.inbox import EventKind
from backend.services.exposure.events import note_events
from backend.services.exposure.watching import replace_watchlist
from backend.store.engine import Database
from backend.store.repositories.events import NewEvent
from backend.store.tables import vulnerabilities

_AGO = {
    EventKind.EXPLOITED: timedelta(days=20),
    EventKind.DUE_SOON: timedelta(days=2),
    EventKind.CRITICAL: timedelta(hours=6),
    EventKind.EPSS_ROSE: timedelta(hours=2),
}
_EACH = 40


def put_news(database: Database, now: datetime) -> None:
    """Watch two vendors, and let something have happened to every vendor's vulnerabilities."""
    with database.transaction() as connection:
        replace_watchlist(connection, Watchlist(items=(Watched(vendor="apache"), Watched(vendor="fortinet"))))
        row = vulnerabilities.c
        exploited = select(row.cve_id).where(row.exploited_in_the_wild).order_by(row.cve_id.desc())
        others = select(row.cve_id).where(~row.exploited_in_the_wild, row.cvss_score >= 9).order_by(row.cve_id.desc())
        known = connection.execute(exploited.limit(_EACH)).scalars().all()
        critical = connection.execute(others.limit(2 * _EACH)).scalars().all()
        chosen = {
            EventKind.EXPLOITED: known,
            EventKind.DUE_SOON: known[: _EACH // 4],
            EventKind.CRITICAL: critical[:_EACH],
            EventKind.EPSS_ROSE: critical[_EACH:],
        }
        events = [
            NewEvent(
                kind,
                cve_id,
                "",
                now - _AGO[kind] / (place + 1),
                epss_before=0.02 if kind is EventKind.EPSS_ROSE else None,
                epss_after=0.61 if kind is EventKind.EPSS_ROSE else None,
                is_read=place % 3 == 2,
            )
            for kind, ids in chosen.items()
            for place, cve_id in enumerate(ids)
        ]
        note_events(connection, sorted(events, key=lambda event: event.happened_at))
