"""The Celery application class: settings read when first needed, the program's own logging, and a worker's station.

Handing a run to Celery's broker.
"""

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
from backend.services.runs.queue import BrokerUnavailable, Publish
from backend.worker.celery.bootsteps import RuntimeStep
from backend.worker.runs.runtime import WorkerRuntime


class OpenThreat(Celery):  # type: ignore[misc]
    """`station` is there while this process is a worker."""

    log_cls = "backend.worker.celery.app:ProgramLogging"
    station: WorkerRuntime | None = None

    def __init__(self, main: str) -> None:
        super().__init__(main, set_as_current=True)
        self.steps["worker"].add(RuntimeStep)

    @cached_property
    def Beat(self) -> Any:  # noqa: N802 - Celery's name
        return self.subclass_with_self("backend.worker.beat.scheduler:ProgramBeat")

    @cached_property
    def settings(self) -> Settings:
        """For whoever types `celery`, whose commands are click's: a setting that cannot be used is a sentence there."""
        try:
            return load_settings()
        except ConfigurationError as error:
            raise click.ClickException(f"{error} {error.hint}") from error


class ProgramLogging(Logging):  # type: ignore[misc]
    """Celery would install handlers of its own, which know nothing of secrets."""

    def setup_logging_subsystem(self, loglevel: int | None = None, *_: object, **__: object) -> bool:
        if not self.already_setup:
            Logging._setup = True
            set_up_logging(self.app.settings, logging.getLevelName(loglevel) if loglevel else None)
        return True


PATIENCE = 3.0
"""Seconds. A worker may wait longer for its broker than somebody who asks the API for a run."""


def publisher(app: Celery) -> Publish:
    """One attempt per call: whoever calls keeps the run and tries again.

    Who publishes reads the ledger, not Celery's results: without a backend no channel stays open for each run's result.
    """
    app.conf.result_backend = "disabled://"
    app.conf.broker_transport_options = {
        **app.conf.broker_transport_options,
        "socket_connect_timeout": PATIENCE,
        "socket_timeout": PATIENCE,
    }

    def publish(task_id: str, name: str, queue: str) -> None:
        try:
            app.send_task(name, task_id=task_id, queue=queue, retry=False)
        except OperationalError as error:
            raise BrokerUnavailable(
                "The broker cannot be reached", str(error), "Start it again; what waits is sent then."
            ) from error

    return publish
