"""The priority of a vulnerability (0-1) and its reasons as text, computed from its facts and the current day.

Known exploited vulnerabilities come first, in bands by the source that lists them. Within a band, and among all others,
likelihood and severity decide: logit(EPSS) + 0.35 * CVSS + 2 * e^(-age / 365 days), less a weight for what the CNA says
of the record as a whole, mapped onto the band.
`tests/benchmarks/priority.py` compares this with simpler formulas by the vulnerabilities that were exploited later.
"""

from __future__ import annotations

from datetime import date, datetime
from math import exp, log

import msgspec

from backend.contract.names import Severity, Tag
from backend.domain.claims import RecordState
from backend.domain.vulnerability import MergedVulnerability

CVSS_WEIGHT = 0.35
RECENCY_WEIGHT = 2.0
RECENCY_DAYS = 365.0
EPSS_FLOOR = 1e-5  # the resolution of FIRST's file; logit is undefined at 0 and 1
EPSS_UNKNOWN = 0.005
"""Used in the first days of a vulnerability, before it has an estimate. Of 866 recorded ones younger than 30 days, CISA
listed 4 (one in 200) within seven months: ten times their median estimate, so unknown must not count as low."""
CVSS_UNKNOWN = 6.8
"""The median of all scores. Any value between 5 and 8 gives nearly the same ranking."""

TAG_WEIGHT = 1.0
"""Deducted for each tag, whatever it is: too few tagged records were listed later to measure one by one."""

_LOGIT_LIMIT = log((1 - EPSS_FLOOR) / EPSS_FLOOR)
_LOWEST = -_LOGIT_LIMIT
_SPAN = 2 * _LOGIT_LIMIT + 10 * CVSS_WEIGHT + RECENCY_WEIGHT

_Band = tuple[float, float]
_CISA_BAND: _Band = (0.9, 1.0)
_EU_BAND: _Band = (0.8, 0.8999)
_SSVC_BAND: _Band = (0.7, 0.7999)
_OTHER_BAND: _Band = (0.0001, 0.6999)
REJECTED_SCORE = 0.0


class PriorityFacts(msgspec.Struct, frozen=True):
    """The short columns of a vulnerability that its priority depends on. cvss_score 0-10, epss 0-1."""

    state: RecordState
    severity: Severity
    cvss_score: float | None
    published_at: datetime | None
    exploited_in_the_wild: bool
    kev_date_added: date | None
    known_ransomware: bool | None
    eu_exploited: bool
    ssvc_exploitation: str
    epss: float | None
    tags: tuple[str, ...] = ()


def facts_of(vulnerability: MergedVulnerability) -> PriorityFacts:
    return PriorityFacts(
        state=vulnerability.state,
        severity=vulnerability.severity,
        cvss_score=vulnerability.cvss_score,
        published_at=vulnerability.published_at,
        exploited_in_the_wild=vulnerability.exploited_in_the_wild,
        kev_date_added=vulnerability.kev_date_added,
        known_ransomware=vulnerability.known_ransomware,
        eu_exploited=vulnerability.eu_exploited,
        ssvc_exploitation=vulnerability.ssvc_exploitation,
        epss=vulnerability.epss,
        tags=vulnerability.tags,
    )


def priority_score(facts: PriorityFacts, today: date) -> float:
    """The priority (0-1, four decimals). Rejected records come last in every case."""
    if facts.state == RecordState.REJECTED:
        return REJECTED_SCORE
    low, high = _band(facts)
    share = (likelihood(facts, today) - _LOWEST) / _SPAN
    return round(low + (high - low) * share, 4)


def _band(facts: PriorityFacts) -> _Band:
    if facts.exploited_in_the_wild:
        return _CISA_BAND
    if facts.eu_exploited:
        return _EU_BAND
    return _SSVC_BAND if facts.ssvc_exploitation == "active" else _OTHER_BAND


def likelihood(facts: PriorityFacts, today: date) -> float:
    """What decides within a band; higher is likelier and severer."""
    epss = EPSS_UNKNOWN if facts.epss is None else min(max(facts.epss, EPSS_FLOOR), 1 - EPSS_FLOOR)
    cvss = CVSS_UNKNOWN if facts.cvss_score is None else facts.cvss_score
    age = _age_days(facts.published_at, today)
    recency = 0.0 if age is None else exp(-age / RECENCY_DAYS)
    summed = log(epss / (1 - epss)) + CVSS_WEIGHT * cvss + RECENCY_WEIGHT * recency
    return max(summed - TAG_WEIGHT * len(facts.tags), _LOWEST)


def _age_days(published_at: datetime | None, today: date) -> int | None:
    return None if published_at is None else max((today - published_at.date()).days, 0)


def priority_reasons(facts: PriorityFacts, today: date) -> tuple[str, ...]:
    """The reasons of a priority as text, the weightiest first."""
    if facts.state == RecordState.REJECTED:
        return ("Rejected: no vulnerability of its own",)
    return tuple(reason for reason in (*_exploitation_reasons(facts), *_likelihood_reasons(facts, today)) if reason)


def _exploitation_reasons(facts: PriorityFacts) -> tuple[str, ...]:
    since = f" since {facts.kev_date_added.isoformat()}" if facts.kev_date_added else ""
    return (
        f"Listed in CISA's known exploited vulnerabilities{since}" if facts.exploited_in_the_wild else "",
        "Used in ransomware campaigns" if facts.known_ransomware else "",
        "Listed in the EU's known exploited vulnerabilities" if facts.eu_exploited else "",
        "Seen in active use by attackers, says CISA" if facts.ssvc_exploitation == "active" else "",
    )


def _likelihood_reasons(facts: PriorityFacts, today: date) -> tuple[str, ...]:
    age = _age_days(facts.published_at, today)
    return (
        "No EPSS estimate yet"
        if facts.epss is None
        else f"EPSS: {_percent(facts.epss)} likely to be exploited within 30 days",
        "No CVSS score yet"
        if facts.cvss_score is None
        else f"{facts.severity.capitalize()}: CVSS {facts.cvss_score:.1f}",
        "" if age is None or age > RECENCY_DAYS else f"Published {_days_ago(age)}",
        *(_TAG_REASONS[tag] for tag in Tag if tag in facts.tags),
    )


_TAG_REASONS = {
    Tag.DISPUTED: "Disputed: it is in doubt whether this is a vulnerability",
    Tag.UNSUPPORTED: "The product was no longer supported when this became known",
    Tag.HOSTED: "Only in a hosted service: nothing to update here",
}


def _percent(probability: float) -> str:
    if probability < 0.01:
        return "less than 1 %"
    return "more than 99 %" if probability > 0.99 else f"{probability:.0%}".replace("%", " %")


def _days_ago(days: int) -> str:
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
