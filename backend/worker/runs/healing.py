"""Recover runs of dead workers, runs past the hard limit, and runs whose message was lost."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.contract.names import Role, shared_queue
from backend.services.bundle.upload import tend_bundle
from backend.store.engine import Database
from backend.store.repositories.runs import Lease, RunRepository, StoredRun
from backend.store.repositories.workers import WorkerRepository, WorkerRow
from backend.worker.runs.checkpoint import HARD_LIMIT
from backend.worker.runs.heartbeat import has_ended
from backend.worker.runs.liveness import (
    DeadWorkerDetector,
    HeartbeatReading,
    LostMessageDetector,
    OverdueRunDetector,
    WaitingRun,
)
from backend.worker.runs.runtime import TIME_LIMIT

ABANDONED_AFTER = timedelta(minutes=10)
"""A run that has waited for one PC for longer is revoked, unless a worker is there."""
NO_HEARTBEAT = -1
"""Counter for a worker that has a started run but no row."""

log = logging.getLogger(__name__)


class Healer:
    """Compares the state of workers and runs over several calls. Beat has one and calls `heal` every few seconds."""

    def __init__(self, database: Database, own_name: str, deaths: DeadWorkerDetector) -> None:
        self._database, self._own_name = database, own_name
        self._deaths, self._limits, self._losses = deaths, OverdueRunDetector(HARD_LIMIT), LostMessageDetector()

    def heal(self, now: datetime, monotonic: float) -> Sequence[StoredRun]:
        """Recover what has failed, and tend the uploaded bundle.

        It reads in a writing transaction: while writing is impossible, heartbeats stand still, and no worker may be
        taken for dead.

        Args:
            monotonic: Seconds of the monotonic clock.

        Returns:
            Runs to publish: they never reached the broker, or their message was lost.

        Raises:
            StoreUnavailable: The database cannot be reached.
        """
        with self._database.transaction() as connection:
            workers, runs = WorkerRepository(connection), RunRepository(connection)
            rows, started = workers.all(), runs.started()
            dead = self._deaths.dead(_readings(rows, started), monotonic) - {self._own_name}
            overdue = self._limits.overdue([_lease(run) for run in started], monotonic)
            for run in started:
                if run.worker in dead:
                    log.warning(
                        "worker %s died during run %s, which is now %s",
                        run.worker,
                        run.task_id,
                        runs.interrupt(_lease(run), now),
                    )
                elif _lease(run) in overdue:
                    log.warning("run %s is past the hard limit", run.task_id)
                    runs.finish(_lease(run), TIME_LIMIT, now)
            for row in rows:
                if row.name in dead and workers.remove(row.name, row.beats):
                    log.warning("%s %s is dead and was removed", row.role, row.name)
            tend_bundle(connection, now)
            _revoke_abandoned(runs, rows, now)
            waiting = runs.waiting()
        idle = {queue for row in rows if row.role is Role.WORKER and not row.current_task_id for queue in row.queues}
        lost = self._losses.lost(
            [WaitingRun(run.task_id, run.queue, run.published_at) for run in waiting if run.published_at],
            idle,
            monotonic,
        )
        return [run for run in waiting if run.published_at is None or run.task_id in lost]


def _revoke_abandoned(runs: RunRepository, rows: Sequence[WorkerRow], now: datetime) -> None:
    """Revoke runs that wait for one PC while no worker is there: its beat requests others when it is back."""
    served = {queue for row in rows for queue in row.queues}
    for run in runs.waiting():
        is_of_one_pc = shared_queue(run.queue) != run.queue
        if is_of_one_pc and run.queue not in served and now - run.queued_at > ABANDONED_AFTER:
            log.info("run %s waited for a PC that is away", run.task_id)
            runs.request_cancel(run.task_id, now)


def _readings(rows: Sequence[WorkerRow], started: Sequence[StoredRun]) -> Sequence[HeartbeatReading]:
    known = {row.name for row in rows}
    seen = [HeartbeatReading(row.name, row.beats, has_ended(row.host, row.pid, row.process_started)) for row in rows]
    return seen + [
        HeartbeatReading(run.worker, NO_HEARTBEAT, ended=True)
        for run in started
        if run.worker and run.worker not in known
    ]


def _lease(run: StoredRun) -> Lease:
    return Lease(run.task_id, run.attempt, run.worker or "")
