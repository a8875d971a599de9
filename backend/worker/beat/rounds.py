"""What beat does in its rounds: ask for what is due, tell the broker what it missed, heal. Knows nothing of Celery."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

import tzlocal
from cronsim import CronSimError

from backend.contract.errors import OpenThreatError
from backend.contract.names import UPDATE_TASKS, Role, TaskName, Trigger
from backend.domain.schedule import Decision, ScheduleEntry, decide
from backend.services.runs.queue import BrokerUnavailable, TaskQueue, add_run, new_run, utc_now
from backend.services.runs.schedule import current_pause
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.schedule import ScheduleRepository
from backend.store.retry import OutageLog
from backend.worker.beat.resume_from_sleep import ResumeFromSleep
from backend.worker.runs.healing import Healer
from backend.worker.runs.heartbeat import Heartbeat, this_process
from backend.worker.runs.liveness import LOCAL_SILENCE
from backend.worker.runs.runtime import first_row

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Periods:
    """Of what beat does again and again, in seconds.

    Attributes:
        schedule: Between two looks at the schedule, which is how soon an edit counts.
        healing: Between two looks at the workers, and at what the broker has missed.
        local_silence: As DeathWatch has it.
    """

    schedule: float = 2.0
    healing: float = 6.0
    local_silence: float = LOCAL_SILENCE


class Beat:
    """`round` never raises for a database or a broker that is away: it logs that once and goes on."""

    def __init__(
        self,
        database: Database,
        queue: TaskQueue,
        defaults: Sequence[ScheduleEntry],
        *,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        zone: Callable[[], tzinfo] = tzlocal.get_localzone,
        network: Callable[[], bool],
        periods: Periods = Periods(),
    ) -> None:
        """network: whether a source could be reached by now, as Awakening asks it."""
        self._database, self._queue, self._defaults = database, queue, defaults
        self._clock, self._monotonic, self._zone, self._periods = clock, monotonic, zone, periods
        identity = this_process([Role.BEAT])
        self._heartbeat = Heartbeat(database, first_row(identity, Role.BEAT), overdue=lambda _: None)
        self._healer = Healer(database, identity.name, periods.local_silence)
        self._store, self._broker = OutageLog("the database", log), OutageLog("the broker", log)
        self._awakening = ResumeFromSleep(network)
        self._prepared, self._healed = False, -periods.healing
        self._unreadable: set[str] = set()

    def round(self) -> None:
        self._awakening.note(self._clock(), self._monotonic())
        try:
            if not self._prepared:
                self._prepare()
            asked = self._ask_for_due_runs()
            if asked or self._monotonic() - self._healed >= self._periods.healing:
                self._tell_the_broker()
            self._store.well()
        except OpenThreatError as error:
            self._store.ill(error)

    def stop(self) -> None:
        self._heartbeat.stop()
        self._database.close()

    def _prepare(self) -> None:
        """Raises StoreTooNew, which the caller's start has told of before."""
        self._database.prepare()
        with self._database.transaction() as connection:
            ScheduleRepository(connection).seed(self._defaults)
            paused = current_pause(connection, self._clock()).paused
            if not paused and RunRepository(connection).nothing_loaded_yet():
                first = add_run(connection, new_run(TaskName.UPDATE, Trigger.FIRST_START, self._clock()))
                log.info("the database is empty: update %s fills it", first.task_id)
        self._heartbeat.start()
        self._prepared = True

    def _ask_for_due_runs(self) -> bool:
        """Whether it asked for any."""
        zone, now, asked = self._zone(), self._clock(), False
        with self._database.reading() as connection:
            entries, paused = ScheduleRepository(connection).all(), current_pause(connection, now).paused
        for entry in entries:
            decision = self._decided(entry, now, zone)
            if decision is None:
                continue
            if not decision.run:
                with self._database.transaction() as connection:
                    ScheduleRepository(connection).plan(entry, decision.next_run_at)
            elif not (paused or self._waits_for_network(entry)):  # else it stays due, and runs once when that is over
                self._ask(entry, now, decision.next_run_at)
                asked = True
        return asked

    def _decided(self, entry: ScheduleEntry, now: datetime, zone: tzinfo) -> Decision | None:
        try:
            return decide(entry, now, zone)
        except CronSimError as error:
            if entry.cron not in self._unreadable:
                log.warning("the schedule of %s cannot be read: %r: %s", entry.name, entry.cron, error)
                self._unreadable.add(entry.cron)
            return None

    def _waits_for_network(self, entry: ScheduleEntry) -> bool:
        return entry.task in UPDATE_TASKS and self._awakening.waits(self._monotonic())

    def _ask(self, entry: ScheduleEntry, now: datetime, next_run_at: datetime | None) -> None:
        """One transaction moves the entry and adds the run: neither two beats nor a crash make two runs of one."""
        with self._database.transaction() as connection:
            schedule = ScheduleRepository(connection)
            if not schedule.plan(entry, next_run_at):
                return
            if entry.last_task_id and RunRepository(connection).is_active(entry.last_task_id):
                log.info("%s is skipped: its last run is not over", entry.name)
                return
            asked = add_run(connection, new_run(entry.task, Trigger.SCHEDULE, now))
            if asked.already_running:
                log.info("%s is skipped: run %s does the same", entry.name, asked.task_id)
                return
            schedule.ran(entry.name, asked.task_id, now)
        log.info("%s is due: run %s, next at %s", entry.name, asked.task_id, next_run_at)

    def _tell_the_broker(self) -> None:
        self._healed = self._monotonic()
        missed = self._healer.heal(self._clock(), self._healed)
        try:
            for run in missed:
                if run.published_at:
                    log.info("run %s is published again: nobody took it", run.task_id)
                self._queue.publish(run)
            if missed:
                self._broker.well()
        except BrokerUnavailable as error:
            self._broker.ill(error)
