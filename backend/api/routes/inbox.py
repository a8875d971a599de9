"""Routes for the Inbox: what happened, and what of it has been read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.parameters import InboxFilters
from backend.api.roles import Router, needs
from backend.client.inventory.machine_id import known_machine_id
from backend.config import Settings
from backend.contract.access import AccessRole
from backend.contract.inbox import InboxEvents, InboxMarked, MarkEvents, MarkUpTo
from backend.services.exposure.inbox import list_events, mark_events
from backend.store.engine import Database


def router(settings: Settings, database: Database, clock: Callable[[], datetime]) -> APIRouter:
    routes = Router(tags=["inbox"])

    @routes.get("/inbox")
    @needs(AccessRole.READ)
    def get_events(filters: Annotated[InboxFilters, Query()]) -> InboxEvents:
        """What happened, the newest first."""
        with database.reading() as connection:
            return list_events(connection, filters.query(known_machine_id(settings.home)))

    @routes.patch("/inbox")
    @needs(AccessRole.TRIAGE)
    def mark(change: MarkEvents | MarkUpTo) -> InboxMarked:
        """Mark events as read or unread, or all of a scope up to one of them as read."""
        with database.transaction() as connection:
            return mark_events(connection, change, known_machine_id(settings.home), clock())

    return routes
