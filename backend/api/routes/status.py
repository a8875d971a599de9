"""Routes for the state of the backend: health, workers, sources, statistics, and a snapshot of all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, TypeVar

import anyio
import anyio.to_thread
from fastapi import APIRouter, Header, Response, status

from backend.api.roles import Router, needs
from backend.config import Settings
from backend.contract.access import AccessRole
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

Result = TypeVar("Result")

_CHECK_TIMEOUT_S = 1.5  # shorter than the supervisor's timeout for an answer
_CHECK_THREADS = 4
"""Threads for health checks. A check that hangs keeps its thread and does not delay the answer."""


def router(
    settings: Settings, database: Database, broker: Broker, identity: ApiIdentity, clock: Callable[[], datetime]
) -> APIRouter:
    routes = Router(tags=["status"])
    # Routes are tried in order, so those that are called most often come first.
    routes.include_router(_health_routes(database, broker, identity, clock))

    @cache
    def nvd_keys() -> NvdKeyCheck:
        """One object for all requests, because it keeps NVD's limit. Imported late: the connectors use 6 MiB."""
        from backend.connectors.nvd.key import NvdKeyCheck

        return NvdKeyCheck(settings)

    @routes.get("/tasks/workers/status")
    @needs(AccessRole.READ)
    def get_workers() -> WorkersStatus:
        """Workers by their heartbeats, which continue while a task runs."""
        return workers_status(database, clock())

    @routes.get("/sources")
    @needs(AccessRole.READ)
    def get_sources() -> SourceList:
        """Freshness of each source. `records` is the number of vulnerabilities for which the source has a record."""
        with database.reading() as connection:
            now = clock()
            return SourceList(sources=list_sources(connection, settings, current_stats(connection, now).by_source, now))

    @routes.post("/sources/nvd/key")
    @needs(AccessRole.ADMINISTER)
    def check_nvd_key(offered: KeyOffered) -> KeyVerdict:
        """Check a key for NVD's API with one small request. The key is neither stored nor logged."""
        return nvd_keys().check(offered.key)

    @routes.get("/stats")
    @needs(AccessRole.READ)
    def get_statistics() -> Stats:
        """Statistics, as computed by the task `update-stats`; computed now if a source was updated since."""
        with database.reading() as connection:
            return current_stats(connection, clock())

    @routes.get(
        "/snapshot", response_model=Snapshot, responses={status.HTTP_304_NOT_MODIFIED: {"description": "Not modified"}}
    )
    @needs(AccessRole.READ)
    def get_snapshot(if_none_match: Annotated[str | None, Header()] = None) -> Response:
        """Everything that the desktop shows. The ETag ignores ages of heartbeats and memory of workers."""
        snapshot = take_snapshot(settings, database, broker, identity, clock())
        tag = f'"{fingerprint(snapshot)}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if if_none_match is not None and tag in (part.strip().removeprefix("W/") for part in if_none_match.split(",")):
            return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return Response(snapshot.model_dump_json(), headers=headers, media_type="application/json")

    return routes


def _health_routes(
    database: Database, broker: Broker, identity: ApiIdentity, clock: Callable[[], datetime]
) -> APIRouter:
    routes = Router()
    limiter = anyio.CapacityLimiter(_CHECK_THREADS)
    live_answer = presence(identity).model_dump_json()

    async def with_timeout(check: Callable[[], Result], timed_out: Result) -> Result:
        with anyio.move_on_after(_CHECK_TIMEOUT_S):
            return await anyio.to_thread.run_sync(check, abandon_on_cancel=True, limiter=limiter)
        return timed_out

    @routes.get("/live", response_model=Presence)
    @needs(AccessRole.READ)
    async def get_presence() -> Response:
        """Identity of this API process; the only address that other users of the machine may ask. Checks nothing."""
        return Response(live_answer, media_type="application/json")

    @routes.get("/health")
    @needs(AccessRole.READ)
    async def get_health() -> Health:
        """Health of database, broker, workers and beat. The HTTP status is 200 as long as the API runs.

        Always answers within 2 seconds: a dependency that does not answer in time is reported as down.
        """
        store, queue = await asyncio.gather(
            with_timeout(partial(check_store, database, clock()), STORE_TIMED_OUT),
            with_timeout(partial(check_broker, broker), BROKER_TIMED_OUT),
        )
        return compose_health(identity, store, queue)

    return routes
