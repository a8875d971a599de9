"""Integration with Celery's worker: a bootstep that opens and closes the runtime, and the base class of all tasks.

Celery delivers a message; the ledger decides whether its run is executed.
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
from backend.worker.process import is_supervised, listen_for_stop, report_fatal
from backend.worker.runs.runtime import GROWTH_BEFORE_RECYCLING, TASKS_BEFORE_RECYCLING, WorkerRuntime, create_runtime

log = logging.getLogger(__name__)


class RuntimeStep(StartStopStep):  # type: ignore[misc]
    """Opens the runtime before the first message is received and closes it after the last.

    The argument `worker` is Celery's WorkController, which has no type hints.
    """

    label = "Runtime"

    def start(self, worker: Any) -> None:
        app = worker.app
        tasks = [name for name in app.tasks if not name.startswith("celery.")]
        try:
            self.obj = runtime = create_runtime(app.settings, list(app.amqp.queues.consume_from), tasks)
            if runtime.own_queue:
                app.amqp.queues.select_add(app.amqp.queues.new_missing(runtime.own_queue))
            app.runtime = runtime
            signals.worker_shutting_down.connect(self._stop_task, weak=False)
            listen_for_stop(lambda: stop_worker(runtime))
            runtime.open()
        except StoreUnavailable:
            raise SystemExit(0) from None
        except OpenThreatError as error:
            raise SystemExit(report_fatal(error)) from None

    def stop(self, worker: Any) -> None:
        signals.worker_shutting_down.disconnect(self._stop_task)
        if self.obj:
            if self.obj.stopping:
                worker.exitcode = 0  # Celery exits with a failure code after Ctrl-C
            self.obj.stopping.set()
            self.obj.close()
        worker.app.runtime = None

    def terminate(self, worker: Any) -> None:
        self.stop(worker)

    def _stop_task(self, **_: object) -> None:
        """Interrupt the running task. Celery's warm shutdown alone waits for its end, which may take half an hour."""
        if self.obj:
            self.obj.stopping.set()


def stop_worker(runtime: WorkerRuntime, exit_code: int = 0) -> None:
    """Interrupt the running task and end the worker after it. May be called from any thread."""
    runtime.stopping.set()
    recycle_worker(exit_code)


def recycle_worker(exit_code: int) -> None:
    """End the worker before it receives another message."""
    state.should_stop = exit_code


TaskFunction = Callable[[Settings, Database, Run], dict[str, object]]


class LedgerTask(Task):  # type: ignore[misc]
    """A task whose function gets (settings, database, run) from the worker. Arguments in the message are ignored."""

    abstract = True
    typing = False  # the message's arguments are not those of the function
    throws = (OpenThreatError,)  # expected errors: the traceback is in the ledger, not in the log

    def __call__(self, *_: object, **__: object) -> dict[str, object]:
        runtime: WorkerRuntime = self.app.runtime
        try:
            delivered = runtime.executor.deliver(
                self.request.id, self.name, lambda run: self.run(runtime.settings, runtime.database, run)
            )
        except StoreUnavailable as error:
            raise Reject(str(error), requeue=True) from None
        finally:
            recycle_if_due(runtime)
        if delivered.error:
            raise delivered.error
        if delivered.state is RunState.REVOKED:
            self.update_state(state=str(RunState.REVOKED))
        if delivered.result is None:
            raise Ignore
        return delivered.result


def ledger_task(name: TaskName) -> Callable[[TaskFunction], Any]:
    """Register a function as the shared task `name`."""

    def register(body: TaskFunction) -> Any:
        return shared_task(base=LedgerTask, name=str(name))(body)

    return register


def recycle_if_due(runtime: WorkerRuntime) -> None:
    """End the worker for a restart after a number of tasks, or after one that needed much memory.

    Python returns little memory to the system. A worker that a user started by hand is not ended, because no
    supervisor starts it again.
    """
    done, growth = runtime.heartbeat.tasks_done, runtime.heartbeat.memory_growth
    if not done or (done % TASKS_BEFORE_RECYCLING and growth < GROWTH_BEFORE_RECYCLING):
        return
    log.info("the worker needs a restart: %d tasks done, memory has grown by %d MiB", done, growth // 2**20)
    if is_supervised() or "INVOCATION_ID" in os.environ:  # systemd sets the latter
        recycle_worker(RECYCLED)
