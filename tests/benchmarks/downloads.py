"""A first load over a line of limited speed: its time against the longer of downloading and working."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.ingest import BEGIN, databases, update
from tests.benchmarks.world import Edition, FileWorld

HEAD = "database    records   Mbit/s  MB loaded  download s  work s  first load s  ratio  readable s"


def measure(kind: str, records: int, mbit: float, world: Path) -> str:
    """Measure a first load without a limit, which is the work alone, and one with it."""
    seen = []
    for speed in (None, mbit):
        with databases(kind) as (folder, url):
            home = folder / "home"
            home.mkdir()
            seen.append(update(world, home, url, speed))
    work, limited = seen
    download = limited["carried"] * 8 / 1e6 / mbit
    ratio = limited["seconds"] / max(download, work["seconds"])
    return (
        f"{kind:10} {records:>8,}{mbit:>9.0f}{limited['carried'] / 1e6:>11.0f}{download:>12.1f}{work['seconds']:>8.1f}"
        f"{limited['seconds']:>14.1f}{ratio:>7.2f}{limited['readable']:>12.1f}"
    )


def report(sizes: Sequence[int], kinds: Sequence[str], feeds: Path, mbit: float) -> None:
    print(HEAD, flush=True)
    for records in sizes:
        with tempfile.TemporaryDirectory(prefix="openthreat-world-") as world:
            FileWorld(Path(world), feeds, records, BEGIN, Edition.FIRST)
            for kind in kinds:
                print(measure(kind, records, mbit, Path(world)), flush=True)
