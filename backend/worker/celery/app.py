"""The Celery application class with lazy settings and the program's logging, and the publisher of runs."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any

import click
from celery import Celery
from celery.app.log import Logging
from kombu.exceptions import OperationalError

from backend.config import Settings, load_settings
from backend.contract.errors import ConfigurationError
from backend.log import set_up_logging
from backend.services.runs.broker_errors import BrokerUnavailable, redis_error
from backend.services.runs.queue import Publish
from backend.worker.celery.bootsteps import RuntimeStep
from backend.worker.runs.runtime import WorkerRuntime


class OpenThreatCelery(Celery):  # type: ignore[misc]
    """The application. `runtime` is set while this process is a worker."""

    log_cls = "backend.worker.celery.app:ProgramLogging"
    runtime: WorkerRuntime | None = None

    def __init__(self, main: str) -> None:
        super().__init__(main, set_as_current=True)
        self.steps["worker"].add(RuntimeStep)

    @cached_property
    def Beat(self) -> Any:  # noqa: N802 - Celery's name
        return self.subclass_with_self("backend.worker.beat.scheduler:ProgramBeat")

    @cached_property
    def settings(self) -> Settings:
        """The settings. An invalid one becomes a click exception, which Celery's own commands print as a sentence."""
        try:
            return load_settings()
        except ConfigurationError as error:
            raise click.ClickException(f"{error} {error.hint}") from error


class ProgramLogging(Logging):  # type: ignore[misc]
    """Uses the program's logging. Celery's own handlers would not redact secrets."""

    def setup_logging_subsystem(self, loglevel: int | None = None, *_: object, **__: object) -> bool:
        if not self.already_setup:
            Logging._setup = True
            set_up_logging(self.app.settings, logging.getLevelName(loglevel) if loglevel else None)
        return True


PUBLISH_TIMEOUT_S = 3.0
"""Seconds to wait for the broker. A worker waits longer, but a request to the API should be answered soon."""


def publisher(app: Celery) -> Publish:
    """Return a function that publishes a run in a single attempt; the caller repeats it later.

    The result backend is disabled in this process: results are read from the ledger, and a backend would keep a
    channel open for the result of each run.
    """
    app.conf.result_backend = "disabled://"
    app.conf.broker_transport_options = {
        **app.conf.broker_transport_options,
        "socket_connect_timeout": PUBLISH_TIMEOUT_S,
        "socket_timeout": PUBLISH_TIMEOUT_S,
    }

    def publish(task_id: str, name: str, queue: str) -> None:
        try:
            app.send_task(name, task_id=task_id, queue=queue, retry=False)
        except OperationalError as error:
            if app.settings.embedded_broker:
                hint = "Check the data folder and its disk. Waiting tasks are sent later."
                raise BrokerUnavailable("The built-in broker cannot be used", str(error), hint) from error
            raise redis_error(error, "REDIS_URL") from error

    return publish
