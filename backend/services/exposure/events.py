"""Events: written in the transaction of what they are about, and kept in accordance with what concerns the users."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from backend.contract.inbox import EventKind
from backend.domain.vulnerability import MergedVulnerability
from backend.services.exposure.watching import watched_terms
from backend.store.repositories.events import EventRepository, NewEvent
from backend.store.repositories.webhooks import WebhookRepository


def note_events(connection: Connection, events: Sequence[NewEvent]) -> None:
    """Write events, each once, however often its run is repeated."""
    if not events:
        return
    added = EventRepository(connection).add(events)
    WebhookRepository(connection).queue(added)
    refresh_concern(connection, {event.cve_id for event in events})


def change_event(kind: EventKind, vulnerability: MergedVulnerability, now: datetime) -> NewEvent:
    """The event of a change of a record. It is the same one if the change is taken back and comes again that day."""
    day = (kind is EventKind.EXPLOITED and vulnerability.kev_date_added) or now.date()
    return NewEvent(kind, vulnerability.cve_id, day.isoformat(), happened_at=now)


def refresh_concern(connection: Connection, cve_ids: Collection[str] | None = None) -> None:
    """Determine anew which events are in the scope `mine`, after findings, watchlist or records changed.

    Args:
        cve_ids: the vulnerabilities that they changed for; None: all.
    """
    EventRepository(connection).refresh_mine(watched_terms(connection), cve_ids)
