"""A run for connectors under test, which never waits."""

from __future__ import annotations

from backend.contract.errors import RunInterrupted
from backend.contract.tasks import ProgressUnit, RunPhase


class CountingWatch:
    """Records its calls. After `stop_after` checkpoints the next one ends the run."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.slept: list[float] = []
        self.troubles: list[str] = []
        self.reported: list[tuple[RunPhase, ProgressUnit, int, int | None]] = []
        self.checkpoints = 0
        self._stop_after = stop_after

    def checkpoint(self) -> None:
        self.checkpoints += 1
        if self._stop_after is not None and self.checkpoints > self._stop_after:
            raise RunInterrupted("The program is stopping")

    def sleep(self, seconds: float) -> None:
        self.checkpoint()
        self.slept.append(seconds)

    def progress(
        self,
        phase: RunPhase,
        done: int,
        total: int | None,
        message: str = "",
        unit: ProgressUnit = ProgressUnit.RECORDS,
        share: float | None = None,
    ) -> None:
        self.reported.append((phase, unit, done, total))

    def trouble(self, sentence: str) -> None:
        self.troubles.append(sentence)
