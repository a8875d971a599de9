"""The API as one ASGI application, made of what it is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, tzinfo

import anyio.to_thread
import tzlocal
from fastapi import FastAPI

from backend.api import errors
from backend.api.access import Gate, check_exposure
from backend.api.routes import status, tasks, vulnerabilities
from backend.config import Settings
from backend.contract.version import VERSION
from backend.services.query.search_cache import SearchCache
from backend.services.runs.queue import TaskQueue
from backend.services.status.health import api_identity, broker_for
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

    cache, broker, who = SearchCache(database, clock), broker_for(settings), api_identity(settings, clock())

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
        responses=errors.DOCUMENTED,
    )
    app.add_middleware(Gate, settings=settings)
    errors.install(app)
    for router in (
        status.health_router(
            database, broker, who, clock
        ),  # first: routes are tried in turn, and this is asked most often
        tasks.schedule_router(database, clock, zone),
        status.router(settings, database, broker, who, clock),
        tasks.router(database, queue),
        vulnerabilities.router(database, cache, clock),
    ):
        app.include_router(router, prefix=PREFIX)
    return app
