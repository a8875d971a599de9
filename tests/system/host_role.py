"""The roles of a host, with short periods and an update that lasts until a file ends it.

Usage: `python -m tests.system.host_role api`.

Run as a child process only, like the stage that it takes the update from.
"""

from __future__ import annotations

import sys

from backend.celery_app import app
from backend.roles import main
from backend.worker.beat.rounds import BeatIntervals
from backend.worker.beat.scheduler import TableScheduler
from tests.integration.worker import stage  # noqa: F401 - takes the place of the update


class HostScheduler(TableScheduler):
    intervals = BeatIntervals(schedule=0.5, healing=1.0, silence=8.0, local_silence=2.0)


app.conf.beat_scheduler = "tests.system.host_role:HostScheduler"

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
