"""All that the windows show, in one frozen value, and how events change it. Pure.

Holds the latest view: any thread posts what happened, whoever watches is told that there is something new.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from backend.contract.names import ACTIVE_STATES, FINAL_STATES, UPDATE_TASKS, Role
from backend.contract.problems import Problem
from backend.contract.settings import StackKind, UserSettings
from backend.contract.snapshot import Snapshot
from backend.contract.tasks import TaskRun
from desktop.supervision.plan import API, BEAT
from desktop.supervision.services import Phase, Supervision


@dataclass(frozen=True)
class Usage:
    """Of a process and its descendants. cpu_percent: of one core."""

    cpu_percent: float
    memory_bytes: int


@dataclass(frozen=True)
class AppState:
    """snapshot: the API's last answer, kept when it falls silent; heard_at: when that came (UTC).

    old: why the snapshot is not the latest. release: None where nobody is asked for new versions.
    """

    supervision: Supervision
    stack: StackKind
    settings: UserSettings = field(default_factory=UserSettings)
    settings_problem: Problem | None = None
    snapshot: Snapshot | None = None
    heard_at: datetime | None = None
    old: Problem | None = None
    usage: Mapping[str, Usage] = field(default_factory=dict)
    release: ReleaseStatus | None = None

    @property
    def update(self) -> TaskRun | None:
        """The update that waits or runs, if one does."""
        runs = self.snapshot.runs if self.snapshot else ()
        return next((run for run in runs if run.name in UPDATE_TASKS and run.status in ACTIVE_STATES), None)

    @property
    def busy(self) -> bool:
        """Something runs whose progress is worth watching closely."""
        runs = self.snapshot.runs if self.snapshot else ()
        return self.supervision.changing or any(run.status in ACTIVE_STATES for run in runs)

    @property
    def silent(self) -> bool:
        """The API is away or does not answer, which is said above every page: no page says it once more."""
        return self.old is not None or not self.supervision[API].ready

    @property
    def keeps_schedule(self) -> bool:
        """Whether anybody is there, or on the way, who starts what the schedule says: a beat of ours or of others."""
        beat, others = self.supervision[BEAT], self.supervision.foreign
        return (beat.wanted and beat.phase is not Phase.GAVE_UP) or any(one.role is Role.BEAT for one in others)


@dataclass(frozen=True)
class SupervisionChanged:
    supervision: Supervision


@dataclass(frozen=True)
class StackChosen:
    """Everything is put together anew: nothing that was heard before holds."""

    stack: StackKind
    supervision: Supervision


@dataclass(frozen=True)
class SnapshotArrived:
    snapshot: Snapshot
    at: datetime


@dataclass(frozen=True)
class SnapshotMissed:
    """heard_at: when the API last said that the known snapshot still holds, if that is known."""

    reason: Problem
    heard_at: datetime | None = None


@dataclass(frozen=True)
class SettingsSaved:
    settings: UserSettings
    problem: Problem | None = None


@dataclass(frozen=True)
class UsageMeasured:
    usage: Mapping[str, Usage]


@dataclass(frozen=True)
class ReleaseAsked:
    standing: ReleaseStatus


StateEvent = (
    SupervisionChanged | StackChosen | SnapshotArrived | SnapshotMissed | SettingsSaved | UsageMeasured | ReleaseAsked
)


def reduce_state(state: AppState, event: StateEvent) -> AppState:
    match event:
        case SupervisionChanged(supervision):
            return replace(state, supervision=supervision)
        case StackChosen(stack, supervision):
            return replace(
                state, stack=stack, supervision=supervision, snapshot=None, heard_at=None, old=None, usage={}
            )
        case SnapshotArrived(snapshot, at):
            return replace(state, snapshot=snapshot, heard_at=at, old=None)
        case SnapshotMissed(reason, heard_at):
            return replace(
                state, old=reason, heard_at=state.heard_at and max(state.heard_at, heard_at or state.heard_at)
            )
        case SettingsSaved(settings, problem):
            return replace(state, settings=settings, settings_problem=problem)
        case UsageMeasured(usage):
            return replace(state, usage=usage)
        case ReleaseAsked(standing):
            return replace(state, release=standing)


def last_update(state: AppState) -> TaskRun | None:
    """The newest update that has ended, as far as the newest runs tell."""
    runs = state.snapshot.runs if state.snapshot else ()
    return next((run for run in runs if run.name in UPDATE_TASKS and run.status in FINAL_STATES), None)


@dataclass(frozen=True)
class Release:
    version: str
    page: str


@dataclass(frozen=True)
class ReleaseStatus:
    """What is known of newer versions. newer: the newest, if there is one; asked_at, failed: of the last question."""

    newer: Release | None = None
    asked_at: datetime | None = None
    failed: bool = False


Watcher = Callable[[AppState, AppState], None]
"""Before and after; called by the thread that posted, one at a time: must not block, nor post."""


class StateStore:
    def __init__(self, state: AppState) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._watchers: list[Watcher] = []

    @property
    def state(self) -> AppState:
        return self._state

    def watch(self, watcher: Watcher) -> None:
        with self._lock:
            self._watchers.append(watcher)

    def post(self, event: StateEvent) -> None:
        with self._lock:
            before, self._state = self._state, reduce_state(self._state, event)
            if self._state != before:
                for watcher in self._watchers:
                    watcher(before, self._state)
