"""Beat as the program has it, but in a hurry: most of what these tests would do otherwise is to wait for its rounds."""

from __future__ import annotations

from backend.worker.beat.rounds import Periods
from backend.worker.beat.scheduler import TableScheduler


class QuickScheduler(TableScheduler):
    periods = Periods(schedule=0.2, healing=0.5, local_silence=1.0)
