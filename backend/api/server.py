"""The API as uvicorn serves it.

The API's port: taken by us, or by whom.

Bringing the database up to date beside a process that already answers.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import threading
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from backend.config import Settings
from backend.contract.errors import OpenThreatError, StoreUnavailable
from backend.store.engine import Database
from backend.store.retry import OutageLog, until_done
from backend.system.ports import port_holder
from backend.worker.process import Stopping

MAX_HEAD = 4 * 2**20
"""Bytes of request line and headers that uvicorn hands on, so that what is too long for us gets its answer in JSON."""

KEPT_OPEN_S = 120
"""More than the desktop lets pass between two questions: a connection that closes just then is an alarm for nothing."""

TICK_S = 1.0
"""How often the date in the answers moves on."""


class ApiServer(uvicorn.Server):
    """uvicorn's own wakes up ten times a second to see whether it should end; this one is told."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """From any thread, and from a signal handler."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended meanwhile
                self._loop.call_soon_threadsafe(self._over.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.stop()

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), TICK_S)


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


class PortTaken(OpenThreatError):  # noqa: N818 - names a state
    """Another program listens where the API should."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises PortTaken, naming the program that has it where the system tells."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":  # on Windows the same option would share the port with anyone
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise PortTaken(
                f"Port {port} is taken",
                f"{port_holder(port) or 'Another program'} listens on it.",
                "End that program, or set OPENTHREAT_API_PORT to another port.",
            ) from error
        raise OpenThreatError(
            f"Cannot listen on {host}", str(error), "Set OPENTHREAT_API_HOST to an address of this machine."
        ) from error
    listener.set_inheritable(True)
    return listener


log = logging.getLogger(__name__)


def prepare_in_background(database: Database, stopping: Stopping) -> None:
    """Prepares now if the database answers, else as soon as it does. Raises StoreTooNew if it is known now."""
    try:
        database.prepare()
    except StoreUnavailable as error:
        health = OutageLog("the database", log)
        health.ill(error)

        def prepare() -> None:
            until_done(database.prepare, health, stopping.__bool__)

        threading.Thread(target=prepare, name="prepare-database", daemon=True).start()
