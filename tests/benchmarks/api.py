"""Measure response times of the API over a database that `tests.benchmarks.search --database URL` has filled.

    python -m tests.benchmarks.api --database URL

The server runs in a separate process; one client sends one request after the other over one connection.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.benchmarks.search import line
from tests.benchmarks.vulnerabilities import vulnerabilities
from tests.servers import free_port, wait_until

ROUNDS = 40
Question = tuple[str, Mapping[str, str | int]]


@contextmanager
def serving(database_url: str, home: Path) -> Iterator[str]:
    """Start an API over this database and return its address."""
    port = free_port()
    named = {"OPENTHREAT_HOME": str(home), "OPENTHREAT_API_PORT": str(port), "DATABASE_URL": database_url}
    named |= {"REDIS_URL": "redis://127.0.0.1:9/0", "OPENTHREAT_LOG_LEVEL": "WARNING"}
    server = subprocess.Popen([sys.executable, "-m", "desktop", "api"], env=os.environ | named)
    base = f"http://127.0.0.1:{port}/api/v1"
    try:
        wait_until(lambda: _answers(base), "the API answers", 60)
        yield base
    finally:
        server.terminate()
        server.wait(30)


def _answers(base: str) -> bool:
    try:
        return requests.get(f"{base}/health", timeout=10).ok
    except requests.ConnectionError:
        return False


def questions(ids: Sequence[str]) -> Iterator[tuple[str, Sequence[Question]]]:
    sample = [vulnerability for vulnerability, _ in vulnerabilities(200)]
    words = sorted({word for row in sample for word in row.description.split() if len(word) > 5})[:ROUNDS]
    yield "list, first pages", [("vulnerabilities", {"page": page + 1}) for page in range(ROUNDS)]
    yield "search, one word", [("vulnerabilities", {"search": word}) for word in words]
    yield "one record", [(f"vulnerabilities/{cve_id}", {}) for cve_id in ids[:ROUNDS]]
    yield "statistics", [("stats", {})] * ROUNDS
    yield "snapshot", [("snapshot", {})] * ROUNDS


def report(database_url: str) -> None:
    print(f"{'API, milliseconds':28}{'p50':>8}{'p95':>8}{'worst':>8}")
    with tempfile.TemporaryDirectory() as home, serving(database_url, Path(home)) as base, requests.Session() as client:
        client.trust_env = False
        listed = client.get(f"{base}/vulnerabilities", timeout=60).json()["items"]
        for name, requested in questions([row["cve_id"] for row in listed]):
            times = []
            for path, parameters in (requested[0], *requested):
                begun = time.perf_counter()
                client.get(f"{base}/{path}", params=parameters, timeout=60).raise_for_status()
                times.append((time.perf_counter() - begun) * 1000)
            print(line(name, times[1:]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--database", required=True, help="address of a filled database")
    report(parser.parse_args().database)


if __name__ == "__main__":
    main()
