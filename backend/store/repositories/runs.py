"""The run ledger: every run of every task, from the request to its end. Celery only carries the ids.

All writes after the claim are conditional on the lease (attempt and worker), so a worker that was declared dead and
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
    """One row of the ledger. `progress` and `result` are JSON; runs with one `exclusive` key exclude each other."""

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
    """The end of an attempt. `result` is JSON; the error fields are set for FAILURE."""

    state: RunState
    result: str | None = None
    error_title: str | None = None
    error_message: str | None = None
    error_hint: str | None = None
    error_id: str | None = None
    traceback: str | None = None


MOST_INTERRUPTIONS = 8
"""Workers that may die during one run. More than the supervisor starts before it waits for minutes, so that the run
outlasts a short time of trouble; few enough that a run that ends every worker does not hold its queue for ever.
"""
INTERRUPTED_TOO_OFTEN = RunOutcome(
    RunState.FAILURE,
    error_title="Interrupted too often",
    error_message=f"{MOST_INTERRUPTIONS} workers have died while they ran this task.",
    error_hint="Look into the worker's log; a machine short of memory is the usual reason.",
)
CANCELLED = RunOutcome(RunState.REVOKED)


class RunRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---- requests

    def add(self, run: StoredRun) -> bool:
        """Insert a run. False if its id exists, or a run with the same exclusive key is active."""
        values = {column: getattr(run, column) for column in StoredRun.__slots__}
        statement = upsert(self._connection, task_runs).values(values).on_conflict_do_nothing()
        return self._connection.execute(statement).rowcount == 1

    def active(self, exclusive: str) -> str | None:
        """The id of the active run with this exclusive key."""
        query = select(_RUNS.task_id).where(_RUNS.exclusive == exclusive, _RUNS.state.in_(ACTIVE_STATES))
        return self._connection.execute(query).scalar_one_or_none()

    def request_cancel(self, task_id: str, now: datetime) -> RunState | None:
        """Revoke a waiting run, or request the cancellation of a running one.

        Returns:
            The state of the run afterwards; None for an unknown id.
        """
        waiting = and_(_RUNS.task_id == task_id, _RUNS.state.in_(WAITING_STATES))
        if self._end(waiting, CANCELLED, now):
            return RunState.REVOKED
        running = and_(_RUNS.task_id == task_id, _RUNS.state == RunState.STARTED)
        self._connection.execute(update(task_runs).where(running).values(cancel_requested=True))
        found = self.get(task_id)
        return found.state if found else None

    # ---- workers

    def claim(self, task_id: str, worker: str, now: datetime) -> Lease | None:
        """Claim a run for one worker, so that a duplicate message is harmless.

        Returns:
            None if the run is unknown, already claimed or finished.
        """
        claimed = self._connection.execute(
            update(task_runs)
            .where(_RUNS.task_id == task_id, _RUNS.state.in_(WAITING_STATES))
            .values(state=RunState.STARTED, attempt=_RUNS.attempt + 1, worker=worker, started_at=now, progress=None)
            .returning(_RUNS.attempt)
        ).scalar_one_or_none()
        return None if claimed is None else Lease(task_id, claimed, worker)

    def holds(self, lease: Lease) -> bool:
        """Whether the lease is valid. The row stays locked, so it remains valid until the transaction ends."""
        return (
            self._connection.execute(update(task_runs).where(_held(lease)).values(attempt=_RUNS.attempt)).rowcount == 1
        )

    def record_progress(self, lease: Lease, progress: str | None) -> bool | None:
        """Write the progress (None: unchanged).

        Returns:
            Whether a cancellation was requested; None if the lease is lost.
        """
        if progress is None:
            return self._connection.execute(select(_RUNS.cancel_requested).where(_held(lease))).scalar_one_or_none()
        statement = update(task_runs).where(_held(lease)).values(progress=progress).returning(_RUNS.cancel_requested)
        return self._connection.execute(statement).scalar_one_or_none()

    def finish(self, lease: Lease, outcome: RunOutcome, now: datetime, progress: str | None = None) -> bool:
        """End a run. False, and no change, if the lease is lost.

        Args:
            progress: the final progress as JSON; None: unchanged.
        """
        if progress is not None:
            self.record_progress(lease, progress)
        return self._end(_held(lease), outcome, now)

    def put_back(self, lease: Lease, now: datetime) -> RunState | None:
        """Return a run to the queue because this worker stops; not counted as a failure. None: the lease is lost."""
        return self._requeue(lease, RunState.PENDING, now)

    def interrupt(self, lease: Lease, now: datetime) -> RunState | None:
        """Record that the worker died or lost the database: the run is repeated, a few times at most.

        Returns:
            The new state; None if the lease was lost before.
        """
        interrupted = self._connection.execute(
            update(task_runs)
            .where(_held(lease))
            .values(interruptions=_RUNS.interruptions + 1)
            .returning(_RUNS.interruptions)
        ).scalar_one_or_none()
        if interrupted is not None and interrupted >= MOST_INTERRUPTIONS:
            self._end(_held(lease), INTERRUPTED_TOO_OFTEN, now)
            return RunState.FAILURE
        return self._requeue(lease, RunState.RETRY, now)

    # ---- the broker

    def waiting(self, limit: int = 200) -> Sequence[StoredRun]:
        """The waiting runs, oldest first. Without `published_at` a run was not published to the broker."""
        return self._select(_RUNS.state.in_(WAITING_STATES), limit)

    def mark_published(self, task_id: str, now: datetime) -> None:
        self._connection.execute(
            update(task_runs).where(_RUNS.task_id == task_id, _RUNS.state.in_(WAITING_STATES)).values(published_at=now)
        )

    # ---- queries

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
        """One page of runs, newest first, and the total."""
        filters = ((_RUNS.state, state), (_RUNS.name, name), (_RUNS.trigger, trigger))
        wanted = [column == value for column, value in filters if value is not None]
        query = (
            select(task_runs).where(*wanted).order_by(_RUNS.queued_at.desc(), _RUNS.task_id).offset(offset).limit(limit)
        )
        total = self._connection.execute(select(func.count()).select_from(task_runs).where(*wanted)).scalar_one()
        return [_stored(row) for row in self._connection.execute(query)], total

    def states(self, task_ids: Collection[str]) -> Mapping[str, RunState]:
        """The states by id, without runs that have expired."""
        query = select(_RUNS.task_id, _RUNS.state).where(_RUNS.task_id.in_(task_ids))
        return {row.task_id: RunState(row.state) for row in self._connection.execute(query)}

    def started(self) -> Sequence[StoredRun]:
        return self._select(_RUNS.state == RunState.STARTED, limit=1000)

    def is_active(self, task_id: str) -> bool:
        query = select(exists().where(_RUNS.task_id == task_id, _RUNS.state.in_(ACTIVE_STATES)))
        return bool(self._connection.execute(query).scalar_one())

    def last_finished(self, exclusive: str) -> str | None:
        """The id of the newest run with this exclusive key; None while one is active, or if there was none."""
        newest = select(_RUNS.task_id, _RUNS.state).where(_RUNS.exclusive == exclusive)
        row = self._connection.execute(newest.order_by(_RUNS.queued_at.desc()).limit(1)).first()
        return None if row is None or row.state in ACTIVE_STATES else str(row.task_id)

    def held_by(self, worker: str) -> Sequence[StoredRun]:
        return self._select((_RUNS.state == RunState.STARTED) & (_RUNS.worker == worker), limit=1000)

    def never_loaded(self) -> bool:
        """Whether no update and no source has ever succeeded: the database is new."""
        updated = select(exists().where(_RUNS.name.in_(UPDATE_TASKS), _RUNS.state == RunState.SUCCESS))
        landed = select(exists().where(source_states.c.last_success_at.is_not(None)))
        return not any(self._connection.execute(query).scalar_one() for query in (updated, landed))

    def expire(self, before: datetime) -> int:
        """Delete runs that ended before the moment and return their number."""
        over = _RUNS.state.in_(FINAL_STATES) & (_RUNS.finished_at < before)
        return self._connection.execute(delete(task_runs).where(over)).rowcount

    # ----

    def _requeue(self, lease: Lease, state: RunState, now: datetime) -> RunState | None:
        if self._end(_held(lease) & _RUNS.cancel_requested, CANCELLED, now):
            return RunState.REVOKED
        waiting = {"state": state, "worker": None, "started_at": None, "published_at": None}
        return (
            state if self._connection.execute(update(task_runs).where(_held(lease)).values(waiting)).rowcount else None
        )

    def _end(self, which: ColumnElement[bool], outcome: RunOutcome, now: datetime) -> bool:
        values = {column: getattr(outcome, column) for column in RunOutcome.__slots__}
        return self._connection.execute(update(task_runs).where(which).values(**values, finished_at=now)).rowcount == 1

    def _select(self, which: ColumnElement[bool], limit: int) -> Sequence[StoredRun]:
        query = select(task_runs).where(which).order_by(_RUNS.queued_at, _RUNS.task_id).limit(limit)
        return [_stored(row) for row in self._connection.execute(query)]


def _held(lease: Lease) -> ColumnElement[bool]:
    return and_(
        _RUNS.task_id == lease.task_id,
        _RUNS.state == RunState.STARTED,
        _RUNS.attempt == lease.attempt,
        _RUNS.worker == lease.worker,
    )


def _stored(row: Row[tuple[object, ...]]) -> StoredRun:
    run = StoredRun(**row._mapping)
    return replace(run, state=RunState(run.state), trigger=Trigger(run.trigger))
