"""How fast something advances, and how long it still takes: from what was seen of it lately. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_WINDOW_S = 30.0
_LEAST_S = 3.0


@dataclass(frozen=True)
class Pace:
    """per_s: units a second; left_s: seconds until the phase is done. None: not known (yet)."""

    per_s: float | None = None
    left_s: float | None = None


class PaceMeter:
    """Fed with every sight of the progress; a new phase, or a step back, begins anew."""

    def __init__(self) -> None:
        self._phase = ""
        self._seen: deque[tuple[float, int]] = deque()

    def seen(self, phase: str, done: int, total: int | None, at: float) -> Pace:
        """at: seconds of a steady clock."""
        if phase != self._phase or (self._seen and done < self._seen[-1][1]):
            self._seen.clear()
            self._phase = phase
        self._seen.append((at, done))
        while self._seen[0][0] < at - _WINDOW_S and len(self._seen) > 2:
            self._seen.popleft()
        since, first = self._seen[0]
        if at - since < _LEAST_S or done <= first:
            return Pace()
        per_s = (done - first) / (at - since)
        return Pace(per_s, (total - done) / per_s if total and total >= done else None)
