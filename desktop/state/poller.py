"""Reads the API's snapshot and the resource use of the services: often while something changes, seldom while idle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from backend.client.api import Fresh
from backend.client.transport import ApiError
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import Problem, problem
from desktop.state.app_state import AppState, SnapshotArrived, SnapshotMissed, StateStore, Usage, UsageMeasured
from desktop.supervision.plan import API
from desktop.supervision.services import Supervision

_BUSY_S, _OPEN_S, _CLOSED_S = 1.0, 5.0, 30.0
_STOP_S = 0.2


class SnapshotClient(Protocol):
    """The part of ApiClient that the poller uses."""

    def snapshot(self, tag: str = "") -> Fresh | None: ...


class Poller:
    """Posts the API's answers to the store, from a separate thread.

    Args:
        usage_of: Measures a process; called only while a window is open.
        now: The time in UTC.
    """

    def __init__(
        self,
        client: SnapshotClient,
        store: StateStore,
        usage_of: Callable[[int], Usage | None],
        now: Callable[[], datetime],
    ) -> None:
        self._client, self._store, self._usage_of, self._now = client, store, usage_of, now
        self._tag, self._confirmed_at = "", now()
        self._window_open, self._stopped = False, False
        self._due = threading.Event()
        self._thread = threading.Thread(target=self._run, name="poller", daemon=True)
        store.add_listener(self._on_change)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped = True
        self._due.set()
        self._thread.join(_STOP_S)

    def set_window_open(self, window_open: bool) -> None:
        """Poll more often while a window is open. May be called from any thread."""
        self._window_open = window_open
        if window_open:
            self._due.set()

    def poll_soon(self) -> None:
        """Poll at once, because the user has requested something. May be called from any thread."""
        self._due.set()

    def poll(self) -> None:
        """Poll once, in the calling thread."""
        state = self._store.state
        if state.supervision[API].ready:
            self._read_snapshot(state)
        elif state.snapshot is not None and state.stale_reason is None:
            self._store.post(SnapshotMissed(_not_running(state.supervision), self._confirmed_at))
        if self._window_open:
            self._store.post(UsageMeasured(self._usage(state.supervision)))

    def interval(self) -> float:
        """Return the seconds until the next poll."""
        if self._store.state.busy:
            return _BUSY_S
        return _OPEN_S if self._window_open else _CLOSED_S

    def _read_snapshot(self, state: AppState) -> None:
        try:
            fresh = self._client.snapshot(self._tag if state.snapshot is not None else "")
        except ApiError as error:
            self._store.post(SnapshotMissed(error.problem, self._confirmed_at))
            return
        self._confirmed_at = self._now()
        if fresh is not None:
            self._tag = fresh.tag
            self._store.post(SnapshotArrived(fresh.snapshot, self._confirmed_at))
        elif state.stale_reason is not None and state.snapshot is not None:
            self._store.post(SnapshotArrived(state.snapshot, self._confirmed_at))

    def _usage(self, supervision: Supervision) -> Mapping[str, Usage]:
        measured = {
            service.name: self._usage_of(service.pid) for service in supervision.services if service.pid is not None
        }
        return {name: usage for name, usage in measured.items() if usage is not None}

    def _on_change(self, before: AppState, after: AppState) -> None:
        """Poll at once when a service becomes ready or not, or begins or ends a task."""
        if _activity(before.supervision) != _activity(after.supervision):
            self._due.set()

    def _run(self) -> None:
        while not self._stopped:
            self._due.clear()
            self.poll()
            self._due.wait(self.interval())


def _activity(supervision: Supervision) -> list[tuple[bool, str, int]]:
    return [
        (service.ready, service.task.task_id if service.task else "", service.tasks_done)
        for service in supervision.services
    ]


def _not_running(supervision: Supervision) -> Problem:
    return supervision[API].reported_problem or problem(ProblemId.API_DOWN)
