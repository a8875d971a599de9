"""Events of CISA's due dates that are near.

They are written at the end of each update, also of one that reached no source: the dates come with the records, and
updates run every day. Only what concerns the users has such an event, since CISA sets a date for all that is exploited.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from backend.contract.inbox import EventKind
from backend.contract.settings import InboxThresholds
from backend.services.exposure.events import note_events
from backend.services.exposure.watching import watched_terms
from backend.store.repositories.events import NewEvent
from backend.store.repositories.metadata import DUE_CHECKED_KEY, MetadataRepository
from backend.store.repositories.vulnerabilities import VulnerabilityRepository


def note_due_dates(connection: Connection, thresholds: InboxThresholds, now: datetime) -> None:
    """Write an event for each due date that is near, or has passed since the last time; one for each date."""
    metadata, today = MetadataRepository(connection), now.date()
    checked = metadata.get(DUE_CHECKED_KEY)
    first = min(date.fromisoformat(checked), today) if checked else today
    last = today + timedelta(days=thresholds.due_days)
    due = VulnerabilityRepository(connection).due_between(first, last, watched_terms(connection))
    note_events(connection, [NewEvent(EventKind.DUE_SOON, cve_id, day.isoformat(), now) for cve_id, day in due])
    metadata.set(DUE_CHECKED_KEY, today.isoformat())
