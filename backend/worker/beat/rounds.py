"""The work of beat, repeated every few seconds: enqueue due runs, publish what the broker missed, clean up.

Independent of Celery; backend.worker.beat.scheduler calls it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from cronsim import CronSimError

from backend.contract.errors import OpenThreatError
from backend.contract.names import UPDATE_TASKS, Role, TaskName, Trigger
from backend.contract.wire import utc_now
from backend.domain.schedule import ScheduleDecision, ScheduleEntry, decide
from backend.services.runs.broker_errors import BrokerUnavailable
from backend.services.runs.queue import TaskQueue, add_run, new_run
from backend.services.runs.schedule import current_pause
from backend.store.dialects import search_index_of
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.schedule import ScheduleRepository
from backend.store.retry import OutageLog
from backend.system.time_zone import local_zone
from backend.worker.beat.resume_from_sleep import ResumeFromSleep
from backend.worker.runs.healing import Healer
from backend.worker.runs.heartbeat import Heartbeat, this_process
from backend.worker.runs.liveness import LOCAL_SILENCE, SILENCE, DeadWorkerDetector
from backend.worker.runs.runtime import initial_row

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BeatIntervals:
    """Intervals in seconds.

    Attributes:
        schedule: Between two reads of the schedule; an edit takes effect within this time.
        healing: Between two checks of the workers, and of runs that the broker missed.
        silence, local_silence: See DeadWorkerDetector.
    """

    schedule: float = 5.0
    healing: float = 5.0
    silence: float = SILENCE
    local_silence: float = LOCAL_SILENCE


class Beat:
    """The scheduler without Celery.

    `round` does not raise while database or broker cannot be reached: it logs that once and continues.

    Args:
        defaults: Entries of the schedule for an empty table.
        request_sending: Adds a run to the ledger if something is to be sent to the webhooks of this PC.
        zone: Returns the time zone of this machine, in which cron lines are read.
        network: As for ResumeFromSleep.
    """

    def __init__(
        self,
        database: Database,
        queue: TaskQueue,
        defaults: Sequence[ScheduleEntry],
        request_sending: Callable[[datetime], None],
        *,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        zone: Callable[[], tzinfo] = local_zone,
        network: Callable[[], bool],
        intervals: BeatIntervals = BeatIntervals(),
    ) -> None:
        self._database, self._queue, self._defaults, self._request_sending = database, queue, defaults, request_sending
        self._clock, self._monotonic, self._zone, self._intervals = clock, monotonic, zone, intervals
        identity = this_process([Role.BEAT])
        self._heartbeat = Heartbeat(database, initial_row(identity, Role.BEAT), overdue=lambda _: None)
        self._healer = Healer(database, identity.name, DeadWorkerDetector(intervals.silence, intervals.local_silence))
        self._store, self._broker = OutageLog("the database", log), OutageLog("the broker", log)
        self._resume = ResumeFromSleep(network)
        self._database_ready, self._healed_at = False, -intervals.healing
        self._invalid_lines: set[str] = set()  # those that were logged

    def round(self) -> None:
        self._resume.observe(self._clock(), self._monotonic())
        try:
            if not self._database_ready:
                self._prepare()
            enqueued = self._enqueue_due_runs()
            if enqueued or self._monotonic() - self._healed_at >= self._intervals.healing:
                self._publish_missed_runs()
            self._store.succeeded()
        except OpenThreatError as error:
            self._store.failed(error)

    def stop(self) -> None:
        self._heartbeat.stop()
        self._database.close()

    def _prepare(self) -> None:
        """Migrate the database, add the default entries and, if the database is empty, the first update."""
        self._database.prepare()
        with self._database.transaction() as connection:
            ScheduleRepository(connection).seed(self._defaults)
            paused = current_pause(connection, self._clock()).paused
            if not paused and RunRepository(connection).never_loaded():
                first = add_run(connection, new_run(TaskName.UPDATE, Trigger.FIRST_START, self._clock()))
                log.info("the database is empty: update %s will fill it", first.task_id)
            elif not search_index_of(connection).is_whole(connection):
                mending = add_run(connection, new_run(TaskName.UPDATE, Trigger.SCHEDULE, self._clock()))
                log.warning("the search index is damaged: update %s will make it anew", mending.task_id)
        self._heartbeat.start()
        self._database_ready = True

    def _enqueue_due_runs(self) -> bool:
        """Enqueue the due runs and return whether there were any."""
        zone, now, enqueued = self._zone(), self._clock(), False
        with self._database.reading() as connection:
            entries, paused = ScheduleRepository(connection).all(), current_pause(connection, now).paused
        for entry in entries:
            decision = self._decide(entry, now, zone)
            if decision is None:
                continue
            if not decision.run:
                with self._database.transaction() as connection:
                    ScheduleRepository(connection).plan(entry, decision.next_run_at)
            elif not (paused or self._waits_for_network(entry)):  # otherwise it stays due and runs once afterwards
                self._enqueue(entry, now, decision.next_run_at)
                enqueued = True
        return enqueued

    def _decide(self, entry: ScheduleEntry, now: datetime, zone: tzinfo) -> ScheduleDecision | None:
        try:
            return decide(entry, now, zone)
        except CronSimError as error:
            if entry.cron not in self._invalid_lines:
                log.warning("the cron line of %s is invalid: %r: %s", entry.name, entry.cron, error)
                self._invalid_lines.add(entry.cron)
            return None

    def _waits_for_network(self, entry: ScheduleEntry) -> bool:
        return entry.task in UPDATE_TASKS and self._resume.must_wait(self._monotonic())

    def _enqueue(self, entry: ScheduleEntry, now: datetime, next_run_at: datetime | None) -> None:
        """Plan the entry's next run and add this one in one transaction, so that neither two beats nor a crash
        duplicate a run.
        """
        with self._database.transaction() as connection:
            schedule = ScheduleRepository(connection)
            if not schedule.plan(entry, next_run_at):
                return
            if entry.last_task_id and RunRepository(connection).is_active(entry.last_task_id):
                log.info("%s is skipped: its last run is still active", entry.name)
                return
            added = add_run(connection, new_run(entry.task, Trigger.SCHEDULE, now))
            if added.already_running:
                log.info("%s is skipped: run %s does the same work", entry.name, added.task_id)
                return
            schedule.record_run(entry.name, added.task_id, now)
        log.info("%s is due: run %s, next at %s", entry.name, added.task_id, next_run_at)

    def _publish_missed_runs(self) -> None:
        self._healed_at = self._monotonic()
        self._request_sending(self._clock())
        missed = self._healer.heal(self._clock(), self._healed_at)
        try:
            for run in missed:
                if run.published_at:
                    log.info("run %s is published again: no worker received it", run.task_id)
                self._queue.publish(run)
            if missed:
                self._broker.succeeded()
        except BrokerUnavailable as error:
            self._broker.failed(error)
