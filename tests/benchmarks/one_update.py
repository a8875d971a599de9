"""One update in a separate process, so that its memory can be measured: prints seconds and peak memory as JSON.

Exit code 1 if a source failed, which makes the measurement invalid.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import psutil

from backend.config import load_settings
from backend.services.update.update import run_update
from backend.store.engine import Database
from tests.fakes.sources import CountingRun


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


def main() -> int:
    settings = load_settings()
    database = Database(settings.database_url)
    database.prepare()
    memory, began = PeakMemory(), time.monotonic()
    result = run_update(settings, database, CountingRun())
    seconds = time.monotonic() - began
    print(json.dumps({"seconds": seconds, "peak_mb": memory.end()}))
    return 0 if result["status"] == "ok" else 1


if __name__ == "__main__":
    sys.exit(main())
