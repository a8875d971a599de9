"""Builders of claims and merged vulnerabilities for the tests of the domain, with invented data."""

from __future__ import annotations

from datetime import UTC, date, datetime

from backend.domain.claims import Claim, Exploitation, Feed, KevEntry, SourceRecord
from backend.domain.merge import merge
from backend.domain.vulnerability import MergedVulnerability

CVE = "CVE-2024-10001"

CRITICAL_31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"  # 9.8
MEDIUM_31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"  # 6.1
CRITICAL_30 = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"  # 9.8
HIGH_40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"  # 8.7
HIGH_20 = "AV:N/AC:L/Au:N/C:P/I:P/A:P"  # 7.5


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def record(feed: Feed, claim: Claim, key: str = "", about: str = CVE) -> SourceRecord:
    return SourceRecord(feed, key or about, about, claim)


def nvd(claim: Claim) -> SourceRecord:
    return record(Feed.NVD, claim)


def mitre(claim: Claim) -> SourceRecord:
    return record(Feed.MITRE, claim)


def epss(probability: float, percentile: float = 0.5) -> SourceRecord:
    return record(Feed.EPSS, Claim(epss=probability, epss_percentile=percentile))


def euvd(claim: Claim, key: str = "EUVD-2024-7001") -> SourceRecord:
    return record(Feed.EUVD, claim, key)


def mapped(key: str = "EUVD-2024-7001") -> SourceRecord:
    return record(Feed.EUVD_MAPPING, Claim(aliases=(key,)), key)


def eu_listed(since: date | None = None) -> SourceRecord:
    return record(Feed.EUVD_KEV, Claim(exploitation=(Exploitation("eu-kev", since),)))


def listed(**facts: object) -> SourceRecord:
    """An entry of CISA's catalogue with these fields of `KevEntry`."""
    entry = KevEntry(**{"date_added": date(2024, 5, 2), **facts})
    return record(Feed.KEV, Claim(kev=entry, exploitation=(Exploitation("cisa-kev", entry.date_added),)))


def merged(*records: SourceRecord) -> MergedVulnerability:
    vulnerability = merge(records[0].vulnerability_id, records)
    assert vulnerability is not None
    return vulnerability


def winner(vulnerability: MergedVulnerability, field: str) -> str | None:
    return vulnerability.details.provenance.get(field)
