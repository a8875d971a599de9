"""Celery's side of the scheduler: `celery beat` drives it, the table and `Beat` decide."""

from __future__ import annotations

import logging
import threading
from typing import Any

import celery.apps.beat
import celery.platforms
from celery import signals
from celery.beat import Scheduler
from celery.schedules import crontab

from backend.connectors.addresses import any_opens, doors
from backend.contract.errors import OpenThreatError, StoreUnavailable
from backend.domain.schedule import ScheduleEntry
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database
from backend.worker.beat.resume_from_sleep import BackgroundLook
from backend.worker.beat.rounds import Beat, Periods
from backend.worker.celery.app import publisher
from backend.worker.process import last_words, listen_for_stop

log = logging.getLogger(__name__)


class TableScheduler(Scheduler):  # type: ignore[misc]
    """`lazy` is Celery's word for an instance that only lends its name to the banner."""

    periods = Periods()
    max_interval = periods.schedule

    def setup_schedule(self) -> None:
        self.over = threading.Event()  # the service's own, once beat has begun
        try:
            database = Database(self.app.settings.database_url)
            database.prepare()
        except StoreUnavailable as error:
            log.debug("every round tries again: %s", error)
        except OpenThreatError as error:
            raise SystemExit(last_words(error)) from None
        settings = self.app.settings
        self._beat = Beat(
            database,
            TaskQueue(database, publisher(self.app)),
            default_entries(self.app.conf.beat_schedule),
            network=BackgroundLook(lambda: not (found := doors(settings)) or any_opens(found)),
            periods=self.periods,
        )
        signals.beat_init.connect(_stop_when_asked, weak=False)

    def tick(self, *_: object, **__: object) -> float:
        """Waits here: Celery's own sleep lasts its time, whoever wants the program to end."""
        self._beat.round()
        self.over.wait(self.periods.schedule)
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
        """Celery's own handler closes the scheduler in the middle of whatever it is doing, a transaction perhaps."""

        def stop(*_: object) -> None:
            service.stop()

        celery.platforms.signals.update(SIGTERM=stop, SIGINT=stop)


def default_entries(beat_schedule: dict[str, Any]) -> list[ScheduleEntry]:
    return [
        ScheduleEntry(name, str(entry["task"]), cron_line(entry["schedule"])) for name, entry in beat_schedule.items()
    ]


def cron_line(schedule: crontab) -> str:
    """The five fields in cron's order."""
    return (
        f"{schedule._orig_minute} {schedule._orig_hour} {schedule._orig_day_of_month}"
        f" {schedule._orig_month_of_year} {schedule._orig_day_of_week}"
    )


def _stop_when_asked(sender: Any, **_: object) -> None:
    """sender: Celery's beat service."""
    sender.scheduler.over = sender._is_shutdown
    listen_for_stop(sender.stop)
