"""First load and 2 %-changed re-run against the plain limit, measured in one run: `python -m tests.benchmarks.ingest`.

    --records 20000 300000   --database sqlite postgresql   --feeds ../shared/feeds/public

Compare the ratios; seconds depend on the machine. The feeds then advance twice, so far that the weekly and
monthly full checks are due and everything is read again: first 2 % of the NVD and MITRE records have changed, then NVD
has touched every record and EPSS moved every score.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks.world import Edition, FileServer, FileWorld
from tests.servers import PostgresServer, new_database

BEGIN = datetime(2026, 8, 1, tzinfo=UTC)
SIZES, KINDS = [20_000, 300_000], ["sqlite", "postgresql"]
FEEDS = Path(__file__).resolve().parents[3] / "shared" / "feeds" / "public"
HEAD = (
    "database    records   limit s (decode + write + index)  first load  ratio  2 % changed  ratio all touched  ratio"
    "  peak MB + peer  readable s  bytes/record"
)


def child(module: str, environment: Mapping[str, str], *arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    done = subprocess.run(command, env=os.environ | dict(environment), stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def update(world: Path, home: Path, url: str, mbit: float | None = None) -> dict[str, float]:
    """Run one update and return its measurements. mbit: the speed of the line in Mbit/s; None: without limit."""
    server = FileServer(world, mbit)
    try:
        named = {"OPENTHREAT_HOME": str(home), "DATABASE_URL": url, "OPENTHREAT_STACK": "external"}
        return child("one_update", server.environment | named) | {"carried": server.line.carried}
    finally:
        server.close()


@dataclass(frozen=True)
class Loads:
    """Seconds and MiB of one size on one database."""

    kind: str
    records: int
    limit: Mapping[str, float]
    first: Mapping[str, float]
    few_changed: Mapping[str, float]
    all_touched: Mapping[str, float]

    def __str__(self) -> str:
        parts = f"{self.limit['decode']:.1f} + {self.limit['write']:.1f} + {self.limit['index']:.1f}"
        first, later = self.first["seconds"], (self.few_changed["seconds"], self.all_touched["seconds"])
        peak = max(run["peak_mb"] for run in (self.first, self.few_changed, self.all_touched))
        memory = f"{peak:>9.0f} + {self.first['peer_mb']:>4.0f}"
        return (
            f"{self.kind:10} {self.records:>8,}   {self.limit['total']:>7.1f} ({parts:>20})"
            f"{first:>12.1f} {first / self.limit['total']:>6.2f}"
            + "".join(f"{seconds:>12.1f} {seconds / first:>6.2f}" for seconds in later)
            + f"{memory}{self.first['readable']:>12.1f}{self.first['bytes']:>14,.0f}"
        )


def measure(kind: str, records: int, feeds: Path, folder: Path, url: str) -> Loads:
    """Measure one size on one database. Before each re-run the weekly and monthly full checks are due."""
    home = folder / "home"
    home.mkdir()

    def at(days: int, edition: Edition) -> dict[str, float]:
        with tempfile.TemporaryDirectory(dir=folder, prefix=edition.name) as world:
            FileWorld(Path(world), feeds, records, BEGIN + timedelta(days=days), edition)
            seen = update(Path(world), home, url)
            return seen | child("plain_limit", {}, world, url) if edition is Edition.FIRST else seen

    first = at(0, Edition.FIRST)
    return Loads(kind, records, first, first, at(40, Edition.FEW_CHANGED), at(170, Edition.ALL_TOUCHED))


@contextmanager
def databases(kind: str) -> Iterator[tuple[Path, str]]:
    """Create a folder and an empty database, and remove both afterwards."""
    with tempfile.TemporaryDirectory(prefix="openthreat-benchmark-") as folder:
        if kind == "sqlite":
            yield Path(folder), f"sqlite:///{folder}/load.db"
            return
        with tempfile.TemporaryDirectory(prefix="openthreat-postgres-") as cluster:
            server = PostgresServer(Path(cluster))
            try:
                with new_database(server.url()) as url:
                    yield Path(folder), url
            finally:
                server.stop()


def report(sizes: Sequence[int], kinds: Sequence[str], feeds: Path) -> None:
    print(HEAD, flush=True)
    for records in sizes:
        for kind in kinds:
            with databases(kind) as (folder, url):
                print(measure(kind, records, feeds, folder, url), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, nargs="+", default=SIZES)
    parser.add_argument("--database", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--feeds", type=Path, default=FEEDS)
    options = parser.parse_args()
    report(options.records, options.database, options.feeds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
