"""The scheduled report: what happened since the last one, written into a folder and, if that is set up, mailed.

Each way of delivery has a position of its own, so that one that fails does not hold up another, and the next run of the
failed one covers the gap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import Protocol

from backend.config import Settings
from backend.contract.errors import ReportNotDelivered
from backend.contract.report import Report
from backend.contract.wire import utc_now
from backend.network.mail import MailServer
from backend.services.report.content import ReportQuery, build_report
from backend.services.report.folder import FolderDelivery
from backend.services.report.mail import MailDelivery
from backend.services.report.position import ReportPosition, end_of_period, read_position, write_position
from backend.services.runs.queue import Run
from backend.store.engine import Database
from backend.system.time_zone import local_zone

SETTLING_S = 10.0
"""Seconds from the end of a period until it is read: what was stamped before its end is committed by then."""


class Delivery(Protocol):
    """A way to the reader. name: of its position, and in the run's result."""

    name: str

    def deliver(self, report: Report, handing_over: Callable[[], None]) -> str:
        """Deliver a report and return where it is, in words.

        Args:
            handing_over: To be called right before something happens that cannot be taken back or done twice.

        Raises:
            ReportNotDelivered: It was not delivered, and no receiver has accepted it.
        """


def deliver_report(
    settings: Settings,
    database: Database,
    run: Run,
    clock: Callable[[], datetime] = utc_now,
    zone: Callable[[], tzinfo] = local_zone,
) -> dict[str, object]:
    """Deliver the report of what happened since the last one in each way that is set up.

    Returns:
        By way, where the report is.

    Raises:
        ReportNotDelivered: At least one way failed; the others were done.
    """
    return _deliver_all(_ways(settings, zone()), settings, database, run, clock)


def _ways(settings: Settings, zone: tzinfo) -> Sequence[Delivery]:
    report, folder = settings.user.report, FolderDelivery(settings, zone)
    if not report.mail.enabled:
        return (folder,)
    return folder, MailDelivery(mail_server(settings), report.format, zone)


def mail_server(settings: Settings) -> MailServer:
    password = settings.mail_password.get_secret_value() if settings.mail_password else ""
    return MailServer(settings.user.report.mail, password, settings.network.ca_file)


def _deliver_all(
    ways: Sequence[Delivery], settings: Settings, database: Database, run: Run, clock: Callable[[], datetime]
) -> dict[str, object]:
    positions = _begin(ways, database, run, clock())
    if any(position.since and not position.is_handed_over for position in positions):
        run.sleep(SETTLING_S)
    delivered: dict[str, object] = {}
    failed: list[ReportNotDelivered] = []
    for way, position in zip(ways, positions, strict=True):
        run.checkpoint()
        try:
            delivered[way.name] = _deliver(way, position, settings, database, run, clock)
        except ReportNotDelivered as error:
            failed.append(error)
    if failed:
        raise _joined(failed)
    return delivered


def _begin(ways: Sequence[Delivery], database: Database, run: Run, now: datetime) -> Sequence[ReportPosition]:
    """Fix the period of each way, for this run and its repetitions."""
    with database.transaction() as connection:
        run.fence(connection)
        until = end_of_period(connection, run.id, now)
        positions = [read_position(connection, way.name).begun(run.id, until) for way in ways]
        for way, position in zip(ways, positions, strict=True):
            write_position(connection, way.name, position)
    return positions


def _deliver(
    way: Delivery,
    position: ReportPosition,
    settings: Settings,
    database: Database,
    run: Run,
    clock: Callable[[], datetime],
) -> str:
    put = partial(_put, database, run, way.name)
    if position.since is None or position.until is None:
        return "Nothing happened since the last report."
    if position.is_handed_over:
        put(position.delivered())
        return "It was interrupted while it was handed over, and is not sent again, since it may have arrived."
    with database.reading() as connection:
        query = ReportQuery(position.since, position.until, settings.user.report.scope)
        report = build_report(connection, query, clock())
    try:
        where = way.deliver(report, partial(put, position.model_copy(update={"is_handed_over": True})))
    except ReportNotDelivered:
        put(position)  # not accepted anywhere: it may be handed over again
        raise
    put(position.delivered())
    return where


def _put(database: Database, run: Run, way: str, position: ReportPosition) -> None:
    with database.transaction() as connection:
        run.fence(connection)
        write_position(connection, way, position)


def _joined(failed: Sequence[ReportNotDelivered]) -> ReportNotDelivered:
    if len(failed) == 1:
        return failed[0]
    message = " ".join(str(error) for error in failed)
    hint = " ".join(dict.fromkeys(error.hint for error in failed if error.hint))
    return ReportNotDelivered("The report could not be delivered", message, hint)
