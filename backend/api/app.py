"""The API as one ASGI application, made of what it is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, tzinfo

import anyio.to_thread
import tzlocal
from fastapi import FastAPI

from backend.api import problems
from backend.api.gate import Gate, check_exposure
from backend.api.routes import records, runs, schedule, state
from backend.config import Settings
from backend.contract.version import VERSION
from backend.services.queue import TaskQueue
from backend.services.search_cache import SearchCache
from backend.store.engine import Database

PREFIX = "/api/v1"
THREADS = 8
"""Requests that may wait for the database at once; the others queue up."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    database: Database,
    queue: TaskQueue,
    clock: Callable[[], datetime] = utc_now,
    zone: Callable[[], tzinfo] = tzlocal.get_localzone,
) -> FastAPI:
    """Raises ConfigurationError where the network could reach the API without a token."""

    cache = SearchCache(database, clock)

    check_exposure(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001 - FastAPI's signature
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        cache.close()

    app = FastAPI(
        title="OpenThreat",
        version=VERSION,
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
        responses=problems.DOCUMENTED,
    )
    app.add_middleware(Gate, settings=settings)
    problems.install(app)
    for router in (
        schedule.router(database, clock, zone),
        state.router(settings, database, clock),
        runs.router(database, queue),
        records.router(database, cache, clock),
    ):
        app.include_router(router, prefix=PREFIX)
    return app
