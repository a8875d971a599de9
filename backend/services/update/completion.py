"""What every update does after its sources: merging what is left, priorities, due dates, statistics, matching."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from backend.config import Settings
from backend.contract.names import Trigger
from backend.services.exposure.due_dates import note_due_dates
from backend.services.exposure.events import refresh_concern
from backend.services.exposure.matching_run import request_matching, request_matching_if_rules_changed
from backend.services.maintenance.priorities import refresh_priorities_if_due
from backend.services.query.statistics import update_stats
from backend.services.runs.queue import Run
from backend.services.update.rebuild import Rebuild
from backend.store.engine import Database
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.statistics import StatisticsRepository, UpdateEffect
from backend.store.retry import retry_while_away

_STARTED = "update_began"
_ALLOCATIONS = 100_000  # per collection of the youngest objects; Python's default of 700 took a tenth of an update


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Exempt existing objects from garbage collection within the block, and collect new ones rarely.

    An update creates millions of short-lived objects without reference cycles.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def first_started_at(connection: Connection, run_id: str, now: datetime) -> datetime:
    """The first start of this run: an interrupted run continues under the same id."""
    facts = MetadataRepository(connection)
    moment, _, noted_run = (facts.get(_STARTED) or "").partition(" ")
    if noted_run == run_id:
        return datetime.fromisoformat(moment)
    facts.set(_STARTED, f"{now.isoformat()} {run_id}")
    return now


class Completion:
    """The work after the sources of one update; each part reports to the run that it is given. `begin` comes first."""

    def __init__(self, settings: Settings, database: Database, run: Run, clock: Callable[[], datetime]) -> None:
        self._settings, self._database, self._run, self._clock = settings, database, run, clock
        self._started: datetime | None = None

    def begin(self) -> None:
        """Note when this run started first."""
        self._started = retry_while_away(self._run.sleep, self._first_started_at)

    def merge(self, run: Run) -> None:
        """Complete the rebuild in progress, and merge what has no row yet."""
        Rebuild(self._database, run, self._clock, self._settings.user.inbox).finish()

    def prioritise(self, run: Run) -> None:
        """Compute the priorities for this day, and note due dates that are near."""
        refresh_priorities_if_due(self._database, run, self._clock)
        retry_while_away(self._run.sleep, self._note_due_dates)

    def count(self, run: Run) -> None:
        """Compute the statistics."""
        retry_while_away(self._run.sleep, partial(update_stats, self._settings, self._database, run, self._clock))

    def request_matching(self) -> None:
        """Have what is installed matched with what changed; beat publishes the run."""
        retry_while_away(self._run.sleep, self._request_matching)

    def effect(self) -> UpdateEffect:
        """How many vulnerabilities are new or changed since the run began.

        Raises:
            ValueError: `begin` was not called.
        """
        return retry_while_away(self._run.sleep, partial(self._effect_since, self._began()))

    def _began(self) -> datetime:
        if self._started is None:
            raise ValueError("the run has not begun")
        return self._started

    def _first_started_at(self) -> datetime:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            return first_started_at(connection, self._run.id, self._clock())

    def _note_due_dates(self) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            note_due_dates(connection, self._settings.user.inbox, self._clock())
            refresh_concern(connection)  # also of what two processes changed at the same time

    def _request_matching(self) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            request_matching_if_rules_changed(connection, self._began())
            request_matching(connection, Trigger.SCHEDULE, self._clock())

    def _effect_since(self, started: datetime) -> UpdateEffect:
        with self._database.reading() as connection:
            return StatisticsRepository(connection).effect_since(started)
