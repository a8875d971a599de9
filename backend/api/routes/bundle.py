"""Routes for bundles: all that the sources state, as one file."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from errno import ENOSPC
from pathlib import Path

from anyio import Path as Folder
from anyio import open_file
from fastapi import APIRouter, Request, status
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from backend.api.roles import Router, needs
from backend.config import Settings
from backend.contract.access import AccessRole
from backend.contract.bundle import BundleAccepted, BundleSummary
from backend.contract.errors import StoreFull
from backend.services.bundle.create import create_bundle
from backend.services.bundle.upload import request_load, store_upload
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database
from backend.store.repositories.bundles import StoredBundle

_MEDIA_TYPE = "application/octet-stream"


_FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def router(settings: Settings, database: Database, queue: TaskQueue, clock: Callable[[], datetime]) -> APIRouter:
    routes = Router(prefix="/bundle", tags=["bundle"])

    @routes.get("", response_class=StreamingResponse, responses={200: {"content": {_MEDIA_TYPE: {}}}})
    @needs(AccessRole.READ)
    def download() -> StreamingResponse:
        """All that the sources state, as one file for machines without internet. Takes a minute for 300,000 records."""
        return StreamingResponse(create_bundle(database, clock), media_type=_MEDIA_TYPE)

    @routes.post("", status_code=status.HTTP_202_ACCEPTED, openapi_extra=_FILE_BODY)
    @needs(AccessRole.ADMINISTER)
    async def upload(request: Request) -> BundleAccepted:
        """Load a bundle. The body is the file. It is checked first; the load waits for the end of a running update."""
        async with _received(request, settings.cache_folder) as path:
            summary = await run_in_threadpool(store_upload, database, path, settings.user.bundle.trusted_key)
        return await run_in_threadpool(requested, summary)

    def requested(summary: BundleSummary) -> BundleAccepted:
        with database.transaction() as connection:
            run = request_load(connection, StoredBundle(summary.id, summary.size), clock())
        if run.already_running:
            message = "The bundle is loaded when the running update has ended."
            return BundleAccepted(bundle=summary, task_id=None, waits_for=run.task_id, message=message)
        queue.publish_waiting(run.task_id)
        return BundleAccepted(bundle=summary, task_id=run.task_id, message="The bundle is being loaded.")

    return routes


@asynccontextmanager
async def _received(request: Request, folder: Path) -> AsyncIterator[Path]:
    """The body of a request in a file, which is deleted at the end of the block.

    Raises:
        StoreFull: There is no room for it.
    """
    await Folder(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bundle-", dir=folder) as temporary:
        path = Path(temporary) / "bundle"
        await _write(request, path)
        yield path


async def _write(request: Request, path: Path) -> None:
    try:
        async with await open_file(path, "wb") as file:
            async for part in request.stream():
                await file.write(part)
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        message = f"There is no room for the bundle in {path.parents[1]}."
        raise StoreFull("The disk is full", message, "Free some space, then try again.") from error
