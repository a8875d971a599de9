"""What the whole program costs while nothing happens: `python -m tests.benchmarks.whole`. Linux only (PSS).

`openthreat up` updates once from a small recorded world; when all is quiet, the processor time of a minute and the
memory of all its processes are told, and those of its servers on PostgreSQL and Redis.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests

from tests.benchmarks.ingest import BEGIN, FEEDS
from tests.benchmarks.world import Edition, FileServer, FileWorld
from tests.servers import PostgresServer, RedisServer, free_port, wait_until

RECORDS = 20_000
SETTLING, MINUTE = 30.0, 60.0  # seconds
STACKS = ("embedded", "external")


@contextmanager
def servers(stack: str) -> Iterator[tuple[Mapping[str, str], list[int]]]:
    """The variables that name them, and their process ids; none on the embedded stack."""
    if stack == "embedded":
        yield {}, []
        return
    with tempfile.TemporaryDirectory(prefix="openthreat-servers-") as folder:
        Path(folder).chmod(0o755)
        postgres, redis = PostgresServer(Path(folder) / "postgres"), RedisServer(Path(folder) / "redis")
        try:
            named = {"DATABASE_URL": postgres.new_database(), "REDIS_URL": redis.url}
            yield named, [postgres.process.pid, redis.process.pid]
        finally:
            postgres.stop()
            redis.stop()


def measure(stack: str, world: FileServer) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, servers(stack) as (named, pids):
        port = free_port()
        environment = os.environ | world.environment | dict(named)
        environment |= {"OPENTHREAT_HOME": home, "OPENTHREAT_API_PORT": str(port)}
        command = [sys.executable, "-m", "desktop", "up", "--json"]
        program = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_until(lambda: _has_updated(port), "the first update has ended", 600)
            time.sleep(SETTLING)
            _tell(stack, [program.pid, *pids])
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


def _tell(stack: str, roots: list[int]) -> None:
    trees = [process for root in roots for process in _family(root)]
    before, begun = sum(map(_seconds, trees)), time.monotonic()
    time.sleep(MINUTE)
    used = (sum(map(_seconds, trees)) - before) / (time.monotonic() - begun)
    sizes = {_name(process): process.memory_full_info().pss / 2**20 for root in roots for process in _family(root)}
    print(f"{stack:10} idle: {used:.2%} of one core, {sum(sizes.values()):.0f} MiB PSS in {len(sizes)} processes")
    for name, size in sorted(sizes.items(), key=lambda pair: -pair[1]):
        print(f"{'':12}{size:6.1f}  {name}")
    sys.stdout.flush()


def _family(root: int) -> list[psutil.Process]:
    parent = psutil.Process(root)
    return [parent, *parent.children(recursive=True)]


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    told = " ".join(words[words.index("desktop") :]) if "desktop" in words else " ".join(words)[:60]
    return f"{process.pid} {told}"


def report(stacks: tuple[str, ...] = STACKS, records: int = RECORDS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        FileWorld(Path(folder), FEEDS, records, BEGIN, Edition.FIRST)
        world = FileServer(Path(folder))
        try:
            for stack in stacks:
                measure(stack, world)
        finally:
            world.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--stack", nargs="+", choices=STACKS, default=STACKS)
    parser.add_argument("--records", type=int, default=RECORDS)
    options = parser.parse_args()
    report(tuple(options.stack), options.records)


if __name__ == "__main__":
    main()
