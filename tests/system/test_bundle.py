"""A machine without internet, from its first start to its data, by one file; and from there to the next machine."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from backend.store.engine import Database
from tests.contract.bundle.test_bundle import IDS, UpdatedDatabase, contents
from tests.servers import free_port, wait_until
from tests.system.running import Up

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals")]


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[UpdatedDatabase]:
    database = Database(f"sqlite:///{tmp_path / 'other.db'}")
    database.prepare()
    origin = UpdatedDatabase(database, tmp_path, 8)
    origin.update()
    yield origin
    database.close()


@pytest.fixture
def up(home: Path) -> Iterator[Up]:
    running = Up(home, free_port())
    running.all_run()
    yield running
    running.close()


def cancel_first_update(up: Up) -> None:
    """Cancel the first update, which would wait for the network that is not there."""
    (run,) = requests.get(f"{up.api}/tasks", timeout=10).json()["items"]
    assert up.types("cancel", run["task_id"]).returncode == 0


def freeze_between_writes(pid: int, file: Path) -> None:
    """Stop a process at a moment at which it does not hold the write lock of SQLite, for which others would wait."""

    def is_frozen() -> bool:
        os.kill(pid, signal.SIGSTOP)
        try:
            with closing(sqlite3.connect(file, timeout=1, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            os.kill(pid, signal.SIGCONT)
            return False
        return True

    wait_until(is_frozen, "the process stands still without a lock")


def test_without_internet_it_is_filled_from_a_file_that_makes_the_next_one(
    up: Up, origin: UpdatedDatabase, home: Path, tmp_path: Path
) -> None:
    cancel_first_update(up)
    loaded = up.types("bundle", "load", str(origin.bundle()), "--wait")
    assert loaded.returncode == 0, loaded.stderr
    with_data = requests.get(f"{up.api}/vulnerabilities?state=ANY", timeout=10).json()
    assert with_data["total"] >= len(IDS) - 3
    assert {source["state"] for source in requests.get(f"{up.api}/sources", timeout=10).json()["sources"]} == {"ok"}
    made = up.types("bundle", "create", str(tmp_path / "next.otbundle"))
    assert made.returncode == 0, made.stderr
    summary = json.loads(up.types("--json", "bundle", "inspect", str(tmp_path / "next.otbundle")).stdout)
    assert len(summary["sources"]) == 5
    here = Database(f"sqlite:///{home / 'openthreat.db'}")
    assert contents(here)[1:] == contents(origin.database)[1:]
    here.close()


def test_a_worker_that_is_killed_while_it_loads_loses_nothing(up: Up, origin: UpdatedDatabase, home: Path) -> None:
    worker = up.runs("worker-slow")
    freeze_between_writes(worker, home / "openthreat.db")  # the first update waits with it
    answer = requests.post(f"{up.api}/bundle", data=origin.bundle().read_bytes(), timeout=30)
    assert answer.status_code == 202, answer.text
    accepted = answer.json()
    assert accepted["task_id"] is None
    assert accepted["waits_for"]
    os.kill(worker, signal.SIGKILL)
    cancel_first_update(up)

    def loads() -> list[dict[str, object]]:
        runs = requests.get(f"{up.api}/tasks", timeout=10).json()["items"]
        return [run for run in runs if run["name"].endswith("load_bundle_task")]

    wait_until(lambda: any(run["status"] == "STARTED" for run in loads()) or bool(loads()), "the load is there", 120)
    os.kill(up.runs("worker-slow", besides=worker), signal.SIGKILL)
    wait_until(lambda: loads()[0]["status"] == "SUCCESS", f"the load has ended: {loads()}", 120)
    here = Database(f"sqlite:///{home / 'openthreat.db'}")
    assert contents(here)[1:] == contents(origin.database)[1:]
    here.close()
