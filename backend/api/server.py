"""Run the API under uvicorn: the socket, the server, and the migration of the database in the background."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import cast

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from backend.api.access import CALLER
from backend.config import Settings
from backend.contract.errors import OpenThreatError, StoreFull, StoreTooNew, StoreUnavailable
from backend.store.engine import Database
from backend.store.retry import OutageLog, retry_until_stopped
from backend.system.caller import caller_of
from backend.system.ports import port_holder
from backend.worker.process import StopRequest

MAX_HEADER_BYTES = 4 * 2**20
"""Longest request line and headers that uvicorn passes on; longer than the API's own limit, whose answer is JSON."""

KEEP_ALIVE_S = 120
"""Longer than the desktop's interval between two requests: a connection closed at that moment looks like a failure."""

TICK_S = 1.0
"""Interval at which uvicorn updates the Date header."""

FULL_DISK_PAUSE_S = 15.0
"""Between two tries to prepare the database while its disk is full."""

log = logging.getLogger(__name__)


class PortTaken(OpenThreatError):  # noqa: N818 - names a state
    """Another program listens on the API's port."""


class ApiServer(uvicorn.Server):
    """A server that waits for an event to stop. uvicorn's own polls a flag ten times a second, which costs idle CPU."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """Stop the server. May be called from any thread and from a signal handler."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._stopped.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.stop()

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), TICK_S)


class PeerProtocol(H11Protocol):
    """Determines once for each connection whose program is at its other end, and adds it to the state of requests."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self.app_state = {**self.app_state, CALLER: caller_of(self.server, self.client)}


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Build uvicorn's configuration. Logging stays as the program has set it up; the caller opens the socket.

    With a token it does not matter whose program sends a request.
    """
    return uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        http="h11" if settings.token else PeerProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=KEEP_ALIVE_S,
    )


def open_listener(host: str, port: int) -> socket.socket:
    """Open the socket on which the API listens.

    Raises:
        PortTaken: Another program listens there. The message names it if the system allows.
        OpenThreatError: The address does not belong to this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY on each connection. Without it, the body, which h11 writes after
    # the headers, waits for the acknowledgement that the client delays by 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # on Windows this option would let other programs share the port
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


def prepare_database(database: Database, stopping: StopRequest) -> None:
    """Migrate the database now if it can be reached. What takes longer is done in a thread, so that the API answers.

    A database on a server stays with those who use it in a newer version: the API then answers with that problem.

    Raises:
        StoreTooNew: The database is this user's own file, and belongs to a newer version of the program.
    """
    health = OutageLog("the database", log)
    try:
        database.migrate()
        if database.is_prepared():
            return
    except StoreTooNew as error:
        if not database.writes_in_server:
            raise
        log.warning("%s", error)
        return
    except StoreUnavailable as error:
        health.failed(error)

    def prepare() -> None:
        while not stopping:
            try:
                retry_until_stopped(database.prepare, health, stopping.__bool__)
                break
            except StoreFull as error:
                log.warning("the database cannot be prepared: %s", error)
                time.sleep(FULL_DISK_PAUSE_S)
            except StoreTooNew as error:
                log.warning("%s", error)
                break

    threading.Thread(target=prepare, name="prepare-database", daemon=True).start()
