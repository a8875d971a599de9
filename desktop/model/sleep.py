"""Sleep of the machine, seen as a gap between two looks at the clocks."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.model.events import MachineWoke


@dataclass(frozen=True)
class Reading:
    """Both clocks in seconds. The steady one stands still while Linux sleeps and runs on while Windows does."""

    steady: float
    wall: float


def woken_between(before: Reading, now: Reading, longest_s: float = 10.0) -> MachineWoke | None:
    """longest_s: no two looks of a program that runs are further apart. A wall clock that was set back is no sleep."""
    steady, wall = now.steady - before.steady, now.wall - before.wall
    gap = max(steady, wall)
    return MachineWoke(gap, steady) if gap > longest_s else None
