"""All that sources say of one vulnerability becomes one record. Pure: the same claims in any order, the same result.

`merge` is the table: one row per field with the rule that settles it (see `merge_rules`). The store keeps claims and
results are only computed, so a claim that is withdrawn takes its consequences back with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from backend.domain import merge_rules as rule
from backend.domain.claim_set import ClaimSet, SourcedClaim
from backend.domain.vulnerability import Details, MergedVulnerability

MERGE_VERSION = 1
"""Raised with every change of a rule: a database that was merged by other rules is merged anew."""

Value = TypeVar("Value")


def merge(vulnerability_id: str, records: Iterable[SourcedClaim]) -> MergedVulnerability | None:
    """What all records together say of a vulnerability; None if nobody but EPSS speaks of it (EPSS adds none).

    `details.provenance` names for each field whose word it is: a source, or several joined by "+" for a union. Fields
    that nobody spoke of are not in it. Raises ValueError for an id that is neither a CVE's nor an EUVD's.
    """
    said = ClaimSet(vulnerability_id, records)
    if not said.authority_first:
        return None
    provenance: dict[str, str] = {}

    def settle(field: str, verdict: rule.Resolved[Value]) -> Value:
        value, winner = verdict
        if winner:
            provenance[field] = winner
        return value

    return MergedVulnerability(
        cve_id=vulnerability_id,
        state=settle("state", rule.state(said)),
        title=settle("title", rule.title(said)),
        description=settle("description", rule.description(said)),
        cvss_score=settle("cvss_score", rule.cvss_score(said)),
        cvss_vector=settle("cvss_vector", rule.cvss_vector(said)),
        cvss_version=settle("cvss_version", rule.cvss_version(said)),
        severity=settle("severity", rule.severity(said)),
        published_at=settle("published_at", rule.published_at(said)),
        modified_at=settle("modified_at", rule.modified_at(said)),
        exploited_in_the_wild=settle("exploited_in_the_wild", rule.exploited_in_the_wild(said)),
        kev_date_added=settle("kev_date_added", rule.kev_date_added(said)),
        cisa_due_date=settle("cisa_due_date", rule.cisa_due_date(said)),
        known_ransomware=settle("known_ransomware", rule.known_ransomware(said)),
        eu_exploited=settle("eu_exploited", rule.eu_exploited(said)),
        ssvc_exploitation=settle("ssvc_exploitation", rule.ssvc_exploitation(said)),
        epss=settle("epss", rule.epss(said)),
        epss_percentile=settle("epss_percentile", rule.epss_percentile(said)),
        cwe_ids=settle("cwe_ids", rule.cwe_ids(said)),
        vendors=settle("vendors", rule.vendors(said)),
        products=settle("products", rule.products(said)),
        sources=said.sources,
        details=Details(
            scores=settle("scores", rule.scores(said)),
            affected_products=settle("affected_products", rule.affected_products(said)),
            references=settle("references", rule.references(said)),
            aliases=settle("aliases", rule.aliases(said)),
            exploitation=settle("exploitation", rule.exploitation(said)),
            required_action=settle("required_action", rule.required_action(said)),
            kev_notes=settle("kev_notes", rule.kev_notes(said)),
            provenance=provenance,
        ),
    )
