"""One update in a separate process, so that its memory can be measured. Prints as JSON: seconds, those until the
exploited ones are readable and of the processor, peak memory of it and of its peer, and bytes a record.

Exit code 1 if a source failed, which makes the measurement invalid.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from itertools import count

import psutil
from sqlalchemy import text

from backend.config import load_settings
from backend.contract.names import RunState
from backend.contract.wire import utc_now
from backend.domain.search import SearchQuery
from backend.services.update.peer import start_peer
from backend.services.update.update import run_update
from backend.store.engine import Database
from backend.store.repositories.runs import RunOutcome, RunRepository
from backend.store.repositories.vulnerabilities import VulnerabilityRepository
from tests.fakes.claimed_run import claimed_run

SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "postgresql": "SELECT pg_database_size(current_database())",
}


class PeakMemory:
    """Samples the resident memory of this process and of its peer, and keeps the maxima; the same on every system."""

    def __init__(self) -> None:
        self._own, self._peer, self._stop = 0.0, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        process = psutil.Process()
        peers: list[psutil.Process] = []
        for turn in count():
            if self._stop.wait(0.05):
                return
            if turn % 20 == 0:  # listing the children reads the whole process table
                peers = process.children()
            self._own = max(self._own, _mebibytes(process))
            self._peer = max(self._peer, *map(_mebibytes, peers), 0.0)

    def end(self) -> dict[str, float]:
        self._stop.set()
        self._thread.join()
        return {"peak_mb": self._own, "peer_mb": self._peer}


def _mebibytes(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss / 2**20)
    except psutil.NoSuchProcess:
        return 0.0


class FirstReadable:
    """Looks from a thread of its own, as a window does, when an exploited vulnerability can be read."""

    def __init__(self, database: Database, began: float) -> None:
        self._database, self._began, self._stop = database, began, threading.Event()
        self._seconds = float("nan")
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            with self._database.reading() as connection:
                if VulnerabilityRepository(connection).search(SearchQuery(exploited=True)).total:
                    self._seconds = time.monotonic() - self._began
                    return

    def end(self) -> float:
        self._stop.set()
        self._thread.join()
        return self._seconds


def bytes_a_record(database: Database) -> float:
    """The size of the whole database, divided by its vulnerabilities."""
    with database.reading() as connection:
        size = connection.execute(text(SIZES[connection.dialect.name])).scalar_one()
        return float(size) / connection.execute(text("SELECT count(*) FROM vulnerabilities")).scalar_one()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--alone", action="store_true", help="without a peer")
    start = no_peer if parser.parse_args().alone else start_peer
    settings = load_settings()
    database = Database(settings.database_url)
    database.prepare()
    run, memory, began = claimed_run(database), PeakMemory(), time.monotonic()
    readable = FirstReadable(database, began)
    result = run_update(settings, database, run, start_peer=start)
    seconds = time.monotonic() - began
    with database.transaction() as connection:
        RunRepository(connection).finish(run.lease, RunOutcome(RunState.SUCCESS), utc_now())
    measured = {"seconds": seconds, "readable": readable.end(), "processor": time.process_time()}
    print(json.dumps(measured | memory.end() | {"bytes": bytes_a_record(database)}))
    return 0 if result["status"] == "ok" else 1


def no_peer() -> None:
    return None


if __name__ == "__main__":
    sys.exit(main())
