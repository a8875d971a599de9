"""How far each way of delivery is: up to when everything was reported, and which report is under way.

A run keeps its period however often it is repeated, so that a kill neither doubles nor loses anything; the next run
begins where the last delivered report ended, however long ago that was.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from backend.contract.wire import Instant
from backend.store.repositories.metadata import REPORT_KEY, MetadataRepository
from backend.store.repositories.report import ReportRepository

FIRST_PERIOD = timedelta(days=7)
"""The period of the first report."""


class ReportPosition(BaseModel):
    """The stored position of one way.

    Attributes:
        covered: Everything up to here was delivered, or is older than the first report; None: none was begun yet.
        run: The run of the report that is, or was last, under way, which ends at `until`.
        is_handed_over: It was being handed to a server that may have accepted it: it is not sent again.
    """

    model_config = ConfigDict(frozen=True)

    covered: Instant | None = None
    run: str = ""
    until: Instant | None = None
    is_handed_over: bool = False

    @property
    def since(self) -> datetime | None:
        """The beginning of the report under way; None if there is none, or nothing to report."""
        return self.covered if self.covered and self.until and self.covered < self.until else None

    def begun(self, run: str, until: datetime) -> ReportPosition:
        """The position with a report of this run; that of an earlier one counts as delivered if it was handed over."""
        if run == self.run:
            return self
        covered = self.until if self.is_handed_over else self.covered
        return ReportPosition(covered=covered or until - FIRST_PERIOD, run=run, until=until)

    def delivered(self) -> ReportPosition:
        return self.model_copy(update={"covered": self.until, "is_handed_over": False})


def read_position(connection: Connection, way: str) -> ReportPosition:
    stored = MetadataRepository(connection).get(REPORT_KEY.format(way=way))
    return ReportPosition.model_validate_json(stored) if stored else ReportPosition()


def write_position(connection: Connection, way: str, position: ReportPosition) -> None:
    MetadataRepository(connection).set(REPORT_KEY.format(way=way), position.model_dump_json())


def end_of_period(connection: Connection, run: str, now: datetime) -> datetime:
    """Return now, or the beginning of a run that still writes what happened: it may write times since then."""
    stamping = ReportRepository(connection).stamping_since(run)
    return min(now, stamping) if stamping else now
