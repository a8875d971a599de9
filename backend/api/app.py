"""The API as one ASGI application, made of what it is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, tzinfo

import anyio.to_thread
import tzlocal
from fastapi import FastAPI

from backend.api import docs, problems
from backend.api.gate import Gate, check_exposure
from backend.api.routes import health, records, runs, schedule, state
from backend.config import Settings
from backend.contract.version import VERSION
from backend.services.broker import broker_of
from backend.services.health import identity
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

    cache, broker, who = SearchCache(database, clock), broker_of(settings), identity(settings, clock())

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
        openapi_url=docs.OPENAPI,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=problems.DOCUMENTED,
    )
    app.add_middleware(Gate, settings=settings)
    problems.install(app)
    docs.install(app)
    for router in (
        health.router(database, broker, who, clock),  # first: routes are tried in turn, and this is asked most often
        schedule.router(database, clock, zone),
        state.router(settings, database, broker, who, clock),
        runs.router(database, queue),
        records.router(database, cache, clock),
    ):
        app.include_router(router, prefix=PREFIX)
    return app
