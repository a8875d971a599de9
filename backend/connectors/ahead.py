"""Fetching of the next file while the current one is worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TypeVar

from backend.connectors.connector import Watch
from backend.contract.errors import RunInterrupted
from backend.contract.tasks import ProgressUnit, RunPhase

_POLL = 0.2
"""Seconds between two checkpoints while a file is waited for, and for which an abandoned fetch is waited for."""

_T = TypeVar("_T")


class BackgroundWatch:
    """The watch of fetches in a thread beside other work: their progress is reported only while they are waited for."""

    def __init__(self, watch: Watch) -> None:
        self._watch, self._awaited, self._stopped = watch, True, False

    def checkpoint(self) -> None:
        if self._stopped:
            raise RunInterrupted("Interrupted", "The file is no longer needed in this run.")
        self._watch.checkpoint()

    def sleep(self, seconds: float) -> None:
        self.checkpoint()
        self._watch.sleep(seconds)

    def progress(
        self,
        phase: RunPhase,
        done: int,
        total: int | None,
        message: str = "",
        unit: ProgressUnit = ProgressUnit.RECORDS,
        share: float | None = None,
    ) -> None:
        if self._awaited:
            self._watch.progress(phase, done, total, message, unit, share)

    def trouble(self, sentence: str) -> None:
        self._watch.trouble(sentence)

    def ahead(self, fetches: Iterable[Callable[[], _T]]) -> Generator[Callable[[], _T]]:
        """Run fetches one after the other in a thread, each while the result of the one before is used.

        Yields:
            For each fetch, a function that waits for it and returns its result or raises its error.
        """
        pool = ThreadPoolExecutor(1, "fetch-ahead")
        pending: deque[Future[_T]] = deque()
        try:
            for fetch in fetches:
                pending.append(pool.submit(fetch))
                if len(pending) > 1:
                    yield partial(self._result_of, pending.popleft())
            while pending:
                yield partial(self._result_of, pending.popleft())
        finally:
            self._awaited = True
            if pending and not pending[-1].done():
                self._stopped = True
                wait(pending, _POLL)
            pool.shutdown(wait=False, cancel_futures=True)

    def _result_of(self, fetch: Future[_T]) -> _T:
        self._awaited = True
        while not fetch.done():
            self.checkpoint()
            wait([fetch], _POLL)
        self._awaited = False
        return fetch.result()
