"""What the fields of a record are called, who is meant by a source, and what a change was from and to."""

from __future__ import annotations

from backend.contract.vulnerabilities import FieldChange
from desktop.ui.formatting import one_line, translate

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
        "exploited_in_the_wild": translate("vulnerability", "Exploited"),
        "kev_date_added": translate("vulnerability", "Listed by CISA"),
        "cisa_due_date": translate("vulnerability", "Due"),
        "known_ransomware": translate("vulnerability", "Ransomware"),
        "eu_exploited": translate("vulnerability", "Listed by the EU"),
        "ssvc_exploitation": translate("vulnerability", "Exploitation seen"),
        "exploitation": translate("vulnerability", "Exploitation"),
        "required_action": translate("vulnerability", "Required action"),
        "kev_notes": translate("vulnerability", "Notes by CISA"),
        "cwe_ids": translate("vulnerability", "Weaknesses"),
        "vendors": translate("vulnerability", "Vendors"),
        "products": translate("vulnerability", "Products"),
        "affected_products": translate("vulnerability", "Affected"),
        "references": translate("vulnerability", "References"),
        "aliases": translate("vulnerability", "Also known as"),
        "sources": translate("vulnerability", "Sources"),
    }.get(field, one_line(field))


def source_words(told: str) -> str:
    """told: one source, or several joined by "+"."""
    return ", ".join(_SOURCES.get(name, one_line(name)) for name in told.split("+"))


def from_words(told: str | None) -> str:
    """For a tooltip; empty where nobody is known to have said it."""
    return translate("vulnerability", "From {0}").format(source_words(told)) if told else ""


def value_words(value: object) -> str:
    """Of a change's old or new value, as JSON has it."""
    match value:
        case None | "" | []:
            return "-"
        case bool():
            return translate("vulnerability", "yes") if value else translate("vulnerability", "no")
        case list():
            return one_line(", ".join(str(part) for part in value))
    return one_line(str(value))


def change_words(change: FieldChange) -> tuple[str, str]:
    """From and to. Of long lists a change tells what went and what came."""
    return value_words(change.old), value_words(change.new)
