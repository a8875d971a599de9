"""The station as a part of Celery's worker: opened before the first message is taken, closed after the last.

The base class of all tasks: Celery brings the message, the ledger decides what is to be done with it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

from celery import Task, shared_task, signals
from celery.bootsteps import StartStopStep
from celery.exceptions import Ignore, Reject
from celery.worker import state

from backend.config import Settings
from backend.contract.errors import OpenThreatError, StoreUnavailable
from backend.contract.names import RECYCLED, RunState, TaskName
from backend.services.runs.queue import Run
from backend.store.engine import Database
from backend.worker.process import is_supervised, last_words, listen_for_stop
from backend.worker.runs.runtime import GROWTH_BEFORE_RECYCLING, TASKS_BEFORE_RECYCLING, WorkerRuntime, open_runtime

log = logging.getLogger(__name__)


class RuntimeStep(StartStopStep):  # type: ignore[misc]
    """Celery hands in its worker controller, which has no type of its own."""

    label = "Station"

    def start(self, worker: Any) -> None:
        app = worker.app
        tasks = [name for name in app.tasks if not name.startswith("celery.")]
        try:
            self.obj = station = open_runtime(app.settings, list(app.amqp.queues.consume_from), tasks)
            app.station = station
            signals.worker_shutting_down.connect(self._stop_task, weak=False)
            listen_for_stop(lambda: stop_worker(station))
            station.open()
        except StoreUnavailable:
            raise SystemExit(0) from None
        except OpenThreatError as error:
            raise SystemExit(last_words(error)) from None

    def stop(self, worker: Any) -> None:
        signals.worker_shutting_down.disconnect(self._stop_task)
        if self.obj:
            if self.obj.stopping:
                worker.exitcode = 0  # Celery counts Ctrl-C as a failure
            self.obj.stopping.wish()
            self.obj.close()
        worker.app.station = None

    def terminate(self, worker: Any) -> None:
        self.stop(worker)

    def _stop_task(self, **_: object) -> None:
        """A warm shutdown would wait for the task's end, which may be half an hour away."""
        if self.obj:
            self.obj.stopping.wish()


def stop_worker(station: WorkerRuntime, exit_code: int = 0) -> None:
    """Ends the worker after the task it is at, which is asked to end soon. May be called from any thread."""
    station.stopping.wish()
    recycle_worker(exit_code)


def recycle_worker(exit_code: int) -> None:
    """Ends the worker before it takes another message."""
    state.should_stop = exit_code


TaskBody = Callable[[Settings, Database, Run], dict[str, object]]


class LedgerTask(Task):  # type: ignore[misc]
    """A task's function takes (settings, database, run) from the worker. Callers' arguments are not used."""

    abstract = True
    typing = False  # callers' arguments are not the function's
    throws = (OpenThreatError,)  # expected: no traceback in the log, the ledger has it

    def __call__(self, *_: object, **__: object) -> dict[str, object]:
        station: WorkerRuntime = self.app.station
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


def recycle_if_due(station: WorkerRuntime) -> None:
    """Python gives little memory back, so a worker starts afresh now and then, and after an update that took much;
    nobody restarts one typed by hand."""
    done, grown = station.heartbeat.tasks_done, station.heartbeat.grown_bytes
    if not done or (done % TASKS_BEFORE_RECYCLING and grown < GROWTH_BEFORE_RECYCLING):
        return
    log.info("%d tasks done, and %d MiB more held than at first: time to start afresh", done, grown // 2**20)
    if is_supervised() or "INVOCATION_ID" in os.environ:  # the latter is systemd's
        recycle_worker(RECYCLED)
