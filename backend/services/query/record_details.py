"""What a record's own page shows besides the record, worked out from the stored claims when it is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import msgspec
from pydantic import JsonValue
from sqlalchemy import Connection

from backend.contract.errors import NotFound
from backend.contract.names import Source
from backend.contract.record_details import (
    ComparedField,
    EpssPoint,
    EpssTrend,
    FixedVersions,
    FixList,
    SourceComparison,
    SourceValue,
)
from backend.domain.canonical import is_cve_id
from backend.domain.claims import SourceRecord
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.fixes import fixes_of
from backend.domain.merge import merge, state_of
from backend.domain.merge_rules import RULES_IN_WORDS
from backend.domain.vulnerability import MergedVulnerability
from backend.services.query.vulnerabilities import record_not_found
from backend.store.repositories.epss import EpssRepository
from backend.store.repositories.epss_history import EpssHistoryRepository
from backend.store.repositories.source_records import SourceRecordRepository
from backend.store.repositories.vulnerabilities import VulnerabilityRepository

COMPARED = (
    "state",
    "title",
    "description",
    "severity",
    "cvss_score",
    "cvss_vector",
    "published_at",
    "modified_at",
    "exploited_in_the_wild",
    "kev_date_added",
    "cisa_due_date",
    "known_ransomware",
    "eu_exploited",
    "ssvc_exploitation",
    "epss",
    "cwe_ids",
    "vendors",
    "products",
    "tags",
    "nvd_status",
    "aliases",
)
"""Fields in reading order. References and affected products name the sources of each entry in the record itself."""


def list_fixes(connection: Connection, cve_id: str) -> FixList:
    """Return the fixed versions that the sources state.

    Raises:
        NotFound: The database has no record with this id.
    """
    cve_id, records = _records(connection, cve_id)
    fixes = fixes_of(statements_of(state_of(cve_id, records), records))
    return FixList(cve_id=cve_id, items=tuple(FixedVersions(**fix._asdict()) for fix in fixes))


def compare_sources(connection: Connection, cve_id: str) -> SourceComparison:
    """Return what each source says alone, beside the merged value and the rule by which it won.

    Raises:
        NotFound: The database has no record with this id.
    """
    cve_id, records = _records(connection, cve_id)
    epss = EpssRepository(connection).records_of([cve_id]).values()
    merged = merge(cve_id, [*records, *epss])
    if merged is None:
        raise record_not_found(cve_id)
    alone = {
        source: merged_alone for source, own in _by_source(records).items() if (merged_alone := merge(cve_id, own))
    }
    fields = [_compared(name, merged, alone, {record.claim.epss for record in epss}) for name in COMPARED]
    return SourceComparison(
        cve_id=cve_id, sources=merged.sources, fields=tuple(field for field in fields if field.values)
    )


def kept_trend(connection: Connection, cve_id: str) -> EpssTrend:
    """Return the EPSS scores that were kept of one vulnerability. One that never concerned anybody has none."""
    cve_id = VulnerabilityRepository(connection).id_of(cve_id)
    kept = EpssHistoryRepository(connection).of(cve_id)
    points = tuple(EpssPoint(day=day, epss=epss, percentile=percentile) for day, epss, percentile in kept)
    return EpssTrend(cve_id=cve_id, points=points)


def rated_id(connection: Connection, name: str) -> str:
    """Return the CVE id of a stored record, whose EPSS scores can be asked for.

    Raises:
        NotFound: There is no such record, or it has no CVE id.
    """
    cve_id = VulnerabilityRepository(connection).id_of(name)
    if not is_cve_id(cve_id):
        raise NotFound("EPSS rates CVE ids only", f"{cve_id} is not one.")
    if not VulnerabilityRepository(connection).states([cve_id]):
        raise record_not_found(name)
    return cve_id


def _records(connection: Connection, name: str) -> tuple[str, list[SourceRecord]]:
    cve_id = VulnerabilityRepository(connection).id_of(name)
    records = SourceRecordRepository(connection).records_of([cve_id]).get(cve_id)
    if records is None:
        raise record_not_found(name)
    return cve_id, records


def _by_source(records: Collection[SourceRecord]) -> dict[Source, list[SourceRecord]]:
    found: defaultdict[Source, list[SourceRecord]] = defaultdict(list)
    for record in records:
        found[record.feed.source].append(record)
    return {source: found[source] for source in Source if source in found}


def _compared(
    name: str,
    merged: MergedVulnerability,
    alone: dict[Source, MergedVulnerability],
    epss: Collection[float | None],
) -> ComparedField:
    """epss: FIRST's score; EPSS alone makes no record."""
    values = [(source, _value(own, name)) for source, own in alone.items() if name in own.details.provenance]
    if name == "epss":
        values += [(Source.EPSS, score) for score in epss]
    return ComparedField(
        field=name,
        rule=RULES_IN_WORDS[name],
        value=_json(_value(merged, name)),
        winner=merged.details.provenance.get(name, ""),
        values=tuple(SourceValue(source=source, value=_json(value)) for source, value in values),
    )


def _json(value: object) -> JsonValue:
    decoded: JsonValue = msgspec.json.decode(msgspec.json.encode(value))
    return decoded


def _value(merged: MergedVulnerability, name: str) -> object:
    return getattr(merged.details if name in merged.details.__struct_fields__ else merged, name)
