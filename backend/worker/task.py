"""The base class of all tasks: Celery brings the message, the ledger decides what is to be done with it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

from celery import Task, shared_task
from celery.exceptions import Ignore, Reject

from backend.config import Settings
from backend.contract.errors import OpenThreatError, StoreUnavailable
from backend.contract.names import RECYCLED, RunState, TaskName
from backend.services.runs.queue import Run
from backend.store.engine import Database
from backend.worker.process import is_supervised
from backend.worker.station import GROWTH_BEFORE_RECYCLING, TASKS_BEFORE_RECYCLING, Station
from backend.worker.steps import recycle_worker

TaskBody = Callable[[Settings, Database, Run], dict[str, object]]

log = logging.getLogger(__name__)


class LedgerTask(Task):  # type: ignore[misc]
    """A task's function takes (settings, database, run) from the worker. Callers' arguments are not used."""

    abstract = True
    typing = False  # callers' arguments are not the function's
    throws = (OpenThreatError,)  # expected: no traceback in the log, the ledger has it

    def __call__(self, *_: object, **__: object) -> dict[str, object]:
        station: Station = self.app.station
        try:
            delivered = station.executor.deliver(
                self.request.id, self.name, lambda run: self.run(station.settings, station.database, run)
            )
        except StoreUnavailable as error:
            raise Reject(str(error), requeue=True) from None
        finally:
            recycle_if_due(station)
        if delivered.error:
            raise delivered.error
        if delivered.state is RunState.REVOKED:
            self.update_state(state=str(RunState.REVOKED))
        if delivered.result is None:
            raise Ignore
        return delivered.result


def ledger_task(name: TaskName) -> Callable[[TaskBody], Any]:
    """Registers a function as the shared task of that name."""

    def register(body: TaskBody) -> Any:
        return shared_task(base=LedgerTask, name=str(name))(body)

    return register


def recycle_if_due(station: Station) -> None:
    """Python gives little memory back, so a worker starts afresh now and then, and after an update that took much;
    nobody restarts one typed by hand."""
    done, grown = station.heartbeat.tasks_done, station.heartbeat.grown_bytes
    if not done or (done % TASKS_BEFORE_RECYCLING and grown < GROWTH_BEFORE_RECYCLING):
        return
    log.info("%d tasks done, and %d MiB more held than at first: time to start afresh", done, grown // 2**20)
    if is_supervised() or "INVOCATION_ID" in os.environ:  # the latter is systemd's
        recycle_worker(RECYCLED)
