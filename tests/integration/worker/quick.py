"""Beat with short intervals, so that tests do not wait for its rounds."""

from __future__ import annotations

from backend.worker.beat.rounds import BeatIntervals
from backend.worker.beat.scheduler import TableScheduler


class QuickScheduler(TableScheduler):
    intervals = BeatIntervals(schedule=0.2, healing=0.5, local_silence=1.0)
