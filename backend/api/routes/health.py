"""Who answers, and how everything it depends on is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

import anyio
import anyio.to_thread
from fastapi import APIRouter, Response

from backend.contract.health import Health, Presence
from backend.services.status.health import (
    SILENT_BROKER,
    SILENT_STORE,
    Broker,
    Identity,
    look_at_broker,
    look_at_store,
    presence,
    put_together,
)
from backend.store.engine import Database

Found = TypeVar("Found")
_PATIENCE_S = 1.5  # less than a supervisor waits
_LOOKERS = 4
"""Threads that look at what health depends on; one that hangs is left to itself."""


def health_router(database: Database, broker: Broker, who: Identity, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(tags=["state"])
    limiter = anyio.CapacityLimiter(_LOOKERS)
    here = presence(who).model_dump_json()

    async def in_time(look: Callable[[], Found], otherwise: Found) -> Found:
        with anyio.move_on_after(_PATIENCE_S):
            return await anyio.to_thread.run_sync(look, abandon_on_cancel=True, limiter=limiter)
        return otherwise

    @routes.get("/live", response_model=Presence)
    async def live() -> Response:
        """Who answers, and no more: nothing else is asked for it, so it may be asked often."""
        return Response(here, media_type="application/json")

    @routes.get("/health")
    async def health() -> Health:
        """200 as long as the API lives; the body tells of everything it depends on.

        Answered in time whatever hangs and however many other requests wait: whoever asks takes silence for death.
        """
        store, queue = await asyncio.gather(
            in_time(partial(look_at_store, database, clock()), SILENT_STORE),
            in_time(partial(look_at_broker, broker), SILENT_BROKER),
        )
        return put_together(who, store, queue)

    return routes
