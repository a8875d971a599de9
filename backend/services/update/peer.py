"""The peer: a second process of this program that ingests pages of a first load beside the worker.

A first load computes more than it waits, and Python computes on one core. The worker reads all sources, offers their
pages, and takes those back that the peer has not begun when it is free itself; so each page goes to the process that is
free. The peer writes its pages like the worker, and only their counts come back.

The peer ends with its standard input, so it never outlives the worker. It has the worker's low priority.
"""

from __future__ import annotations

import logging
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import BinaryIO, Protocol, cast

import msgspec

from backend.contract.names import Role
from backend.services.update.peer_messages import ANSWERS, PageDone, PageTask, Ready, received, send
from backend.system.machine import usable_cores
from backend.system.program import own_program

log = logging.getLogger(__name__)

StartPeer = Callable[[], "Peer | None"]
"""Starts a peer; None: there is none."""
END_S = 10.0
"""Seconds that the peer has for its end."""


class Peer(Protocol):
    """Ingests pages beside this process. At most one page is in its hands; others wait and may be taken back."""

    def offer(self, task: PageTask) -> None:
        """Let the peer ingest a page as soon as it is free, unless the page is taken back before."""

    def take_back(self, *, leaving: int) -> PageTask | None:
        """Take the page that has waited longest, if more than `leaving` wait; after the peer's end any unfinished."""

    def done(self, within: float = 0.0) -> list[PageDone]:
        """Return the pages written since the last call.

        Args:
            within: seconds to wait for one, or for the peer's end, if there is none and the peer works on one.
        """

    def close(self) -> None:
        """End the peer. What it has not committed is not written."""


class PeerProcess:
    """A peer in a process of its own. A thread reads its answers and sends the next page at once."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start the peer.

        Raises:
            OSError: it cannot be started.
        """
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._input, self._output = cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)
        self._changed = threading.Condition()
        self._waiting: deque[PageTask] = deque()
        self._in_work: PageTask | None = None
        self._done: list[PageDone] = []
        self._ready, self._closing, self._ended = False, False, False
        self._reader = threading.Thread(target=self._read, name="peer", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def offer(self, task: PageTask) -> None:
        with self._changed:
            self._waiting.append(task)
            self._send_next()

    def take_back(self, *, leaving: int) -> PageTask | None:
        with self._changed:
            if len(self._waiting) > (0 if self._ended else leaving):
                return self._waiting.popleft()
            return None

    def done(self, within: float = 0.0) -> list[PageDone]:
        with self._changed:
            if not self._done and self._in_work is not None:
                self._changed.wait(within)
            done, self._done = self._done, []
            return done

    def close(self) -> None:
        with self._changed:
            self._closing = True
        with suppress(OSError):
            self._input.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reader.join()

    def _send_next(self) -> None:
        if self._ready and self._in_work is None and self._waiting and not self._ended:
            self._in_work = self._waiting.popleft()
            with suppress(OSError):  # it has ended, which the reader finds out
                send(self._input, self._in_work)

    def _read(self) -> None:
        try:
            with self._output:
                for answer in received(self._output, ANSWERS):
                    self._note(answer)
        except msgspec.DecodeError as error:
            log.warning("the second process of the first load sent something else than its answers: %s", error)
            self._process.kill()
        self._end(self._process.wait())

    def _note(self, answer: Ready | PageDone) -> None:
        with self._changed:
            if isinstance(answer, PageDone):
                self._done.append(answer)
            else:
                log.info("process %d shares the first load", self.pid)
            self._ready, self._in_work = True, None
            self._send_next()
            self._changed.notify()

    def _end(self, code: int) -> None:
        with self._changed:
            self._ended = True
            if not self._closing:
                log.warning("the second process of the first load has ended (exit code %d); it goes on without", code)
            if self._in_work is not None:
                self._waiting.appendleft(self._in_work)
                self._in_work = None
            self._changed.notify()


def no_peer() -> Peer | None:
    """Continue in one process."""
    return None


@contextmanager
def peer_while_loading(start: StartPeer, *, loading: bool) -> Iterator[Peer | None]:
    """A peer for a first load, which ends with the block; None where nothing is loaded or none can be started."""
    peer = start() if loading else None
    try:
        yield peer
    finally:
        if peer is not None:
            peer.close()


def start_peer() -> PeerProcess | None:
    """Start a peer, if there is a core for it."""
    if usable_cores() < 2:
        return None
    try:
        return PeerProcess([*own_program(), Role.LOAD])
    except OSError as error:
        log.warning("the first load goes on in one process: %s", error)
        return None
