"""The scheduler of `celery beat`, which calls Beat; the schedule is the table schedule_entries."""

from __future__ import annotations

import logging
import threading
from typing import Any

import celery.apps.beat
import celery.platforms
from celery import signals
from celery.beat import Scheduler
from celery.schedules import crontab

from backend.connectors.addresses import any_reachable, endpoints
from backend.contract.errors import OpenThreatError, StoreUnavailable
from backend.domain.schedule import ScheduleEntry
from backend.services.runs.queue import TaskQueue
from backend.services.runs.schedule import OFF_AT_FIRST
from backend.services.webhooks.due import SendingRequests
from backend.services.webhooks.receivers import own_receivers
from backend.store.engine import Database
from backend.worker.beat.resume_from_sleep import NetworkProbe
from backend.worker.beat.rounds import Beat, BeatIntervals
from backend.worker.celery.app import publisher
from backend.worker.process import listen_for_stop, report_fatal

log = logging.getLogger(__name__)


class TableScheduler(Scheduler):  # type: ignore[misc]
    """Celery's scheduler interface over Beat."""

    intervals = BeatIntervals()
    max_interval = intervals.schedule

    def setup_schedule(self) -> None:
        self.stopped = threading.Event()  # replaced by the event of Celery's service when that starts
        try:
            database = Database(self.app.settings.database_url)
            database.prepare()
        except StoreUnavailable as error:
            log.debug("beat will try again: %s", error)
        except OpenThreatError as error:
            raise SystemExit(report_fatal(error)) from None
        settings = self.app.settings
        self._beat = Beat(
            database,
            TaskQueue(database, publisher(self.app)),
            default_entries(self.app.conf.beat_schedule),
            SendingRequests(database, own_receivers(settings.home)).request,
            network=NetworkProbe(lambda: not (found := endpoints(settings)) or any_reachable(found)),
            intervals=self.intervals,
        )
        signals.beat_init.connect(_stop_when_asked, weak=False)

    def tick(self, *_: object, **__: object) -> float:
        """Do one round, then wait. The wait is here because Celery's own sleep cannot be interrupted by a stop."""
        self._beat.round()
        self.stopped.wait(self.intervals.schedule)
        return 0.0

    def should_sync(self) -> bool:
        return False

    def close(self) -> None:
        self._beat.stop()
        super().close()

    @property
    def info(self) -> str:
        return "    . schedule -> table schedule_entries"


class ProgramBeat(celery.apps.beat.Beat):  # type: ignore[misc]
    def install_sync_handler(self, service: Any) -> None:
        """Let signals stop the service after the current round. Celery's own handler closes the scheduler at once,
        possibly within a transaction.
        """

        def stop(*_: object) -> None:
            service.stop()

        celery.platforms.signals.update(SIGTERM=stop, SIGINT=stop)


def default_entries(beat_schedule: dict[str, Any]) -> list[ScheduleEntry]:
    return [
        ScheduleEntry(name, str(entry["task"]), cron_line(entry["schedule"]), enabled=name not in OFF_AT_FIRST)
        for name, entry in beat_schedule.items()
    ]


def cron_line(schedule: crontab) -> str:
    """Return the five fields in the order of cron, which differs from Celery's."""
    return (
        f"{schedule._orig_minute} {schedule._orig_hour} {schedule._orig_day_of_month}"
        f" {schedule._orig_month_of_year} {schedule._orig_day_of_week}"
    )


def _stop_when_asked(sender: Any, **_: object) -> None:
    """Connect the stop requests of the supervisor with Celery's beat service, which is the sender."""
    sender.scheduler.stopped = sender._is_shutdown
    listen_for_stop(sender.stop)
