"""How things stand: workers, sources, statistics, and all of it at once.

Who answers, and how everything it depends on is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, TypeVar

import anyio
import anyio.to_thread
from fastapi import APIRouter, Header, Response, status

from backend.config import Settings
from backend.contract.health import Health, Presence
from backend.contract.snapshot import Snapshot
from backend.contract.sources import KeyOffered, KeyVerdict, SourceList
from backend.contract.stats import Stats
from backend.contract.workers import WorkersStatus
from backend.services.query.statistics import current_stats
from backend.services.status.health import (
    BROKER_TIMED_OUT,
    STORE_TIMED_OUT,
    ApiIdentity,
    Broker,
    check_broker,
    check_store,
    compose_health,
    presence,
)
from backend.services.status.snapshot import fingerprint, list_sources, take_snapshot
from backend.services.status.worker_status import workers_status
from backend.store.engine import Database

if TYPE_CHECKING:
    from backend.connectors.nvd.key import NvdKeyCheck


def router(
    settings: Settings, database: Database, broker: Broker, who: ApiIdentity, clock: Callable[[], datetime]
) -> APIRouter:
    routes = APIRouter(tags=["state"])

    @cache
    def nvd_keys() -> NvdKeyCheck:
        """One for all, for the sake of NVD's limit; imported late, because what connectors need is 6 MiB."""
        from backend.connectors.nvd.key import NvdKeyCheck

        return NvdKeyCheck(settings)

    @routes.get("/tasks/workers/status")
    def workers() -> WorkersStatus:
        """The workers by their heartbeats, which go on while a task runs."""
        with database.reading() as connection:
            return workers_status(connection, clock())

    @routes.get("/sources")
    def sources() -> SourceList:
        """How fresh each source is; `records` counts the vulnerabilities that it says something of."""
        with database.reading() as connection:
            now = clock()
            return SourceList(sources=list_sources(connection, settings, current_stats(connection, now).by_source, now))

    @routes.post("/sources/nvd/key")
    def check_key(offered: KeyOffered) -> KeyVerdict:
        """Tries a key for NVD's API by one small request. It is neither kept nor logged."""
        return nvd_keys().check(offered.key)

    @routes.get("/stats")
    def stats() -> Stats:
        """As the statistics task computed them; computed at once where it has not run yet."""
        with database.reading() as connection:
            return current_stats(connection, clock())

    @routes.get(
        "/snapshot", response_model=Snapshot, responses={status.HTTP_304_NOT_MODIFIED: {"description": "as before"}}
    )
    def snapshot(if_none_match: Annotated[str | None, Header()] = None) -> Response:
        """All that the desktop shows. The ETag stays while only ages change."""
        taken = take_snapshot(settings, database, broker, who, clock())
        tag = f'"{fingerprint(taken)}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if if_none_match is not None and tag in (part.strip().removeprefix("W/") for part in if_none_match.split(",")):
            return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return Response(taken.model_dump_json(), headers=headers, media_type="application/json")

    return routes


Found = TypeVar("Found")
_PATIENCE_S = 1.5  # less than a supervisor waits
_LOOKERS = 4
"""Threads that look at what health depends on; one that hangs is left to itself."""


def health_router(database: Database, broker: Broker, who: ApiIdentity, clock: Callable[[], datetime]) -> APIRouter:
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
            in_time(partial(check_store, database, clock()), STORE_TIMED_OUT),
            in_time(partial(check_broker, broker), BROKER_TIMED_OUT),
        )
        return compose_health(who, store, queue)

    return routes
