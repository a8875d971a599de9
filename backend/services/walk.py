"""All vulnerabilities that answer a query, portion by portion. Each says itself where the next one begins.

However far a walk has come, a portion costs the same, and what an update writes meanwhile moves no row that was not
touched from one portion into another.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from sqlalchemy import Connection

from backend.contract.names import Severity
from backend.contract.vulnerabilities import VulnerabilityPortion
from backend.domain.search import Position, SearchQuery, SortKey
from backend.services.records import told
from backend.store.repositories.vulnerabilities import VulnerabilityRepository

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
