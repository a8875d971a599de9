"""All sources are asked at once, and then read one after the other, by one writer.

Each source is fetched in a thread until its first page is there: requests, large downloads and waiting for a service
that does not answer overlap. Reading itself does not: it computes, and threads would only take turns in that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self

from backend.connectors.connector import RecordPage
from backend.contract.names import Source
from backend.services.runs.queue import Run

_GRACE = 1.0
"""Seconds for which a source that has arrived waits for those before it."""
_POLL = 0.2  # seconds

Reading = Callable[[], Iterator[RecordPage]]
_Started = tuple[Iterator[RecordPage], RecordPage | None]


class SideBySide:
    """Iterates over sources and their pages as they arrive, in the given order where they arrive together.

    Args:
        waiting: is called with the source that is waited for.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        run: Run,
        readings: Mapping[Source, Reading],
        waiting: Callable[[Source], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run, self._waiting, self._clock = run, waiting, clock
        self._pool = ThreadPoolExecutor(len(readings), "fetch")
        self._started = {source: self._pool.submit(_start, reading) for source, reading in readings.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __iter__(self) -> Iterator[tuple[Source, Iterator[RecordPage]]]:
        while self._started:
            source = self._next()
            yield source, _pages(self._started.pop(source))

    def wait_for(self, source: Source, at_most: float) -> None:
        """Wait until the first page of a source that was not read yet is there, or it has failed, or for so long."""
        started, began = self._started.get(source), self._clock()
        if started is None:
            return
        self._waiting(source)
        while not started.done() and self._clock() - began < at_most:
            self._run.checkpoint()
            wait([started], _POLL)

    def has_arrived(self, source: Source) -> bool:
        """Whether the first page of a source that was not read yet is there. A source that failed has not arrived."""
        started = self._started.get(source)
        return started is not None and started.done() and started.exception() is None

    def _next(self) -> Source:
        first, began = next(iter(self._started)), self._clock()
        self._waiting(first)
        while True:
            self._run.checkpoint()
            arrived = [source for source, started in self._started.items() if started.done()]
            if first in arrived or (arrived and self._clock() - began >= _GRACE):
                return arrived[0]
            wait([self._started[first]], _POLL)


def _start(reading: Reading) -> _Started:
    pages = reading()
    return pages, next(pages, None)


def _pages(started: Future[_Started]) -> Iterator[RecordPage]:
    """All pages of a source; raises what its connector has raised."""
    pages, page = started.result()
    while page is not None:
        yield page
        page = next(pages, None)
