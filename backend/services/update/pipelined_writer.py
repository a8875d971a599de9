"""Writes one page while the next is worked out: PostgreSQL's processor then works beside ours.

SQLite works inside this process and lets other threads in between any two rows, which costs more than it gains: there
every page is written at once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from backend.contract.errors import StoreUnavailable
from backend.services.runs.queue import Run
from backend.store.retry import patiently


class PipelinedWriter:
    """At most one page is under way. Leaving the block waits for it: pages that were handed over are good and stay."""

    def __init__(self, run: Run, *, apart: bool) -> None:
        """apart: whether the database does its work elsewhere (`Database.writes_apart`)."""
        self._run = run
        self._pool = ThreadPoolExecutor(1, "write-behind") if apart else None
        self._under_way: tuple[Future[None], Callable[[], None]] | None = None

    def put(self, write: Callable[[], None], again: Callable[[], None]) -> None:
        """Hands a page over, once the one before is written.

        again: what to do instead when the database went away over it, so that nobody knows whether it is written.
        Raises what the write before raised.
        """
        self.settle()
        if self._pool is None:
            self._finish(write, again)
        else:
            self._under_way = self._pool.submit(write), again

    def settle(self) -> None:
        """Returns when all that was handed over is written; raises what the write raised."""
        if self._under_way is not None:
            (writing, again), self._under_way = self._under_way, None
            self._finish(writing.result, again)

    def _finish(self, write: Callable[[], None], again: Callable[[], None]) -> None:
        try:
            write()
        except StoreUnavailable:
            patiently(self._run.sleep, again)

    def __enter__(self) -> PipelinedWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.settle()
        finally:
            if self._pool is not None:
                self._pool.shutdown()
