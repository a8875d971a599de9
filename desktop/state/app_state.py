"""The state that the windows show, as one frozen value; the events that change it; and the store that holds it.

`reduce_state` is pure. Any thread may post events to the store, which then calls its listeners.
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
from desktop.inventory.scan_status import ScanStatus
from desktop.supervision.plan import API, BEAT
from desktop.supervision.services import Supervision


@dataclass(frozen=True)
class Usage:
    """Resource use of a process and its descendants; `cpu_percent` is relative to one core."""

    cpu_percent: float
    memory_bytes: int


@dataclass(frozen=True)
class Release:
    version: str
    page: str


@dataclass(frozen=True)
class ReleaseStatus:
    """The result of the last check for a new version.

    Attributes:
        newer: The newest version, if it is newer than this program.
        asked_at: When the publisher was last asked (UTC).
        failed: Whether that check failed.
    """

    newer: Release | None = None
    asked_at: datetime | None = None
    failed: bool = False


@dataclass(frozen=True)
class AppState:
    """Everything that pages and tray icon show.

    Attributes:
        snapshot: The API's last answer; it stays when the API no longer answers.
        snapshot_at: When the API last confirmed it (UTC).
        stale_reason: Why the snapshot is not current; None while it is.
        release: What is known of newer versions; None: this build does not check for them.
        scan: What is known of the scans of this PC.
    """

    supervision: Supervision
    stack: StackKind
    settings: UserSettings = field(default_factory=UserSettings)
    settings_problem: Problem | None = None
    snapshot: Snapshot | None = None
    snapshot_at: datetime | None = None
    stale_reason: Problem | None = None
    usage: Mapping[str, Usage] = field(default_factory=dict)
    release: ReleaseStatus | None = None
    scan: ScanStatus = field(default_factory=ScanStatus)

    @property
    def update(self) -> TaskRun | None:
        """The update that is queued or running, if any."""
        runs = self.snapshot.runs if self.snapshot else ()
        return next((run for run in runs if run.name in UPDATE_TASKS and run.status in ACTIVE_STATES), None)

    @property
    def busy(self) -> bool:
        """Whether something is in progress, so that the state should be read often."""
        runs = self.snapshot.runs if self.snapshot else ()
        return self.supervision.changing or any(run.status in ACTIVE_STATES for run in runs)

    @property
    def api_unavailable(self) -> bool:
        """Whether the API is not running or does not answer. The banner above every page says so; pages need not."""
        return self.stale_reason is not None or not self.supervision[API].ready

    @property
    def may_scan(self) -> bool:
        """Whether the user allows scans of this PC, and the API takes their results."""
        return self.settings.scan_installed and self.snapshot is not None and not self.api_unavailable

    @property
    def has_scheduler(self) -> bool:
        """Whether a beat runs or will start: this program's or a foreign one."""
        beat, others = self.supervision[BEAT], self.supervision.foreign
        return (beat.wanted and not beat.failed) or any(worker.role is Role.BEAT for worker in others)


@dataclass(frozen=True)
class SupervisionChanged:
    supervision: Supervision


@dataclass(frozen=True)
class StackChosen:
    """A new session begins, possibly with another stack: the previous snapshot no longer applies."""

    stack: StackKind
    supervision: Supervision


@dataclass(frozen=True)
class SnapshotArrived:
    snapshot: Snapshot
    at: datetime


@dataclass(frozen=True)
class SnapshotMissed:
    """The API could not be read; `snapshot_at`: when it last confirmed the known snapshot, if that is known."""

    reason: Problem
    snapshot_at: datetime | None = None


@dataclass(frozen=True)
class SettingsSaved:
    settings: UserSettings
    problem: Problem | None = None


@dataclass(frozen=True)
class UsageMeasured:
    usage: Mapping[str, Usage]


@dataclass(frozen=True)
class ReleaseChecked:
    status: ReleaseStatus


@dataclass(frozen=True)
class ScanReported:
    status: ScanStatus


StateEvent = (
    SupervisionChanged
    | StackChosen
    | SnapshotArrived
    | SnapshotMissed
    | SettingsSaved
    | UsageMeasured
    | ReleaseChecked
    | ScanReported
)


def reduce_state(state: AppState, event: StateEvent) -> AppState:
    match event:
        case SupervisionChanged(supervision):
            return replace(state, supervision=supervision)
        case StackChosen(stack, supervision):
            return replace(
                state,
                stack=stack,
                supervision=supervision,
                snapshot=None,
                snapshot_at=None,
                stale_reason=None,
                usage={},
                scan=replace(state.scan, scanned_at=None),
            )
        case SnapshotArrived(snapshot, at):
            return replace(state, snapshot=snapshot, snapshot_at=at, stale_reason=None)
        case SnapshotMissed(reason, snapshot_at):
            return replace(
                state,
                stale_reason=reason,
                snapshot_at=state.snapshot_at and max(state.snapshot_at, snapshot_at or state.snapshot_at),
            )
        case SettingsSaved(settings, problem):
            return replace(state, settings=settings, settings_problem=problem)
        case UsageMeasured(usage):
            return replace(state, usage=usage)
        case ReleaseChecked(status):
            return replace(state, release=status)
        case ScanReported(status):
            return replace(state, scan=status)


def is_team(state: AppState) -> bool:
    """Whether another PC has sent an inventory to the database."""
    return state.snapshot is not None and state.snapshot.is_team


def last_update(state: AppState) -> TaskRun | None:
    """The latest update that has ended, if it is among the recent runs of the snapshot."""
    runs = state.snapshot.runs if state.snapshot else ()
    return next((run for run in runs if run.name in UPDATE_TASKS and run.status in FINAL_STATES), None)


StateListener = Callable[[AppState, AppState], None]
"""Called with the state before and after a change, by the thread that posted: must neither block nor post."""


class StateStore:
    def __init__(self, state: AppState) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._listeners: list[StateListener] = []

    @property
    def state(self) -> AppState:
        return self._state

    def add_listener(self, listener: StateListener) -> None:
        with self._lock:
            self._listeners.append(listener)

    def post(self, event: StateEvent) -> None:
        with self._lock:
            before, self._state = self._state, reduce_state(self._state, event)
            if self._state != before:
                for listener in self._listeners:
                    listener(before, self._state)
