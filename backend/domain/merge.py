"""Merging of all claims about one vulnerability into one record. Pure: the order of the claims does not matter.

`merge` is a table with one row per field and its rule (see `merge_rules`). The store keeps the claims and the result is
only computed, so withdrawing a claim undoes its effects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from backend.domain import merge_rules as rule
from backend.domain.claim_set import ClaimSet, SourcedClaim
from backend.domain.claims import RecordState
from backend.domain.vulnerability import Details, MergedVulnerability

MERGE_VERSION = 4
"""Incremented with every change of a rule, or of the derivation of statements (`domain.exposure`): a database merged by
other rules is then merged again."""

Value = TypeVar("Value")


def state_of(vulnerability_id: str, records: Collection[SourcedClaim]) -> RecordState:
    """The state that `merge` gives the vulnerability. Where no record is rejected, nothing has to be merged."""
    if all(record.claim.state is RecordState.PUBLISHED for record in records):
        return RecordState.PUBLISHED
    return rule.state(ClaimSet(vulnerability_id, records))[0]


def merge(vulnerability_id: str, records: Iterable[SourcedClaim]) -> MergedVulnerability | None:
    """Merge all records of one vulnerability.

    Returns:
        The merged vulnerability; its `details.provenance` has the source of each field that has one, or several
        sources joined by "+" for a union. None if only EPSS has a record: EPSS adds no vulnerabilities.

    Raises:
        ValueError: the id is neither a CVE id nor an EUVD id.
    """
    claims = ClaimSet(vulnerability_id, records)
    if not claims.authority_first:
        return None
    if rule.state(claims)[0] is RecordState.REJECTED:
        claims = claims.without_assessments()
    provenance: dict[str, str] = {}

    def take(field: str, resolved: rule.Resolved[Value]) -> Value:
        value, source = resolved
        if source:
            provenance[field] = source
        return value

    return MergedVulnerability(
        cve_id=vulnerability_id,
        state=take("state", rule.state(claims)),
        title=take("title", rule.title(claims)),
        description=take("description", rule.description(claims)),
        cvss_score=take("cvss_score", rule.cvss_score(claims)),
        cvss_vector=take("cvss_vector", rule.cvss_vector(claims)),
        cvss_version=take("cvss_version", rule.cvss_version(claims)),
        severity=take("severity", rule.severity(claims)),
        published_at=take("published_at", rule.published_at(claims)),
        modified_at=take("modified_at", rule.modified_at(claims)),
        exploited_in_the_wild=take("exploited_in_the_wild", rule.exploited_in_the_wild(claims)),
        kev_date_added=take("kev_date_added", rule.kev_date_added(claims)),
        cisa_due_date=take("cisa_due_date", rule.cisa_due_date(claims)),
        known_ransomware=take("known_ransomware", rule.known_ransomware(claims)),
        eu_exploited=take("eu_exploited", rule.eu_exploited(claims)),
        ssvc_exploitation=take("ssvc_exploitation", rule.ssvc_exploitation(claims)),
        epss=take("epss", rule.epss(claims)),
        epss_percentile=take("epss_percentile", rule.epss_percentile(claims)),
        cwe_ids=take("cwe_ids", rule.cwe_ids(claims)),
        vendors=take("vendors", rule.vendors(claims)),
        products=take("products", rule.products(claims)),
        tags=take("tags", rule.tags(claims)),
        nvd_status=take("nvd_status", rule.nvd_status(claims)),
        sources=claims.sources,
        details=Details(
            scores=take("scores", rule.scores(claims)),
            affected_products=take("affected_products", rule.affected_products(claims)),
            references=take("references", rule.references(claims)),
            aliases=take("aliases", rule.aliases(claims)),
            other_names=take("other_names", rule.other_names(claims)),
            exploitation=take("exploitation", rule.exploitation(claims)),
            required_action=take("required_action", rule.required_action(claims)),
            kev_notes=take("kev_notes", rule.kev_notes(claims)),
            provenance=provenance,
        ),
    )
