"""How patient the supervisor is. All times in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from desktop.model.restart import RestartPolicy


@dataclass(frozen=True)
class Patience:
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
    patience: Patience = field(default_factory=Patience)
    close_s: float = 14.0  # everything together is gone this long after the request


@dataclass(frozen=True)
class Moment:
    """at: the steady clock; chance: uniform in 0-1."""

    at: float
    chance: float
    rules: Rules
