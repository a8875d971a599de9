"""Vulnerability records, pages, portions and changes as messages of the contract.

A portion is a page that begins after the last row of the one before (keyset pagination). Each portion costs the same,
however far a client has read, and an update that runs meanwhile does not shift unchanged rows between portions.
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
    ClaimList,
    FieldChange,
    StoredClaim,
    SummaryPage,
    Vulnerability,
    VulnerabilityPage,
    VulnerabilityPortion,
    VulnerabilitySummary,
)
from backend.contract.wire import page_count
from backend.domain.canonical import RANKED
from backend.domain.claims import encode_claim
from backend.domain.priority import facts_of, priority_reasons
from backend.domain.search import Position, SearchQuery, SortKey
from backend.domain.vulnerability import MergedVulnerability as Merged
from backend.store.repositories.epss import EpssRepository
from backend.store.repositories.search_plan import ResultPage
from backend.store.repositories.source_records import SourceRecordRepository
from backend.store.repositories.vulnerabilities import StoredVulnerability, VulnerabilityRepository

NEWEST_CHANGES = 500
"""Changes of one vulnerability in one answer."""
_ROW_FIELDS = tuple(name for name in Merged.__struct_fields__ if name in Vulnerability.model_fields)
_DETAIL_FIELDS = (
    "references",
    "exploitation",
    "required_action",
    "kev_notes",
    "provenance",
    "aliases",
    "other_names",
)
"""Fields with the same name and form in the store and in the contract."""


def get_vulnerability(connection: Connection, cve_id: str, now: datetime) -> Vulnerability:
    """Return one record, also by another of its ids (see `VulnerabilityRepository.id_of`).

    Raises:
        NotFound: The database has no record with this id.
    """
    vulnerabilities = VulnerabilityRepository(connection)
    stored = vulnerabilities.get(vulnerabilities.id_of(cve_id))
    if stored is None:
        raise record_not_found(cve_id)
    return to_contract(stored, now)


def list_claims(connection: Connection, cve_id: str) -> ClaimList:
    """Return what the sources state about one vulnerability, as it is stored. EPSS alone makes none.

    Raises:
        NotFound: No source has a record of it.
    """
    records = SourceRecordRepository(connection).records_of([cve_id]).get(cve_id)
    if records is None:
        raise record_not_found(cve_id)
    scores = EpssRepository(connection).records_of([cve_id]).values()
    claims = [
        StoredClaim(
            source=record.feed.source, feed=record.feed, key=record.key, claim=json.loads(encode_claim(record.claim))
        )
        for record in (*records, *scores)
    ]
    return ClaimList(cve_id=cve_id, claims=tuple(claims))


def record_not_found(cve_id: str) -> NotFound:
    return NotFound(
        "Not in the database",
        f"There is no record of {cve_id}.",
        "It may be newer than the last update, or not published yet.",
    )


def to_page(connection: Connection, found: ResultPage, query: SearchQuery, now: datetime) -> VulnerabilityPage:
    """Read the whole records of a result page."""
    records = VulnerabilityRepository(connection).read(found.cve_ids)
    return VulnerabilityPage(items=[to_contract(stored, now) for stored in records], **_page_fields(found, query))


def to_summary_page(connection: Connection, found: ResultPage, query: SearchQuery) -> SummaryPage:
    """Read what a list shows of the records of a result page."""
    rows = VulnerabilityRepository(connection).read_fields(found.cve_ids, VulnerabilitySummary.model_fields)
    items = [VulnerabilitySummary.model_validate(row) for row in rows]
    return SummaryPage(items=items, **_page_fields(found, query))


def _page_fields(found: ResultPage, query: SearchQuery) -> dict[str, int]:
    return {
        "total": found.total,
        "total_capped": found.total_capped,
        "page": query.page,
        "page_size": query.page_size,
        "total_pages": page_count(found.total, query.page_size),
    }


def list_changes(connection: Connection, cve_id: str) -> ChangeList:
    """Return the newest changes of a record, and in `total` the number of all. An unknown id has none."""
    stored = VulnerabilityRepository(connection)
    cve_id = stored.id_of(cve_id)
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


def to_contract(stored: StoredVulnerability, now: datetime) -> Vulnerability:
    """Build the message for a stored record.

    The reasons of the priority are computed for `now`. The score is the stored one, by which searches sort.
    """
    merged, details = stored.vulnerability, stored.vulnerability.details
    fields = {name: getattr(merged, name) for name in _ROW_FIELDS} | {
        name: getattr(details, name) for name in _DETAIL_FIELDS
    }
    fields |= {
        "cvss_scores": details.scores,
        "affected_products": [{"source": entry.source, **asdict(entry.product)} for entry in details.affected_products],
        "priority_score": stored.priority_score,
        "priority_reasons": priority_reasons(facts_of(merged), now.date()),
        "first_seen_at": stored.first_seen_at,
        "updated_at": stored.updated_at,
    }
    return Vulnerability.model_validate(fields, from_attributes=True)


_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Id = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,200}$")]
_Rank = Annotated[str, msgspec.Meta(max_length=RANKED, pattern=r"^[^\x00]*$")]
_SORT_VALUE_TYPES: dict[SortKey, object] = {
    SortKey.CVE_ID: _Id,
    SortKey.PUBLISHED: _Instant,
    SortKey.MODIFIED: _Instant,
    SortKey.FIRST_SEEN: _Instant,
    SortKey.UPDATED: _Instant,
    SortKey.KEV_ADDED: date,
    SortKey.DUE: date,
    **dict.fromkeys((SortKey.TITLE, SortKey.VENDORS, SortKey.PRODUCTS, SortKey.SOURCES), _Rank),
    SortKey.SEVERITY: Annotated[int, msgspec.Meta(ge=0, lt=len(Severity))],
}
"""Types of the sort values in a position; all other keys sort by a float."""


def read_portion(connection: Connection, query: SearchQuery, now: datetime) -> VulnerabilityPortion:
    found = VulnerabilityRepository(connection).portion(query)
    return VulnerabilityPortion(
        items=[to_contract(stored, now) for stored in found.rows],
        next=format_position(found.next) if found.next else None,
    )


def parse_position(text: str, sort_by: SortKey) -> Position:
    """Parse the `next` of a portion.

    Raises:
        ValueError: The text is not a position, or belongs to another sort order.
    """
    kind = _SORT_VALUE_TYPES.get(sort_by, float)
    value, cve_id = msgspec.json.decode(text, type=tuple[kind | None, _Id])  # type: ignore[valid-type]
    return Position(value, cve_id)


def format_position(position: Position) -> str:
    return msgspec.json.encode((position.value, position.cve_id)).decode()
