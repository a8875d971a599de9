"""When a service that ended by itself is started again."""

from __future__ import annotations

from dataclasses import dataclass

from backend.contract.names import HOPELESS, RECYCLED, UNREACHABLE, WRONG_USAGE


@dataclass(frozen=True)
class RestartPolicy:
    """All times in seconds."""

    first_s: float = 1.0
    longest_s: float = 60.0
    jitter: float = 0.25  # of the delay, so that services which fell together do not rise together
    exits: int = 5
    window_s: float = 600.0
    healthy_s: float = 60.0  # having run so long, the next delay is the first again
    recycle_code: int = RECYCLED
    unreachable_code: int = UNREACHABLE
    useless_codes: tuple[int, ...] = (WRONG_USAGE, HOPELESS)
    recycle_s: float = 5.0  # a recycling sooner than this after the start is a crash

    def delay(self, streak: int, chance: float) -> float:
        """Before the start that follows the streak's last exit (1: the first). chance: uniform in 0-1."""
        doubled = min(self.longest_s, self.first_s * 2.0 ** min(streak - 1, 16))
        return doubled * (1 + self.jitter * (2 * chance - 1))

    def recent(self, exits: tuple[float, ...], at: float) -> tuple[float, ...]:
        return tuple(moment for moment in exits if at - moment < self.window_s)

    def gives_up(self, exits: tuple[float, ...], at: float) -> bool:
        return len(self.recent(exits, at)) >= self.exits

    def hopes(self, code: int) -> bool:
        """What it could not reach may come back any time: it is waited for, however often that takes."""
        return code == self.unreachable_code

    def useless(self, code: int) -> bool:
        """It cannot run with the settings or the database it has, and would have the same again."""
        return code in self.useless_codes

    def recycled(self, code: int, lived_s: float) -> bool:
        return code == self.recycle_code and lived_s >= self.recycle_s
