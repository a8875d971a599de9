"""Asks the API for everything that the windows show, as often as somebody could see a difference."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from backend.client.api import Fresh
from backend.client.transport import ApiError
from backend.contract.problems import Problem, ProblemId, problem
from desktop.state.app_state import AppState, SnapshotArrived, SnapshotMissed, StateStore, Usage, UsageMeasured
from desktop.supervision.plan import API
from desktop.supervision.services import Supervision

_BUSY_S, _WATCHED_S, _UNWATCHED_S = 1.0, 5.0, 30.0
_LAST_LOOK_S = 0.2


class AsksForAll(Protocol):
    """The part of the API's client that is used here."""

    def snapshot(self, tag: str = "") -> Fresh | None: ...


class Poller:
    """usage_of: what a process uses of the machine; asked only while somebody looks. now: UTC."""

    def __init__(
        self,
        client: AsksForAll,
        store: StateStore,
        usage_of: Callable[[int], Usage | None],
        now: Callable[[], datetime],
    ) -> None:
        self._client, self._store, self._usage_of, self._now = client, store, usage_of, now
        self._tag, self._heard_at = "", now()
        self._watched, self._over = False, False
        self._due = threading.Event()
        self._thread = threading.Thread(target=self._round, name="poller", daemon=True)
        store.watch(self._changed)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over = True
        self._due.set()
        self._thread.join(_LAST_LOOK_S)

    def watched(self, by_somebody: bool) -> None:
        """Whether a window is open; from any thread."""
        self._watched = by_somebody
        if by_somebody:
            self._due.set()

    def hurry(self) -> None:
        """Something was asked for: its beginning is worth seeing at once. From any thread."""
        self._due.set()

    def look(self) -> None:
        """Once, in the calling thread."""
        view = self._store.state
        if view.supervision[API].ready:
            self._ask(view)
        elif view.snapshot is not None and view.old is None:
            self._store.post(SnapshotMissed(_not_there(view.supervision), self._heard_at))
        if self._watched:
            self._store.post(UsageMeasured(self._usage(view.supervision)))

    def pace(self) -> float:
        """Seconds until the next look."""
        if self._store.state.busy:
            return _BUSY_S
        return _WATCHED_S if self._watched else _UNWATCHED_S

    def _ask(self, state: AppState) -> None:
        try:
            fresh = self._client.snapshot(self._tag if state.snapshot is not None else "")
        except ApiError as error:
            self._store.post(SnapshotMissed(error.problem, self._heard_at))
            return
        self._heard_at = self._now()
        if fresh is not None:
            self._tag = fresh.tag
            self._store.post(SnapshotArrived(fresh.snapshot, self._heard_at))
        elif state.old is not None and state.snapshot is not None:
            self._store.post(SnapshotArrived(state.snapshot, self._heard_at))

    def _usage(self, supervision: Supervision) -> Mapping[str, Usage]:
        measured = {one.name: self._usage_of(one.pid) for one in supervision.services if one.pid is not None}
        return {name: usage for name, usage in measured.items() if usage is not None}

    def _changed(self, before: AppState, after: AppState) -> None:
        """A watch of the store: what a service is at or has done, and whether it runs, is asked about at once."""
        if _doings(before.supervision) != _doings(after.supervision):
            self._due.set()

    def _round(self) -> None:
        while not self._over:
            self._due.clear()
            self.look()
            self._due.wait(self.pace())


def _doings(supervision: Supervision) -> list[tuple[bool, str, int]]:
    return [(one.ready, one.task.task_id if one.task else "", one.tasks_done) for one in supervision.services]


def _not_there(supervision: Supervision) -> Problem:
    return supervision[API].problem or problem(ProblemId.API_DOWN)
