"""One update in a process of its own, which a test may kill at any time. UPDATE_DATABASE: the database's URL."""

from __future__ import annotations

import os
import sys

from backend.config import load_settings
from backend.services.update.update import run_update
from backend.store.engine import Database
from tests.fakes.sources import CountingRun


def main() -> int:
    database = Database(os.environ["UPDATE_DATABASE"])
    database.prepare()
    run_update(load_settings(), database, CountingRun())
    return 0


if __name__ == "__main__":
    sys.exit(main())
