"""One update in a process of its own, with a peer, which a test may kill at any time. UPDATE_DATABASE: the URL."""

from __future__ import annotations

import os
import sys

from backend.config import load_settings
from backend.services.update.peer import start_peer
from backend.services.update.update import run_update
from backend.store.engine import Database
from tests.fakes.claimed_run import claimed_run


def main() -> int:
    database = Database(os.environ["UPDATE_DATABASE"])
    database.prepare()
    run_update(load_settings(), database, claimed_run(database), start_peer=start_peer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
