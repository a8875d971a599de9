"""Texts of a record's fields, in reading order. The tooltip of each names its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from backend.contract.names import Severity
from backend.contract.vulnerabilities import CvssScore, ExploitationClaim, Vulnerability
from backend.contract.weaknesses import weakness_list, weakness_name
from desktop.ui.formatting import number, one_line, percent, plain, timestamp, translate
from desktop.ui.pages.vulnerabilities.record.cvss_words import vector_words
from desktop.ui.sentences import translated
from desktop.ui.widgets.looks import severity_look

_SOURCES = {"nvd": "NVD", "mitre": "MITRE", "cisa": "CISA", "euvd": "EUVD", "epss": "EPSS"}


def field_title(field: str) -> str:
    return {
        "state": translate("vulnerability", "State"),
        "title": translate("vulnerability", "Title"),
        "description": translate("vulnerability", "Description"),
        "cvss_score": translate("vulnerability", "CVSS score"),
        "cvss_vector": translate("vulnerability", "CVSS vector"),
        "cvss_version": translate("vulnerability", "CVSS version"),
        "cvss": translate("vulnerability", "CVSS scores"),
        "severity": translate("vulnerability", "Severity"),
        "published_at": translate("vulnerability", "Published"),
        "modified_at": translate("vulnerability", "Modified"),
        "epss": translate("vulnerability", "EPSS"),
        "exploited_in_the_wild": translate("vulnerability", "Exploited"),
        "kev_date_added": translate("vulnerability", "Listed by CISA"),
        "cisa_due_date": translate("vulnerability", "Due"),
        "known_ransomware": translate("vulnerability", "Ransomware"),
        "eu_exploited": translate("vulnerability", "Listed by the EU"),
        "ssvc_exploitation": translate("vulnerability", "Exploitation (SSVC)"),
        "exploitation": translate("vulnerability", "Exploitation"),
        "required_action": translate("vulnerability", "Required action"),
        "kev_notes": translate("vulnerability", "CISA notes"),
        "cwe_ids": translate("vulnerability", "Weaknesses"),
        "vendors": translate("vulnerability", "Vendors"),
        "products": translate("vulnerability", "Products"),
        "affected_products": translate("vulnerability", "Affected products"),
        "references": translate("vulnerability", "References"),
        "aliases": translate("vulnerability", "Also known as"),
        "tags": translate("vulnerability", "Marked as"),
        "nvd_status": translate("vulnerability", "NVD's analysis"),
        "other_names": translate("vulnerability", "Other spellings"),
        "sources": translate("vulnerability", "Sources"),
    }.get(field, one_line(field))


def source_words(joined: str) -> str:
    """Name sources. joined: one source, or several joined by "+"."""
    return ", ".join(_SOURCES.get(name, one_line(name)) for name in joined.split("+"))


def source_tip(joined: str | None) -> str:
    """Return the tooltip that names the sources; empty if they are unknown."""
    return translate("vulnerability", "Source: {0}").format(source_words(joined)) if joined else ""


def value_words(value: object) -> str:
    """Format the old or new value of a change, as decoded from JSON."""
    match value:
        case None | "" | []:
            return "-"
        case bool():
            return translate("vulnerability", "yes") if value else translate("vulnerability", "no")
        case list():
            return one_line(", ".join(str(part) for part in value))
    return one_line(str(value))


def field_value_words(field: str, value: JsonValue) -> str:
    """Format a value of a field, as decoded from JSON."""
    match field, value:
        case "epss", float() | int():
            return percent(value, 2)
        case "severity", str() if value in tuple(Severity):
            return severity_look(Severity(value)).word
        case (("published_at" | "modified_at"), str()):
            return _moment_words(value)
    return value_words(value)


def _moment_words(text: str) -> str:
    try:
        return timestamp(datetime.fromisoformat(text))
    except ValueError:
        return one_line(text)


SHORT = 1500
"""Characters of a description or a note that are shown at first."""
_MAX_NAMES = 12


@dataclass(frozen=True)
class Fact:
    """code: use the fixed-width font. tip: names the source. folded: lines that are shown on request."""

    label: str
    text: str
    tip: str = ""
    code: bool = False
    folded: tuple[str, ...] = ()


def facts_of(item: Vulnerability) -> list[Fact]:
    provenance = item.provenance
    facts = [Fact(translate("vulnerability", "Priority"), _priority(item))]
    facts += _exploited_facts(item)
    for score in item.cvss_scores:
        facts += _score_facts(score)
    facts.append(Fact(field_title("nvd_status"), one_line(item.nvd_status), source_tip(provenance.get("nvd_status"))))
    facts.append(Fact(translate("vulnerability", "EPSS"), _epss(item), source_tip(provenance.get("epss"))))
    facts.append(Fact(field_title("cwe_ids"), _weaknesses(item), _weaknesses_tip(provenance.get("cwe_ids"))))
    for field, names in (
        ("vendors", item.vendors),
        ("products", item.products),
        ("other_names", item.other_names),
        ("aliases", item.aliases),
    ):
        facts.append(Fact(field_title(field), _some(names), source_tip(provenance.get(field))))
    for title, field, moment in (
        (field_title("published_at"), "published_at", item.published_at),
        (field_title("modified_at"), "modified_at", item.modified_at),
    ):
        facts.append(Fact(title, timestamp(moment) if moment else "", source_tip(provenance.get(field))))
    facts.append(Fact(field_title("sources"), source_words("+".join(item.sources))))
    facts.append(Fact(translate("vulnerability", "First seen"), timestamp(item.first_seen_at)))
    return facts


def _priority(item: Vulnerability) -> str:
    """In words and from 0 to 100, with the reasons."""
    rank = translate("vulnerability", "{0}: {1} of 100").format(
        _priority_words(item.priority_score), number(item.priority_score * 100)
    )
    return "\n".join((rank, *map(one_line, map(translated, item.priority_reasons))))


_EXPLOITED, _REPORTED, _LIKELY, _POSSIBLE = 0.9, 0.7, 0.35, 0.2
"""From the first two on, a source reports exploitation (`backend.domain.priority`); the others divide the rest."""


def _priority_words(score: float) -> str:
    if score >= _EXPLOITED:
        return translate("vulnerability", "Highest")
    if score >= _REPORTED:
        return translate("vulnerability", "Very high")
    if score >= _LIKELY:
        return translate("vulnerability", "High")
    return translate("vulnerability", "Medium") if score >= _POSSIBLE else translate("vulnerability", "Low")


def _weaknesses(item: Vulnerability) -> str:
    """Each id with its name, where the list has one."""
    named = ((cwe_id, weakness_name(cwe_id)) for cwe_id in map(one_line, item.cwe_ids))
    return "\n".join(translate("vulnerability", "{0}: {1}").format(*pair) if pair[1] else pair[0] for pair in named)


def _weaknesses_tip(joined: str | None) -> str:
    edition = weakness_list()
    names = translate("vulnerability", "Names: CWE {0} of {1}").format(edition.version, edition.published.isoformat())
    return "\n".join(filter(None, (source_tip(joined), names)))


def _exploited_facts(item: Vulnerability) -> list[Fact]:
    provenance = item.provenance
    ransomware = {
        True: translate("vulnerability", "known use in campaigns"),
        False: translate("vulnerability", "no known use in campaigns"),
        None: "",
    }[item.known_ransomware]
    given = (
        ("kev_date_added", item.kev_date_added.isoformat() if item.kev_date_added else ""),
        ("cisa_due_date", item.cisa_due_date.isoformat() if item.cisa_due_date else ""),
        ("required_action", plain(item.required_action, SHORT)),
        ("known_ransomware", ransomware),
        ("kev_notes", plain(item.kev_notes, SHORT)),
        ("exploitation", "\n".join(dict.fromkeys(map(_claim, item.exploitation)))),
    )
    return [Fact(field_title(field), text, source_tip(provenance.get(field))) for field, text in given]


def _claim(claim: ExploitationClaim) -> str:
    authority, status = authority_words(claim.by), status_words(claim.status)
    if claim.since is None:
        return translate("vulnerability", "{0}: {1}").format(authority, status)
    return translate("vulnerability", "{0}: {1} since {2}").format(authority, status, claim.since.isoformat())


def authority_words(by: str) -> str:
    """Name who makes a statement on exploitation."""
    return {
        "cisa-kev": translate("vulnerability", "CISA (known exploited vulnerabilities)"),
        "eu-kev": translate("vulnerability", "EU (known exploited vulnerabilities)"),
        "euvd": translate("vulnerability", "EUVD"),
        "cisa-ssvc": translate("vulnerability", "CISA (SSVC assessment)"),
    }.get(by, one_line(by))


def status_words(status: str) -> str:
    """Say what a statement on exploitation states."""
    return {
        "active": translate("vulnerability", "exploited"),
        "poc": translate("vulnerability", "an exploit is public"),
        "none": translate("vulnerability", "no known exploitation"),
    }.get(status, one_line(status))


def _score_facts(score: CvssScore) -> tuple[Fact, ...]:
    label = translate("vulnerability", "CVSS {0}").format(one_line(score.version))
    by = one_line(score.origin).upper()
    passed_on = source_words(score.source)
    words = translate("vulnerability", "{0} by {1}").format(number(score.score, 1), by)
    if score.scenario:
        words = translate("vulnerability", "{0}, only for: {1}").format(words, one_line(score.scenario, 200))
    vector = Fact(
        "", one_line(score.vector), source_tip(passed_on), code=True, folded=vector_words(score.version, score.vector)
    )
    return Fact(label, words, source_tip(passed_on)), vector


def _epss(item: Vulnerability) -> str:
    if item.epss is None:
        return ""
    chance = translate("vulnerability", "{0} likely to be exploited within 30 days").format(percent(item.epss, 2))
    if item.epss_percentile is None:
        return chance
    rank = translate("vulnerability", "higher than {0} of all").format(percent(item.epss_percentile, 1))
    return translate("vulnerability", "{0}, {1}").format(chance, rank)


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(one_line(name, 100) for name in names[:_MAX_NAMES])
    more = len(names) - _MAX_NAMES
    return translate("vulnerability", "{0} and {1} more").format(shown, number(more)) if more > 0 else shown
