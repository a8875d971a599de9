"""One update in a separate process, so that its memory can be measured. Prints as JSON: seconds, those until the
exploited ones are readable and of the processor, peak memory, and bytes a record.

Exit code 1 if a source failed, which makes the measurement invalid.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import psutil
from sqlalchemy import text

from backend.config import load_settings
from backend.domain.search import SearchQuery
from backend.services.update.update import run_update
from backend.store.engine import Database
from backend.store.repositories.vulnerabilities import VulnerabilityRepository
from tests.fakes.sources import CountingRun

SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "postgresql": "SELECT pg_database_size(current_database())",
}


class PeakMemory:
    """Samples the resident memory every 20 ms and keeps the maximum; the same on every system."""

    def __init__(self) -> None:
        self.mebibytes, self._process, self._stop = 0.0, psutil.Process(), threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self.mebibytes = max(self.mebibytes, self._process.memory_info().rss / 2**20)

    def end(self) -> float:
        self._stop.set()
        self._thread.join()
        return self.mebibytes


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
    settings = load_settings()
    database = Database(settings.database_url)
    database.prepare()
    memory, began = PeakMemory(), time.monotonic()
    readable = FirstReadable(database, began)
    result = run_update(settings, database, CountingRun())
    seconds = time.monotonic() - began
    measured = {"seconds": seconds, "readable": readable.end(), "processor": time.process_time()}
    print(json.dumps(measured | {"peak_mb": memory.end(), "bytes": bytes_a_record(database)}))
    return 0 if result["status"] == "ok" else 1


if __name__ == "__main__":
    sys.exit(main())
