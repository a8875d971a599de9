"""Vulnerabilities and records with defaults for all fields that a test does not need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection

from backend.contract.names import Severity, Source
from backend.domain.claims import (
    Claim,
    Exploitation,
    Feed,
    KevEntry,
    Origin,
    RecordState,
    ReferenceClaim,
    Score,
    SourceRecord,
)
from backend.domain.vulnerability import Details, MergedVulnerability
from backend.store.repositories.merged_rows import IngestRepository, MergedRow
from backend.store.repositories.source_records import HASH_SIZE, changes_of

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


def vulnerability(cve_id: str, **fields: object) -> MergedVulnerability:
    return msgspec.structs.replace(_PLAIN, cve_id=cve_id, **fields)


def record(
    vulnerability_id: str,
    feed: Feed = Feed.NVD,
    key: str | None = None,
    raw_hash: bytes = b"0" * HASH_SIZE,
    claim: Claim | None = None,
) -> SourceRecord:
    claim = claim or Claim(description=f"what {feed} states about {vulnerability_id}")
    return SourceRecord(feed, key or vulnerability_id, vulnerability_id, claim, raw_hash)


def put_records(connection: Connection, *records: SourceRecord) -> None:
    """Add records to those of the same vulnerabilities, or replace the ones with the same feed and key."""
    store = IngestRepository(connection)
    before = store.records_of([record.vulnerability_id for record in records])
    after = {name: {(record.feed, record.key): record for record in known} for name, known in before.items()}
    for record in records:
        after.setdefault(record.vulnerability_id, {})[record.feed, record.key] = record
    store.put_records(changes_of({name: list(known.values()) for name, known in after.items()}, before=before))


def put_vulnerabilities(
    connection: Connection, rows: Sequence[tuple[MergedVulnerability, float]], now: datetime
) -> None:
    """Write merged rows with their priorities, and claims that state what is merged when they are read."""
    put_records(connection, *(record for row, _ in rows for record in _records_of(row)))
    IngestRepository(connection).put_vulnerabilities([MergedRow(*row) for row in rows], now)


def _records_of(merged: MergedVulnerability) -> list[SourceRecord]:
    made: defaultdict[Source, Claim] = defaultdict(Claim)

    def state(source: Source, **facts: object) -> None:
        for name, value in facts.items():
            known = getattr(made[source], name)
            new = (*known, *value) if isinstance(value, tuple) else value
            made[source] = msgspec.structs.replace(made[source], **{name: new})

    details = merged.details
    first = next(source for source in (Source.MITRE, Source.NVD, *merged.sources) if source in merged.sources)
    state(first, description=merged.description, title=merged.title, aliases=details.aliases)
    if merged.cvss_vector and not details.scores:
        state(first, scores=(Score(Origin.NVD, merged.cvss_version or "3.1", merged.cvss_vector),))
    for score in details.scores:
        state(score.source, scores=(Score(score.origin, score.version, score.vector, score.score),))
    for affected in details.affected_products:
        state(affected.source, affected=(affected.product,))
    for reference in details.references:
        for source in reference.source:
            state(source, references=(ReferenceClaim(reference.url, reference.tags),))
    for entry in details.exploitation:
        state(entry.source, exploitation=(Exploitation(entry.by, entry.since, entry.status),))
    if details.required_action or details.kev_notes:
        state(Source.CISA, kev=KevEntry(required_action=details.required_action, notes=details.kev_notes))
    return [record(merged.cve_id, Feed(source), claim=claim) for source, claim in made.items()]
