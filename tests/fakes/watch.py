"""A run for connectors under test, which never waits."""

from __future__ import annotations

from backend.contract.errors import RunInterrupted


class CountingWatch:
    """Records its calls. After `stop_after` checkpoints the next one ends the run."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.slept: list[float] = []
        self.reported: list[tuple[str, int, int | None]] = []
        self.checkpoints = 0
        self._stop_after = stop_after

    def checkpoint(self) -> None:
        self.checkpoints += 1
        if self._stop_after is not None and self.checkpoints > self._stop_after:
            raise RunInterrupted("The program is stopping")

    def sleep(self, seconds: float) -> None:
        self.checkpoint()
        self.slept.append(seconds)

    def progress(self, phase: str, done: int, total: int | None, message: str = "") -> None:
        self.reported.append((phase, done, total))
