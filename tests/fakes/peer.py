"""A peer without a process: it ingests a page when its answer is requested often enough."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from backend.services.update.outcome import PartOutcome
from backend.services.update.peer_messages import PageDone, PageTask


class FakePeer:
    """Needs `busy` looks for each page. It ends during page number `ends_at`, which it has then written or not."""

    def __init__(
        self,
        ingest: Callable[[PageTask], list[PartOutcome]],
        *,
        busy: int = 0,
        ends_at: int | None = None,
        written: bool = False,
    ) -> None:
        self._ingest, self._busy, self._ends_at, self._written = ingest, busy, ends_at, written
        self._waiting: deque[PageTask] = deque()
        self._in_work: PageTask | None = None
        self._looks = 0
        self.ended = False
        self.ingested: list[PageTask] = []

    def offer(self, task: PageTask) -> None:
        self._waiting.append(task)
        self._begin_next()

    def take_back(self, *, leaving: int) -> PageTask | None:
        return self._waiting.popleft() if len(self._waiting) > (0 if self.ended else leaving) else None

    def done(self, within: float = 0.0) -> list[PageDone]:
        self._looks += 1
        if self._in_work is None or (self._looks <= self._busy and not within):
            return []
        task, self._in_work = self._in_work, None
        if len(self.ingested) + 1 == self._ends_at:
            return self._end(task)
        self.ingested.append(task)
        done = PageDone(task.number, self._ingest(task))
        self._begin_next()
        return [done]

    def close(self) -> None:
        self.ended = True

    def _begin_next(self) -> None:
        if self._in_work is None and self._waiting and not self.ended:
            self._in_work, self._looks = self._waiting.popleft(), 0

    def _end(self, task: PageTask) -> list[PageDone]:
        if self._written:
            self._ingest(task)
        self.ended = True
        self._waiting.appendleft(task)
        return []
