"""Vulnerabilities as the API tells them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from backend.contract.vulnerabilities import (
    AffectedProduct,
    ChangeList,
    CvssScore,
    ExploitationClaim,
    FieldChange,
    Reference,
    Vulnerability,
    VulnerabilityPage,
)
from backend.domain.priority import facts_of, priority_reasons
from backend.domain.query import SearchQuery
from backend.domain.vulnerability import AffectedEntry
from backend.errors import NotFound
from backend.services.paging import page_count
from backend.store.repositories.vulnerabilities import StoredVulnerability, VulnerabilityRepository

NEWEST_CHANGES = 500
_OWN = (
    "cve_id",
    "state",
    "title",
    "description",
    "cvss_score",
    "cvss_vector",
    "cvss_version",
    "severity",
    "published_at",
    "modified_at",
    "exploited_in_the_wild",
    "kev_date_added",
    "cisa_due_date",
    "known_ransomware",
    "eu_exploited",
    "ssvc_exploitation",
    "epss",
    "epss_percentile",
    "cwe_ids",
    "vendors",
    "products",
    "sources",
)
"""Fields that are called the same in the store and on the wire."""


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


def search_vulnerabilities(connection: Connection, query: SearchQuery, now: datetime) -> VulnerabilityPage:
    found = VulnerabilityRepository(connection).search(query)
    return VulnerabilityPage(
        items=[told(stored, now) for stored in found.rows],
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


def told(stored: StoredVulnerability, now: datetime) -> Vulnerability:
    """Reasons are put in words of today; the score is that of the last pass, by which searches sort."""
    merged, details = stored.vulnerability, stored.vulnerability.details
    return Vulnerability(
        **{name: getattr(merged, name) for name in _OWN},
        affected_products=_affected(details.affected_products),
        references=[Reference.model_validate(entry, from_attributes=True) for entry in details.references],
        cvss_scores=[CvssScore.model_validate(entry, from_attributes=True) for entry in details.scores],
        exploitation=[ExploitationClaim.model_validate(entry, from_attributes=True) for entry in details.exploitation],
        required_action=details.required_action,
        kev_notes=details.kev_notes,
        provenance=details.provenance,
        aliases=details.aliases,
        priority_score=stored.priority_score,
        priority_reasons=priority_reasons(facts_of(merged), now.date()),
        first_seen_at=stored.first_seen_at,
        updated_at=stored.updated_at,
    )


def _affected(entries: Iterable[AffectedEntry]) -> list[AffectedProduct]:
    return [AffectedProduct(source=entry.source, **msgspec.structs.asdict(entry.product)) for entry in entries]
