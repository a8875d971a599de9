"""Puts right what dead workers and lost messages leave behind."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from backend.contract.names import Role
from backend.store.engine import Database
from backend.store.repositories.runs import Lease, RunRepository, StoredRun
from backend.store.repositories.workers import WorkerRepository, WorkerRow
from backend.worker.runs.checkpoint import HARD_LIMIT
from backend.worker.runs.heartbeat import is_gone
from backend.worker.runs.liveness import (
    LOCAL_SILENCE,
    DeathWatch,
    HeartbeatReading,
    LimitWatch,
    LostMessageDetector,
    Waiting,
)
from backend.worker.runs.runtime import TIME_LIMIT

OUT_OF_SIGHT = -1
"""Heartbeats of a worker that has no row: it left without ending its run."""

log = logging.getLogger(__name__)


class Healer:
    """One per beat. `heal` is to be called every few seconds; what it sees over time is what it judges by."""

    def __init__(self, database: Database, me: str, local_silence: float = LOCAL_SILENCE) -> None:
        self._database, self._me = database, me
        self._deaths, self._limits, self._losses = (
            DeathWatch(local_silence),
            LimitWatch(HARD_LIMIT),
            LostMessageDetector(),
        )

    def heal(self, now: datetime, monotonic: float) -> Sequence[StoredRun]:
        """Returns the runs that the broker has to be told of: it never was, or the message is lost.

        Raises StoreUnavailable.

        It looks in a writing transaction: while nobody can write, nobody's heartbeat can move.
        """
        with self._database.transaction() as connection:
            workers, runs = WorkerRepository(connection), RunRepository(connection)
            rows, started = workers.all(), runs.started()
            dead = self._deaths.dead(_sightings(rows, started), monotonic) - {self._me}
            overdue = self._limits.overdue([_hold(run) for run in started], monotonic)
            for run in started:
                if run.worker in dead:
                    log.warning(
                        "worker %s died with run %s: now %s", run.worker, run.task_id, runs.interrupt(_hold(run), now)
                    )
                elif _hold(run) in overdue:
                    log.warning("run %s is past the hard limit", run.task_id)
                    runs.finish(_hold(run), TIME_LIMIT, now)
            for row in rows:
                if row.name in dead and workers.remove(row.name, row.beats):
                    log.warning("%s %s is gone", row.role, row.name)
            waiting = runs.waiting()
        idle = {queue for row in rows if row.role is Role.WORKER and not row.current_task_id for queue in row.queues}
        lost = self._losses.lost(
            [Waiting(run.task_id, run.queue, run.published_at) for run in waiting if run.published_at], idle, monotonic
        )
        return [run for run in waiting if run.published_at is None or run.task_id in lost]


def _sightings(rows: Sequence[WorkerRow], started: Sequence[StoredRun]) -> Sequence[HeartbeatReading]:
    known = {row.name for row in rows}
    seen = [HeartbeatReading(row.name, row.beats, is_gone(row.host, row.pid, row.process_started)) for row in rows]
    return seen + [
        HeartbeatReading(run.worker, OUT_OF_SIGHT, gone=True)
        for run in started
        if run.worker and run.worker not in known
    ]


def _hold(run: StoredRun) -> Lease:
    return Lease(run.task_id, run.attempt, run.worker or "")
