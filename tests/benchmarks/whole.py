"""Measure the whole idle program: `python -m tests.benchmarks idle [--seconds 120]`. Linux only.

The tray, with its window closed, updates once from a small recorded world on a screen of its own (see
tests/system/screen.py). When all is quiet it is measured with its services, on the embedded
stack, and then with its servers on PostgreSQL and Redis.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.benchmarks import idle
from tests.benchmarks.ingest import BEGIN, FEEDS
from tests.benchmarks.world import Edition, FileServer, FileWorld
from tests.servers import PostgresServer, RedisServer, free_port, new_database, wait_until
from tests.system.screen import Screen

RECORDS = 20_000
SETTLING_S = 60.0
STACKS = ("embedded", "external")


@contextmanager
def servers(stack: str) -> Iterator[tuple[Mapping[str, str], list[int]]]:
    """Start the servers and return their variables and pids; empty on the embedded stack."""
    if stack == "embedded":
        yield {}, []
        return
    with tempfile.TemporaryDirectory(prefix="openthreat-servers-") as folder:
        Path(folder).chmod(0o755)
        postgres, redis = PostgresServer(Path(folder) / "postgres"), RedisServer(Path(folder) / "redis")
        try:
            with new_database(postgres.url()) as url:
                yield {"DATABASE_URL": url, "REDIS_URL": redis.url}, [postgres.process.pid, redis.process.pid]
        finally:
            postgres.stop()
            redis.stop()


@contextmanager
def face() -> Iterator[tuple[Mapping[str, str], list[str]]]:
    """Return the variables of the screen, and the command."""
    screen = Screen()
    try:
        yield screen.variables, ["tray", "--hidden"]
    finally:
        screen.close()


def measure(stack: str, world: FileServer, seconds: float) -> None:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        servers(stack) as (named, pids),
        face() as (screen, words),
    ):
        port = free_port()
        environment = {**os.environ, **world.environment, **named, **screen, "OPENTHREAT_STACK": stack}
        environment |= {"OPENTHREAT_HOME": home, "OPENTHREAT_API_PORT": str(port)}
        command = [sys.executable, "-m", "desktop", *words]
        program = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_until(lambda: _has_updated(port), "the first update has ended", 600)
            time.sleep(SETTLING_S)
            idle.report(stack, [program.pid, *pids], seconds)
        finally:
            program.terminate()
            program.wait(60)


def _has_updated(port: int) -> bool:
    try:
        snapshot = requests.get(f"http://127.0.0.1:{port}/api/v1/snapshot", timeout=10).json()
    except requests.RequestException:
        return False
    runs = snapshot["runs"]
    if any(run["status"] == "FAILURE" for run in runs):
        raise SystemExit(f"the update failed: {runs}")
    return bool(runs) and all(run["status"] == "SUCCESS" for run in runs)


def report(seconds: float, pid: int | None = None, stacks: tuple[str, ...] = STACKS, records: int = RECORDS) -> None:
    """Measure the program, or the running one with this pid."""
    if pid is not None:
        idle.report(f"process {pid}", [pid], seconds)
        return
    with tempfile.TemporaryDirectory() as folder:
        FileWorld(Path(folder), FEEDS, records, BEGIN, Edition.FIRST)
        world = FileServer(Path(folder))
        try:
            for stack in stacks:
                measure(stack, world, seconds)
        finally:
            world.close()
