"""The Celery command lines of the platform's documentation."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.client.inventory.machine_id import own_machine_id
from backend.contract.names import Role, RunState, TaskName, queue_on
from backend.store.repositories.schedule import ScheduleRepository
from tests.integration.worker.conftest import PYTHON, ROOT, Stage
from tests.servers import wait_until

CELERY = [PYTHON, "-m", "celery", "-A", "backend.celery_app"]


def typed(stage: Stage) -> list[subprocess.Popen[str]]:
    """Worker and beat."""
    commands = ["worker", "--loglevel=info", "--pool=solo"], ["beat", "--loglevel=info"]
    children = [stage.start(*CELERY, *command, supervised=False) for command in commands]
    pids = {child.pid for child in children}
    wait_until(lambda: {row.pid for row in stage.rows()} == pids, "both say that they are there", 60)
    return children


def test_worker_and_beat_typed_by_hand_do_the_work(embedded: Stage) -> None:
    worker, _ = typed(embedded)
    rows = {row.role: row for row in embedded.rows()}
    assert set(rows[Role.WORKER].queues) == {"slow", "fast", queue_on(own_machine_id(embedded.home))}
    assert set(rows[Role.WORKER].registered_tasks) == set(TaskName)
    run = embedded.result(embedded.enqueue(TaskName.TEST))
    assert run.state is RunState.SUCCESS, run
    with embedded.database.reading() as connection:
        schedule = {entry.name: entry.cron for entry in ScheduleRepository(connection).all()}
    assert sorted(schedule.values()) == ["*/15 * * * *", "0 */2 * * *", "0 3 * * *", "0 7 * * 1"]
    assert worker.stdin
    worker.stdin.close()  # not supervised: standard input is ignored
    assert embedded.result(embedded.enqueue(TaskName.TEST)).state is RunState.SUCCESS


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signal")
def test_worker_and_beat_typed_by_hand_end_when_they_are_asked(embedded: Stage) -> None:
    for child in typed(embedded):
        child.terminate()
        assert child.wait(30) == 0
    assert not embedded.rows()


def test_a_worker_prepares_the_database_itself(home: Path) -> None:
    (home / "new").mkdir()
    stage = Stage(home / "new")
    stage.database.close()
    (home / "new" / "openthreat.db").unlink()
    try:
        stage.start(*CELERY, "worker", "--loglevel=info", "--pool=solo", supervised=False)
        wait_until(lambda: "ready." in stage.log.read_text(encoding="utf-8"), "the worker is ready", 60)
        assert stage.rows()
    finally:
        stage.stop_all()


def test_importing_the_application_opens_and_creates_nothing(home: Path) -> None:
    folder = home / "not there yet"
    program = f"import os, sys; os.environ['OPENTHREAT_HOME'] = {str(folder)!r}; import backend.celery_app"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)
    assert not folder.exists()


def test_a_setting_that_cannot_be_used_is_a_sentence_and_a_wrong_usage(embedded: Stage) -> None:
    embedded.environment["OPENTHREAT_API_PORT"] = "none"
    program = "import sys; from backend.roles import main; sys.exit(main(['worker']))"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=embedded.environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 2
    assert "OPENTHREAT_API_PORT" in ended.stderr or "API_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr
