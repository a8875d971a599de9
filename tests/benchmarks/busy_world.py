"""Feeds and database writes for the measurement of stalls, in a separate process: its memory and processor time must
not count as those of the windows. It has the low priority of the program's workers.

Fills a data folder, serves recorded feeds, and prints one line of JSON with the variables for both; then writes to the
database as an update does, one part after the other, until its standard input ends.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path

from backend.domain.vulnerability import MergedVulnerability
from backend.store.engine import Database
from desktop.host import lower_priority
from tests.benchmarks import search
from tests.benchmarks.vulnerabilities import vulnerabilities
from tests.benchmarks.world import Edition, FileServer, FileWorld
from tests.fakes.vulnerabilities import put_vulnerabilities
from tests.servers import free_port

SERVED_SHARE = 15
"""Generated records per recorded record. The recorded ones are written as well, by the first update."""
PART = 500
PAUSE_S = 0.1
"""Seconds between two parts, in which the program's own updates can write."""


def changed(records: int) -> Iterator[tuple[MergedVulnerability, float]]:
    """Yield the same records with other texts, without end."""
    for seed in count(2):
        yield from vulnerabilities(records, seed)


def write(database: Database, records: int, over: threading.Event) -> None:
    rows = changed(records)
    while not over.wait(PAUSE_S):
        part = list(islice(rows, PART))
        with database.transaction() as connection:
            put_vulnerabilities(connection, part, datetime.now(UTC))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--feeds", type=Path, required=True)
    given = parser.parse_args()
    home, world = given.folder / "home", given.folder / "world"
    home.mkdir(exist_ok=True)
    database = Database(f"sqlite:///{home / 'openthreat.db'}")
    database.prepare()
    search.fill(database, given.records)
    FileWorld(world, given.feeds, max(given.records // SERVED_SHARE, 1), datetime.now(UTC), Edition.FIRST)
    server = FileServer(world)
    own = {"OPENTHREAT_HOME": str(home), "OPENTHREAT_API_PORT": str(free_port()), "OPENTHREAT_STACK": "embedded"}
    print(json.dumps({**server.environment, **own}), flush=True)
    over = threading.Event()
    writer = threading.Thread(target=write, args=(database, given.records, over))
    sys.stdin.readline()  # the program is up
    lower_priority(os.getpid())
    writer.start()
    begun = time.monotonic()
    sys.stdin.read()
    over.set()
    writer.join()
    database.close()
    server.close()
    print(f"written meanwhile for {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
