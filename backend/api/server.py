"""The API as uvicorn serves it."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI

from backend.config import Settings

MAX_HEAD = 4 * 2**20
"""Bytes of request line and headers that uvicorn hands on, so that what is too long for us gets its answer in JSON."""

KEPT_OPEN_S = 60
"""More than the desktop lets pass between two questions: a connection that closes just then is an alarm for nothing."""


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Logging is left as it is set up; standard input, signals and the socket are the caller's."""
    return uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=MAX_HEAD,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=KEPT_OPEN_S,
    )
