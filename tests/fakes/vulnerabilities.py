"""Vulnerabilities and records with defaults for all fields that a test does not need."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from backend.contract.names import Severity, Source
from backend.domain.claims import Claim, Feed, RecordState, encode_claim
from backend.domain.vulnerability import Details, MergedVulnerability
from backend.store.repositories.source_records import RecordRow

_PLAIN = MergedVulnerability(
    cve_id="",
    state=RecordState.PUBLISHED,
    title="A flaw",
    description="",
    cvss_score=None,
    cvss_vector=None,
    cvss_version=None,
    severity=Severity.UNKNOWN,
    published_at=datetime(2024, 1, 1, tzinfo=UTC),
    modified_at=datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
    exploited_in_the_wild=False,
    kev_date_added=None,
    cisa_due_date=None,
    known_ransomware=None,
    eu_exploited=False,
    ssvc_exploitation="",
    epss=None,
    epss_percentile=None,
    cwe_ids=(),
    vendors=(),
    products=(),
    tags=(),
    nvd_status="",
    sources=(Source.NVD,),
    details=Details(),
)


def vulnerability(cve_id: str, **said: object) -> MergedVulnerability:
    return msgspec.structs.replace(_PLAIN, cve_id=cve_id, **said)


def record(
    vulnerability_id: str,
    feed: Feed = Feed.NVD,
    key: str | None = None,
    raw_hash: bytes = b"0" * 16,
    claim: Claim | None = None,
) -> RecordRow:
    claim = claim or Claim(description=f"what {feed} says of {vulnerability_id}")
    return RecordRow(
        vulnerability_id, feed, key or vulnerability_id, raw_hash, claim.modified_at, encode_claim(claim).decode()
    )
