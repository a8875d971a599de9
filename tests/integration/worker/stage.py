"""The program's roles with a few more tasks, for tests: `python -m tests.integration.worker.stage worker -Q fast`.

Run as a child process only; it changes what it imports. OPENTHREAT_TEST_LOOP=synloop takes the event loop away, as on
Windows; OPENTHREAT_TEST_RECYCLE sets the number of tasks before a worker is recycled, OPENTHREAT_TEST_GROWTH the bytes.
"""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path

import celery.apps.worker
from kombu.asynchronous import get_event_loop

import backend.worker.celery.bootsteps
from backend.celery_app import app
from backend.config import Settings
from backend.contract.errors import SourceError
from backend.contract.tasks import RunPhase
from backend.roles import main
from backend.services.runs.queue import Run
from backend.store.engine import Database
from backend.worker.celery.bootsteps import LedgerTask
from backend.worker.runs.checkpoint import RunContext


def _note(settings: Settings, word: str, run: Run) -> int:
    path = Path(settings.home) / "played.txt"
    with path.open("a", encoding="utf-8") as played:
        played.write(f"{word} {run.id} {os.getpid()}\n")
    return len(path.read_text(encoding="utf-8").splitlines())


@app.task(base=LedgerTask, name="tests.short")
def short(settings: Settings, database: Database, run: Run) -> dict[str, object]:
    return {"played": _note(settings, "short", run), "event_loop": get_event_loop() is not None}


def last_until_finished(
    settings: Settings,
    database: Database,
    run: Run,
    *,
    start_peer: object = None,
) -> dict[str, object]:
    """Run until a file named `finish` exists."""
    _note(settings, "begun", run)
    steps = 0
    while not (Path(settings.home) / "finish").exists():
        run.progress(RunPhase.TESTING, steps := steps + 1, None)
        run.sleep(0.05)
    return {"played": _note(settings, "ended", run)}


@app.task(base=LedgerTask, name="tests.long")
def long(settings: Settings, database: Database, run: Run) -> dict[str, object]:
    return last_until_finished(settings, database, run)


@app.task(base=LedgerTask, name="tests.slow_coach")
def slow_coach(settings: Settings, database: Database, run: RunContext) -> dict[str, object]:
    run.soft_limit = 1.0
    run.sleep(600)
    return {}


@app.task(base=LedgerTask, name="tests.refused")
def refused(settings: Settings, database: Database, run: Run) -> dict[str, object]:
    raise SourceError("NVD refused", "It said no with the key s3cret-key.", "Ask again later.")


@app.task(base=LedgerTask, name="tests.broken")
def broken(settings: Settings, database: Database, run: Run) -> dict[str, object]:
    raise ZeroDivisionError("s3cret-key")


update = types.ModuleType("backend.services.update.update")
update.run_update = last_until_finished  # type: ignore[attr-defined]
sys.modules[update.__name__] = update


class WithoutEventLoop(celery.apps.worker.Worker):
    def should_use_eventloop(self) -> bool:
        return False


app.conf.beat_scheduler = "tests.integration.worker.quick:QuickScheduler"
if os.environ.get("OPENTHREAT_TEST_LOOP") == "synloop":
    app.Worker = app.subclass_with_self(WithoutEventLoop)
backend.worker.celery.bootsteps.TASKS_BEFORE_RECYCLING = int(os.environ.get("OPENTHREAT_TEST_RECYCLE", "50"))  # type: ignore[attr-defined]
backend.worker.celery.bootsteps.GROWTH_BEFORE_RECYCLING = int(os.environ.get("OPENTHREAT_TEST_GROWTH", str(2**40)))  # type: ignore[attr-defined]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
