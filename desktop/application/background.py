"""Work that takes its time, done on a few threads of its own; the program's end waits for none of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Queue
from typing import Generic, TypeVar

Tool = TypeVar("Tool")


class Background(Generic[Tool]):
    """Jobs are begun in the order in which they came; each is handed its thread's own tool. A job must not raise."""

    def __init__(self, name: str, threads: int, tool_of: Callable[[], Tool]) -> None:
        self._jobs: Queue[Callable[[Tool], None] | None] = Queue()
        self._tool_of = tool_of
        self._threads = [
            threading.Thread(target=self._work, name=f"{name} {number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Callable[[Tool], None]) -> None:
        self._jobs.put(job)

    @property
    def is_idle(self) -> bool:
        """Whether all that was submitted is done."""
        return not self._jobs.unfinished_tasks

    def close(self) -> None:
        """What was submitted before is still done, in its own time."""
        for _ in self._threads:
            self._jobs.put(None)

    def _work(self) -> None:
        tool = self._tool_of()
        while (job := self._jobs.get()) is not None:
            job(tool)
            self._jobs.task_done()
