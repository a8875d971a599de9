"""All measurements, one after the other:
`python -m tests.benchmarks [loads] [downloads] [queries] [idle] [priority] [stalls] [exposure] [scale]`.

Without arguments all of them, which takes about an hour at real sizes; `--records 20000` is quicker.
Each part compares measurements of the same run. None of them is a test.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from backend.store.engine import Database
from tests.benchmarks import api, downloads, exposure, idle, ingest, priority, scale, search, whole

ROUNDS = 3
PARTS = ("loads", "downloads", "queries", "idle", "priority", "stalls", "exposure", "scale")


def queries(records: int) -> None:
    """Search, statistics and API on both databases, filled with this many generated vulnerabilities."""
    for kind in ingest.KINDS:
        with ingest.databases(kind) as (_, url):
            print(f"-- {kind}, {records:,} records", flush=True)
            database = Database(url)
            database.prepare()
            search.fill(database, records)
            search.report(database, records, ROUNDS)
            database.close()
            api.report(url)


def ranking(feeds: Path) -> None:
    claims = priority.read_claims(feeds)
    for line in priority.report(priority.read_world(feeds, claims)):
        print(line)
    for line in priority.report_periods(priority.read_periods(feeds, claims)):
        print(line)


def stalls(records: int, minutes: float, feeds: Path) -> None:
    """Measure stalls in a process that has loaded only the program."""
    command = [sys.executable, "-m", "tests.benchmarks.stalls", "--feeds", str(feeds)]
    subprocess.run([*command, "--records", str(records), "--minutes", str(minutes)], check=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("part", nargs="*", choices=PARTS)
    parser.add_argument("--records", type=int, nargs="+", default=ingest.SIZES, help="the largest one for queries")
    parser.add_argument("--feeds", type=Path, default=ingest.FEEDS, help="folder of recorded feeds")
    parser.add_argument("--mbit", type=float, default=100.0, help="Mbit/s of the line, for downloads")
    parser.add_argument("--minutes", type=float, default=5.0, help="of use, for stalls")
    parser.add_argument("--seconds", type=float, default=idle.SECONDS, help="of rest, for idle")
    parser.add_argument("--machines", type=int, default=2000, help="for scale")
    parser.add_argument("--pid", type=int, help="for idle: of a program that runs already")
    given = parser.parse_args(arguments)
    parts: dict[str, Callable[[], None]] = {
        "loads": partial(ingest.report, given.records, ingest.KINDS, given.feeds),
        "downloads": partial(downloads.report, given.records, ingest.KINDS, given.feeds, given.mbit),
        "queries": partial(queries, max(given.records)),
        "idle": partial(whole.report, given.seconds, given.pid),
        "priority": partial(ranking, given.feeds),
        "stalls": partial(stalls, max(given.records), given.minutes, given.feeds),
        "exposure": partial(exposure.report, given.records, ingest.KINDS, given.feeds),
        "scale": partial(scale.report, given.machines),
    }
    for name in given.part or parts:
        print(f"\n== {name}", flush=True)
        parts[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
