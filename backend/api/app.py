"""The API as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, tzinfo

import anyio.to_thread
from fastapi import FastAPI

from backend.api import docs, errors
from backend.api.access import AccessMiddleware, check_exposure
from backend.api.roles import RoleRoute
from backend.api.routes import (
    bundle,
    exposure,
    feed,
    inbox,
    report,
    status,
    tasks,
    team,
    tokens,
    vulnerabilities,
    watching,
    webhooks,
)
from backend.config import Settings
from backend.contract.names import API_PREFIX, TaskName, Trigger
from backend.contract.version import VERSION
from backend.contract.wire import utc_now
from backend.services.access.grants import TokenGrants
from backend.services.query.search_cache import SearchCache
from backend.services.runs.queue import TaskQueue
from backend.services.status.health import api_identity, broker_for
from backend.store.engine import Database
from backend.system.time_zone import local_zone

THREADS = 8
"""Number of requests that use the database at the same time; further ones wait."""


def create_app(
    settings: Settings,
    database: Database,
    queue: TaskQueue,
    clock: Callable[[], datetime] = utc_now,
    zone: Callable[[], tzinfo] = local_zone,
) -> FastAPI:
    """Build the application.

    Args:
        zone: Returns the time zone of this machine, in which cron lines are read.

    Raises:
        ConfigurationError: The network could reach the API without a token.
    """
    check_exposure(settings)
    cache, grants = SearchCache(database, clock), TokenGrants(database, clock)
    broker, identity = broker_for(settings), api_identity(settings, clock())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001 - FastAPI's signature
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        cache.close()
        grants.close()

    app = FastAPI(
        title="OpenThreat",
        version=VERSION,
        lifespan=lifespan,
        openapi_url=docs.OPENAPI,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=errors.OPENAPI_RESPONSES,
    )
    app.router.route_class = RoleRoute
    app.add_middleware(AccessMiddleware, settings=settings, grants=grants.of)
    errors.add_error_handlers(app, lambda: queue.enqueue(TaskName.UPDATE, Trigger.SCHEDULE))
    docs.install(app)
    for router in (
        status.router(settings, database, broker, identity, clock),  # first, for `GET /live`
        tasks.router(database, queue, clock, zone),
        vulnerabilities.router(settings, database, cache, clock),
        exposure.router(settings, database, queue, clock),
        inbox.router(settings, database, clock),
        report.router(database, clock, zone),
        feed.router(settings, database, clock),
        watching.router(database, queue, clock),
        webhooks.router(settings, database, clock),
        bundle.router(settings, database, queue, clock),
        team.router(database),
        tokens.router(database, clock),
    ):
        app.include_router(router, prefix=API_PREFIX)
    return app
