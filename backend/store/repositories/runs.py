"""The run ledger: every run of every task, from the request to its end. Celery only carries the ids.

All writes after the claim are conditional on the hold (attempt and worker), so that a worker that was declared dead and
comes back changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, func, select, update

from backend.contract.names import ACTIVE_STATES, FINAL_STATES, UPDATE_TASKS, RunState, Trigger
from backend.store.dialects.bulk import upsert
from backend.store.tables import source_states, task_runs

WAITING_STATES = (RunState.PENDING, RunState.RETRY)
_RUNS = task_runs.c


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One row of the ledger. `progress` and `result` are JSON; `exclusive` keeps runs with the same word apart."""

    task_id: str
    name: str
    queue: str
    trigger: Trigger
    queued_at: datetime
    state: RunState = RunState.PENDING
    exclusive: str | None = None
    attempt: int = 0
    interruptions: int = 0
    cancel_requested: bool = False
    published_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    worker: str | None = None
    progress: str | None = None
    result: str | None = None
    error_title: str | None = None
    error_message: str | None = None
    error_hint: str | None = None
    error_id: str | None = None
    traceback: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's right to one attempt at one run."""

    task_id: str
    attempt: int
    worker: str


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How an attempt ended. `result` is a JSON text; the error fields go with FAILURE."""

    state: RunState
    result: str | None = None
    error_title: str | None = None
    error_message: str | None = None
    error_hint: str | None = None
    error_id: str | None = None
    traceback: str | None = None


INTERRUPTED_TWICE = RunOutcome(
    RunState.FAILURE,
    error_title="Interrupted twice",
    error_message="The worker died while it ran this task, and so did the next one.",
    error_hint="Look into the worker's log; a machine short of memory is the usual reason.",
)
CANCELLED = RunOutcome(RunState.REVOKED)


class RunRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---- asking for a run

    def add(self, run: StoredRun) -> bool:
        """False when a run with the same id is known, or one with the same exclusive word is active."""
        values = {column: getattr(run, column) for column in StoredRun.__slots__}
        statement = upsert(self._connection, task_runs).values(values).on_conflict_do_nothing()
        return self._connection.execute(statement).rowcount == 1

    def active(self, exclusive: str) -> str | None:
        """The id of the one active run with this exclusive word."""
        query = select(_RUNS.task_id).where(_RUNS.exclusive == exclusive, _RUNS.state.in_(ACTIVE_STATES))
        return self._connection.execute(query).scalar_one_or_none()

    def request_cancel(self, task_id: str, now: datetime) -> RunState | None:
        """Revokes a run that waits, asks one that runs to stop. Returns the state it is in now; None: unknown id."""
        waiting = and_(_RUNS.task_id == task_id, _RUNS.state.in_(WAITING_STATES))
        if self._end(waiting, CANCELLED, now):
            return RunState.REVOKED
        running = and_(_RUNS.task_id == task_id, _RUNS.state == RunState.STARTED)
        self._connection.execute(update(task_runs).where(running).values(cancel_requested=True))
        found = self.get(task_id)
        return found.state if found else None

    # ---- the worker's side

    def claim(self, task_id: str, worker: str, now: datetime) -> Lease | None:
        """The right to run it, for one caller only. None: unknown, taken or over: a doubled message is harmless."""
        claimed = self._connection.execute(
            update(task_runs)
            .where(_RUNS.task_id == task_id, _RUNS.state.in_(WAITING_STATES))
            .values(state=RunState.STARTED, attempt=_RUNS.attempt + 1, worker=worker, started_at=now, progress=None)
            .returning(_RUNS.attempt)
        ).scalar_one_or_none()
        return None if claimed is None else Lease(task_id, claimed, worker)

    def holds(self, hold: Lease) -> bool:
        """Whether the hold is still good, and until the transaction ends nobody can take it away."""
        return (
            self._connection.execute(update(task_runs).where(_held(hold)).values(attempt=_RUNS.attempt)).rowcount == 1
        )

    def record_progress(self, hold: Lease, progress: str | None) -> bool | None:
        """Writes the progress (None: unchanged). Returns whether a cancel was asked for; None: the hold is lost."""
        if progress is None:
            return self._connection.execute(select(_RUNS.cancel_requested).where(_held(hold))).scalar_one_or_none()
        statement = update(task_runs).where(_held(hold)).values(progress=progress).returning(_RUNS.cancel_requested)
        return self._connection.execute(statement).scalar_one_or_none()

    def finish(self, hold: Lease, ending: RunOutcome, now: datetime, progress: str | None = None) -> bool:
        """progress: the last word, as JSON. False: the hold is lost and nothing was written."""
        if progress is not None:
            self.record_progress(hold, progress)
        return self._end(_held(hold), ending, now)

    def put_back(self, hold: Lease, now: datetime) -> RunState | None:
        """Lets another worker begin it anew, without penalty: the program stops. None: the hold is lost."""
        return self._requeue(hold, RunState.PENDING, now)

    def interrupt(self, hold: Lease, now: datetime) -> RunState | None:
        """The worker died, or lost the database: once the run is repeated, then it failed. None: not held any more."""
        interrupted = self._connection.execute(
            update(task_runs)
            .where(_held(hold))
            .values(interruptions=_RUNS.interruptions + 1)
            .returning(_RUNS.interruptions)
        ).scalar_one_or_none()
        if interrupted is not None and interrupted > 1:
            self._end(_held(hold), INTERRUPTED_TWICE, now)
            return RunState.FAILURE
        return self._requeue(hold, RunState.RETRY, now)

    # ---- the broker's side

    def waiting(self, limit: int = 200) -> Sequence[StoredRun]:
        """Oldest first. What the broker was not told of has no `published_at`."""
        return self._select(_RUNS.state.in_(WAITING_STATES), limit)

    def mark_published(self, task_id: str, now: datetime) -> None:
        self._connection.execute(
            update(task_runs).where(_RUNS.task_id == task_id, _RUNS.state.in_(WAITING_STATES)).values(published_at=now)
        )

    # ---- looking

    def get(self, task_id: str) -> StoredRun | None:
        row = self._connection.execute(select(task_runs).where(_RUNS.task_id == task_id)).one_or_none()
        return None if row is None else _stored(row)

    def history(
        self,
        state: RunState | None = None,
        name: str | None = None,
        trigger: Trigger | None = None,
        *,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[Sequence[StoredRun], int]:
        """Newest first, and how many there are in all."""
        asked = ((_RUNS.state, state), (_RUNS.name, name), (_RUNS.trigger, trigger))
        wanted = [column == value for column, value in asked if value is not None]
        query = (
            select(task_runs).where(*wanted).order_by(_RUNS.queued_at.desc(), _RUNS.task_id).offset(offset).limit(limit)
        )
        total = self._connection.execute(select(func.count()).select_from(task_runs).where(*wanted)).scalar_one()
        return [_stored(row) for row in self._connection.execute(query)], total

    def states(self, task_ids: Collection[str]) -> Mapping[str, RunState]:
        """By id; runs that have expired are absent."""
        query = select(_RUNS.task_id, _RUNS.state).where(_RUNS.task_id.in_(task_ids))
        return {row.task_id: RunState(row.state) for row in self._connection.execute(query)}

    def started(self) -> Sequence[StoredRun]:
        return self._select(_RUNS.state == RunState.STARTED, limit=1000)

    def is_active(self, task_id: str) -> bool:
        query = select(exists().where(_RUNS.task_id == task_id, _RUNS.state.in_(ACTIVE_STATES)))
        return bool(self._connection.execute(query).scalar_one())

    def settled(self, exclusive: str) -> str | None:
        """The last run of those that exclude each other, once it ended; None while one is active or there was none."""
        newest = select(_RUNS.task_id, _RUNS.state).where(_RUNS.exclusive == exclusive)
        row = self._connection.execute(newest.order_by(_RUNS.queued_at.desc()).limit(1)).first()
        return None if row is None or row.state in ACTIVE_STATES else str(row.task_id)

    def held_by(self, worker: str) -> Sequence[StoredRun]:
        return self._select((_RUNS.state == RunState.STARTED) & (_RUNS.worker == worker), limit=1000)

    def nothing_loaded_yet(self) -> bool:
        """No update ever succeeded, and no source ever landed: the database is as it was made."""
        updated = select(exists().where(_RUNS.name.in_(UPDATE_TASKS), _RUNS.state == RunState.SUCCESS))
        landed = select(exists().where(source_states.c.last_success_at.is_not(None)))
        return not any(self._connection.execute(query).scalar_one() for query in (updated, landed))

    def expire(self, before: datetime) -> int:
        """Removes runs that ended before that moment. Returns how many."""
        over = _RUNS.state.in_(FINAL_STATES) & (_RUNS.finished_at < before)
        return self._connection.execute(delete(task_runs).where(over)).rowcount

    # ----

    def _requeue(self, hold: Lease, state: RunState, now: datetime) -> RunState | None:
        if self._end(_held(hold) & _RUNS.cancel_requested, CANCELLED, now):
            return RunState.REVOKED
        waiting = {"state": state, "worker": None, "started_at": None, "published_at": None}
        return (
            state if self._connection.execute(update(task_runs).where(_held(hold)).values(waiting)).rowcount else None
        )

    def _end(self, which: ColumnElement[bool], ending: RunOutcome, now: datetime) -> bool:
        values = {column: getattr(ending, column) for column in RunOutcome.__slots__}
        return self._connection.execute(update(task_runs).where(which).values(**values, finished_at=now)).rowcount == 1

    def _select(self, which: ColumnElement[bool], limit: int) -> Sequence[StoredRun]:
        query = select(task_runs).where(which).order_by(_RUNS.queued_at, _RUNS.task_id).limit(limit)
        return [_stored(row) for row in self._connection.execute(query)]


def _held(hold: Lease) -> ColumnElement[bool]:
    return and_(
        _RUNS.task_id == hold.task_id,
        _RUNS.state == RunState.STARTED,
        _RUNS.attempt == hold.attempt,
        _RUNS.worker == hold.worker,
    )


def _stored(row: Row[tuple[object, ...]]) -> StoredRun:
    run = StoredRun(**row._mapping)
    return replace(run, state=RunState(run.state), trigger=Trigger(run.trigger))
