"""Events of findings: a vulnerability has come to affect a machine, or affects it no longer.

What a first scan finds, or a first load, has been true for long: of that only what is exploited or critical becomes an
event. Later each record that a source added or changed does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from backend.contract.exposure import FindingState
from backend.contract.inbox import EventKind
from backend.contract.names import Severity
from backend.services.exposure.events import note_events
from backend.store.repositories.events import EventRepository, NewEvent
from backend.store.repositories.finding_news import FindingNewsRepository, NewlyAffected
from backend.store.repositories.findings import GoneFinding
from backend.store.repositories.metadata import NEWS_SINCE_KEY, MetadataRepository


def note_found(
    connection: Connection, finding_ids: Collection[int], now: datetime, *, matched_before: Collection[int] = ()
) -> None:
    """Write the events of findings that are new. One that is unread already covers further machines.

    Args:
        matched_before: the programs whose product did not change: what is new about them was not true for long.
    """
    if not finding_ids:
        return
    since, news = MetadataRepository(connection).moment(NEWS_SINCE_KEY), FindingNewsRepository(connection)
    found = {
        finding.cve_id
        for finding in news.newly_affected(finding_ids)
        if _is_urgent(finding) or (finding.program_id in matched_before and finding.changed_at > since)
    }
    known = EventRepository(connection).unread_of(EventKind.FINDING, found)
    news.join_unread_events(finding_ids)
    note_events(
        connection,
        [NewEvent(EventKind.FINDING, cve_id, now.isoformat(), now) for cve_id in sorted(found - known)],
    )


def _is_urgent(finding: NewlyAffected) -> bool:
    return finding.exploited or finding.severity == Severity.CRITICAL


def note_resolved(connection: Connection, ended: Sequence[tuple[GoneFinding, str]], now: datetime) -> None:
    """Write the events of findings that are resolved, each with its reason. They ask for nothing, so they are read.

    There is none where another program leaves the machine affected, nor of what was ignored.
    """
    noticed = [(finding, reason) for finding, reason in ended if finding.state != FindingState.IGNORED]
    machines, cve_ids = {finding.machine for finding, _ in noticed}, {finding.cve_id for finding, _ in noticed}
    still = FindingNewsRepository(connection).affected(machines, cve_ids) if noticed else ()
    note_events(
        connection,
        [
            NewEvent(
                EventKind.RESOLVED,
                finding.cve_id,
                now.isoformat(),
                now,
                machine=finding.machine,
                reason=reason,
                is_read=True,
            )
            for finding, reason in noticed
            if (finding.machine, finding.cve_id) not in still
        ],
    )
