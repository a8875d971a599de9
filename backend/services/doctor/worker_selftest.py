"""The self-test of a worker: a process is started on a temporary data folder, runs the test task, and is stopped.

`probe` is the function of the test task, which checks ledger, database, broker and progress.
"""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from celery import Celery
from sqlalchemy import select

from backend.config import Settings
from backend.contract.diagnosis import CheckResult
from backend.contract.errors import OpenThreatError
from backend.contract.health import INSTANCE_VARIABLE
from backend.contract.names import FINAL_STATES, Queue, Role, RunState, TaskName, Trigger
from backend.contract.tasks import RunPhase
from backend.contract.version import VERSION
from backend.services.doctor.results import failed, incomplete, well
from backend.services.runs.queue import Publish, Run, TaskQueue
from backend.services.status.health import broker_for
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository, StoredRun
from backend.system.program import own_program

NAME = "worker"
EMBEDDED_TRANSPORT = "backend.worker.celery.embedded:EmbeddedTransport"
_PATIENCE_S, _STOP_S, _LOOK_S = 60.0, 10.0, 0.1
_SERVERS = ("DATABASE_URL", "REDIS_URL")
_LAST_WORDS = 2000


def trial_run(folder: Path) -> CheckResult:
    """Start a worker and run the test task in it. folder: an empty data folder for the worker."""
    database = Database(f"sqlite:///{folder / 'openthreat.db'}")
    try:
        database.prepare()
        with _worker(folder) as process:
            queue = TaskQueue(database, _publisher(folder))
            run = _awaited(database, queue.enqueue(TaskName.TEST, Trigger.API).task_id, process)
    except OpenThreatError as error:
        return failed(NAME, error)
    except OSError as error:
        return incomplete(NAME, "No worker can be started", f"{error}.")
    finally:
        database.close()
    if run is not None and run.state is RunState.SUCCESS:
        return well(NAME, "A worker runs a task")
    log_text = (folder / "worker.log").read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:]
    return incomplete(NAME, "No worker runs a task", log_text.strip() or "Its log is empty.")


@contextmanager
def _worker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [*own_program(), Role.WORKER, "-Q", Queue.FAST],
            env=_environment(folder),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        try:
            yield process
        finally:
            _stop(process)


def _environment(folder: Path) -> Mapping[str, str]:
    """Return the environment without this installation's settings, so that its servers are not used."""
    inherited = {
        name: value for name, value in os.environ.items() if name not in _SERVERS and not name.startswith("OPENTHREAT_")
    }
    ours = {"OPENTHREAT_HOME": str(folder), INSTANCE_VARIABLE: "selftest", "PYTHONUTF8": "1"}
    return {**inherited, **ours}


def _publisher(folder: Path) -> Publish:
    app = Celery("selftest", broker=f"sqlite:///{folder / 'broker.db'}", set_as_current=False)
    app.conf.update(broker_transport=EMBEDDED_TRANSPORT, result_backend="disabled://")

    def publish(task_id: str, name: str, queue: str) -> None:
        with app.connection_for_write() as connection:  # Windows cannot delete an open file
            app.send_task(name, task_id=task_id, queue=queue, connection=connection)

    return publish


def _awaited(database: Database, task_id: str, process: subprocess.Popen[bytes]) -> StoredRun | None:
    """Wait for the run to end; None if the worker ends before, or the timeout expires."""
    deadline = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        with database.reading() as connection:
            run = RunRepository(connection).get(task_id)
        if run is not None and run.state in FINAL_STATES:
            return run
        time.sleep(_LOOK_S)
    return None


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the worker by closing its standard input, as the end of a supervisor does."""
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


STEPS = ("ledger", "database", "broker")


def probe(settings: Settings, database: Database, run: Run) -> dict[str, object]:
    """Check the chain and return facts about it. Raises BrokerUnavailable or StoreUnavailable, which fail the task."""
    for number, step in enumerate(STEPS, 1):
        run.begin_step(number, len(STEPS))
        run.progress(RunPhase.TESTING, 0, None, step)
        run.sleep(0.1)  # long enough to be seen
    with database.reading() as connection:
        me = RunRepository(connection).get(run.id)
        connection.execute(select(1))
        dialect = connection.dialect
    broker = broker_for(settings)
    broker.check()
    return {
        "worker": me.worker if me else None,
        "version": VERSION,
        "python": platform.python_version(),
        "database": f"{dialect.name} {'.'.join(str(part) for part in dialect.server_version_info or ())}".strip(),
        "broker": broker.name,
    }
