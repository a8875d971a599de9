"""How patient the supervisor is. All times in seconds.

When a service that ended by itself is started again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Timeouts:
    start_s: float = 180.0  # from spawning to ready; migrating a large database takes a while
    alive_s: float = 2.0  # a service without a voice counts as ready after this
    unanswered_s: float = 3.0  # without an answer for so long, it is said to be not answering ...
    restart_s: float = 20.0  # ... and for so long, it is started again,
    restart_misses: int = 4  # if it was asked as often as this meanwhile
    heartbeat_s: float = 30.0  # a heartbeat older than this is none
    heartless_s: float = 120.0  # a worker without a heartbeat for so long is started again
    stall_s: float = 900.0  # so is one whose task does not move for so long
    task_s: float = 3600.0  # hard limit of a task
    report_gap_s: float = 30.0  # after such a gap between reports, silence is counted afresh
    untaken_s: float = 60.0  # a worker that leaves a task lying for so long, though it is idle, is started again,
    rouse_s: float = 600.0  # but not sooner than this after the last time
    calm_s: float = 30.0  # after waking up, silence does not count for so long


@dataclass(frozen=True)
class Rules:
    restart: RestartPolicy = field(default_factory=RestartPolicy)
    patience: Timeouts = field(default_factory=Timeouts)
    close_s: float = 14.0  # everything together is gone this long after the request


@dataclass(frozen=True)
class Moment:
    """at: the steady clock; chance: uniform in 0-1."""

    at: float
    chance: float
    rules: Rules
