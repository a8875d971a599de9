"""First load and 2 %-changed re-run against the plain limit, measured in one run: `python -m tests.benchmarks.ingest`.

    --records 20000 300000   --database sqlite postgresql   --feeds ../shared/feeds/public

Ratios are what counts; seconds say how long this machine took. The re-run reads everything again (the world has moved
by 40 days, so that the weekly and monthly full checks are due) and finds 2 % of the NVD and MITRE records changed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks.world import FileServer, FileWorld
from tests.servers import PostgresServer

BEGIN = datetime(2026, 8, 1, tzinfo=UTC)
HEAD = "database    records   limit s (decode + write + index)   first load   ratio   re-run   ratio   peak MB"


def child(module: str, environment: Mapping[str, str], *arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    done = subprocess.run(command, env=os.environ | dict(environment), stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def update(world: Path, home: Path, url: str) -> dict[str, float]:
    server = FileServer(world)
    try:
        named = {"OPENTHREAT_HOME": str(home), "DATABASE_URL": url, "OPENTHREAT_STACK": "external"}
        return child("one_update", server.environment | named)
    finally:
        server.close()


def measure(kind: str, records: int, feeds: Path, folder: Path, url: str) -> str:
    home, first, later = folder / "home", folder / "first", folder / "later"
    home.mkdir()
    FileWorld(first, feeds, records, BEGIN, changed=False)
    load = update(first, home, url)
    limit = child("plain_limit", {}, str(first), url)
    FileWorld(later, feeds, records, BEGIN + timedelta(days=40), changed=True)
    again = update(later, home, url)
    parts = f"{limit['decode']:.1f} + {limit['write']:.1f} + {limit['index']:.1f}"
    peak = max(load["peak_mb"], again["peak_mb"])
    return (
        f"{kind:10} {records:>8,}   {limit['total']:>7.1f} ({parts:>20})     {load['seconds']:>8.1f}   "
        f"{load['seconds'] / limit['total']:>5.2f}   {again['seconds']:>6.1f}   "
        f"{again['seconds'] / load['seconds']:>5.2f}   {peak:>7.0f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, nargs="+", default=[20_000, 300_000])
    parser.add_argument("--database", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    parser.add_argument(
        "--feeds", type=Path, default=Path(__file__).resolve().parents[3] / "shared" / "feeds" / "public"
    )
    options = parser.parse_args()
    print(HEAD, flush=True)
    for records in options.records:
        for kind in options.database:
            with tempfile.TemporaryDirectory(prefix="openthreat-benchmark-") as folder:
                if kind == "sqlite":
                    print(
                        measure(kind, records, options.feeds, Path(folder), f"sqlite:///{folder}/load.db"), flush=True
                    )
                    continue
                with tempfile.TemporaryDirectory(prefix="openthreat-postgres-") as cluster:
                    server = PostgresServer(Path(cluster))
                    print(measure(kind, records, options.feeds, Path(folder), server.new_database()), flush=True)
                    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
