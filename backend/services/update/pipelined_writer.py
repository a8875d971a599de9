"""Writing of one page while the next is computed, so that the PostgreSQL server and this process work in parallel.

SQLite runs inside this process and switches threads between any two rows, which costs more than it saves: there every
page is written directly.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from backend.contract.errors import StoreUnavailable
from backend.services.runs.queue import Run
from backend.store.retry import retry_while_away


class PipelinedWriter:
    """Writes at most one page in the background. Leaving the block waits for it."""

    def __init__(self, run: Run, *, in_background: bool) -> None:
        """in_background: use a thread, for a database that writes in a server (`Database.writes_in_server`)."""
        self._run = run
        self._pool = ThreadPoolExecutor(1, "page-writer") if in_background else None
        self._writing: tuple[Future[None], Callable[[], object]] | None = None

    def put(self, write: Callable[[], None], again: Callable[[], object]) -> None:
        """Write a page after the one before is written. Raises the errors of that one.

        Args:
            again: is called instead of `write` after a lost connection, when the page may be written or not.
        """
        self.settle()
        if self._pool is None:
            self._finish(write, again)
        else:
            self._writing = self._pool.submit(write), again

    def settle(self) -> None:
        """Wait until the last page is written; raises the errors of its write."""
        if self._writing is not None:
            (future, again), self._writing = self._writing, None
            self._finish(future.result, again)

    def _finish(self, write: Callable[[], None], again: Callable[[], object]) -> None:
        try:
            write()
        except StoreUnavailable:
            retry_while_away(self._run.sleep, again)

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
