"""Vulnerabilities as the API tells them.

All vulnerabilities that answer a query, portion by portion. Each says itself where the next one begins.

However far a walk has come, a portion costs the same, and what an update writes meanwhile moves no row that was not
touched from one portion into another.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec.structs import asdict
from sqlalchemy import Connection

from backend.contract.errors import NotFound
from backend.contract.names import Severity
from backend.contract.vulnerabilities import (
    ChangeList,
    FieldChange,
    Vulnerability,
    VulnerabilityPage,
    VulnerabilityPortion,
)
from backend.contract.wire import page_count
from backend.domain.priority import facts_of, priority_reasons
from backend.domain.search import Position, SearchQuery, SortKey
from backend.domain.vulnerability import MergedVulnerability as Merged
from backend.store.repositories.vulnerabilities import SearchPage, StoredVulnerability, VulnerabilityRepository

NEWEST_CHANGES = 500
_OWN = tuple(name for name in Merged.__struct_fields__ if name in Vulnerability.model_fields)
_DETAILS = ("references", "exploitation", "required_action", "kev_notes", "provenance", "aliases")
"""Fields that are the same in the store and on the wire."""


def find_vulnerability(connection: Connection, cve_id: str, now: datetime) -> Vulnerability:
    """Raises NotFound."""
    stored = VulnerabilityRepository(connection).get(cve_id)
    if stored is None:
        raise NotFound(
            "Not in the database",
            f"Nothing is known of {cve_id}.",
            "It may be newer than the last update, or not published yet.",
        )
    return told(stored, now)


def told_page(found: SearchPage, query: SearchQuery, now: datetime) -> VulnerabilityPage:
    return VulnerabilityPage(
        items=[told(stored, now, brief=query.brief) for stored in found.rows],
        total=found.total,
        total_capped=found.total_capped,
        page=query.page,
        page_size=query.page_size,
        total_pages=page_count(found.total, query.page_size),
    )


def changes_of(connection: Connection, cve_id: str) -> ChangeList:
    """The newest changes; `total` counts all. An id of which nothing is known has none."""
    stored = VulnerabilityRepository(connection)
    changes = [
        FieldChange(
            changed_at=change.changed_at,
            field=change.field,
            old=json.loads(change.old or "null"),
            new=json.loads(change.new or "null"),
            source=change.source,
            task_id=change.run_id,
        )
        for change in stored.changes(cve_id, NEWEST_CHANGES)
    ]
    return ChangeList(cve_id=cve_id, changes=changes, total=stored.count_changes(cve_id))


def told(stored: StoredVulnerability, now: datetime, *, brief: bool = False) -> Vulnerability:
    """Reasons are put in words of today; the score is that of the last pass, by which searches sort."""
    merged, details = stored.vulnerability, stored.vulnerability.details
    fields = {name: getattr(merged, name) for name in _OWN} | {name: getattr(details, name) for name in _DETAILS}
    fields |= {
        "cvss_scores": details.scores,
        "affected_products": [{"source": entry.source, **asdict(entry.product)} for entry in details.affected_products],
        "priority_score": stored.priority_score,
        "priority_reasons": () if brief else priority_reasons(facts_of(merged), now.date()),
        "first_seen_at": stored.first_seen_at,
        "updated_at": stored.updated_at,
    }
    return Vulnerability.model_validate(fields, from_attributes=True)


_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Id = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,200}$")]
_VALUES: dict[SortKey, object] = {
    SortKey.CVE_ID: _Id,
    SortKey.PUBLISHED: _Instant,
    SortKey.MODIFIED: _Instant,
    SortKey.FIRST_SEEN: _Instant,
    SortKey.UPDATED: _Instant,
    SortKey.KEV_ADDED: date,
    SortKey.SEVERITY: Annotated[int, msgspec.Meta(ge=0, lt=len(Severity))],
}
"""All others sort by figures."""


def told_portion(connection: Connection, query: SearchQuery, now: datetime) -> VulnerabilityPortion:
    found = VulnerabilityRepository(connection).portion(query)
    return VulnerabilityPortion(
        items=[told(stored, now, brief=query.brief) for stored in found.rows],
        next=position_text(found.next) if found.next else None,
    )


def position_in(text: str, sort_by: SortKey) -> Position:
    """As `told_portion` wrote it. Raises ValueError where it was written for another order, or by somebody else."""
    kind = _VALUES.get(sort_by, float)
    value, cve_id = msgspec.json.decode(text, type=tuple[kind | None, _Id])  # type: ignore[valid-type]
    return Position(value, cve_id)


def position_text(position: Position) -> str:
    return msgspec.json.encode((position.value, position.cve_id)).decode()
