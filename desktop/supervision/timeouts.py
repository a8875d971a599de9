"""All times and counts of the supervision, in seconds, and the policy for restarting a service that ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.contract.names import HOPELESS, RECYCLED, UNREACHABLE, WRONG_USAGE


@dataclass(frozen=True)
class RestartPolicy:
    """Exponential back-off with jitter, and the exit codes that change it.

    Attributes:
        jitter: Share of the delay, so that services that failed together do not restart together.
        exits: Failures within `window_s` after which the service keeps failing: from then on it is started again
            after the delays of `recurrence_s`, the last of them repeated for ever, since no person may be there to act.
        healthy_s: After running this long, the next delay is the first one again.
        permanent_codes: Exit codes of a service that would fail again with the same settings or database.
        recycle_s: A recycling sooner than this after the start counts as a crash.
    """

    first_s: float = 1.0
    longest_s: float = 60.0
    jitter: float = 0.25
    exits: int = 5
    window_s: float = 600.0
    recurrence_s: tuple[float, ...] = (300.0, 600.0, 1200.0, 1800.0)
    healthy_s: float = 60.0
    recycle_code: int = RECYCLED
    unreachable_code: int = UNREACHABLE
    permanent_codes: tuple[int, ...] = (WRONG_USAGE, HOPELESS)
    recycle_s: float = 5.0

    def delay(self, streak: int, chance: float) -> float:
        """Return the seconds to wait before the next start.

        Args:
            streak: Number of exits in a row, from 1.
            chance: A uniform random number between 0 and 1.
        """
        return self._spread(min(self.longest_s, self.first_s * 2.0 ** min(streak - 1, 16)), chance)

    def recurrence_delay(self, attempts: int, chance: float) -> float:
        """Return the seconds to wait before the next start of a service that keeps failing.

        Args:
            attempts: How often that was done before.
            chance: A uniform random number between 0 and 1.
        """
        return self._spread(self.recurrence_s[min(attempts, len(self.recurrence_s) - 1)], chance)

    def recent(self, exits: tuple[float, ...], at: float) -> tuple[float, ...]:
        return tuple(moment for moment in exits if at - moment < self.window_s)

    def keeps_failing(self, exits: tuple[float, ...], at: float) -> bool:
        return len(self.recent(exits, at)) >= self.exits

    def is_unreachable(self, code: int) -> bool:
        """Whether it ended because a server was out of reach; that may end at any time, so it is retried for ever."""
        return code == self.unreachable_code

    def is_permanent(self, code: int) -> bool:
        return code in self.permanent_codes

    def is_recycling(self, code: int, lived_s: float) -> bool:
        return code == self.recycle_code and lived_s >= self.recycle_s

    def _spread(self, delay_s: float, chance: float) -> float:
        return delay_s * (1 + self.jitter * (2 * chance - 1))


@dataclass(frozen=True)
class Timeouts:
    """Limits for readiness, silence and standstill."""

    start_s: float = 180.0  # from spawning to ready; migrating a large database takes a while
    alive_s: float = 2.0  # a service that is ready by its uptime counts as ready after this
    unanswered_s: float = 3.0  # after this long without an answer, the problem is shown
    restart_s: float = 20.0  # after this long without an answer it is restarted ...
    restart_after_misses: int = 4  # ... if at least this many probes failed meanwhile
    heartbeat_s: float = 30.0  # an older heartbeat is ignored
    heartbeat_lost_s: float = 120.0  # a worker without a heartbeat for this long is restarted
    stall_s: float = 900.0  # so is one whose task makes no progress for this long
    task_s: float = 3600.0  # hard limit of a task
    report_gap_s: float = 30.0  # after such a gap between reports, silence and standstill are measured from now
    unclaimed_s: float = 60.0  # an idle worker that does not pick up a task for this long is restarted,
    unclaimed_restart_s: float = 600.0  # but not sooner than this after the last time
    wake_grace_s: float = 30.0  # after the machine's wake-up, failed probes are ignored for this long


@dataclass(frozen=True)
class Rules:
    restart: RestartPolicy = field(default_factory=RestartPolicy)
    timeouts: Timeouts = field(default_factory=Timeouts)
    close_s: float = 14.0  # from the request to close until everything is gone


@dataclass(frozen=True)
class Moment:
    """What the reducer knows besides state and event.

    Attributes:
        at: Seconds of the monotonic clock.
        chance: A uniform random number between 0 and 1.
    """

    at: float
    chance: float
    rules: Rules
