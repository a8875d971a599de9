"""The differences between two states of a vulnerability: the rows of its history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from backend.contract.names import Source
from backend.domain.claims import Affected
from backend.domain.vulnerability import Details, MergedVulnerability

LONGEST_LIST = 100
"""List entries that one row contains; further ones are only counted."""

FIELDS = (
    "state",
    "title",
    "description",
    "cvss_score",
    "cvss_vector",
    "cvss_version",
    "severity",
    "published_at",
    "exploited_in_the_wild",
    "kev_date_added",
    "cisa_due_date",
    "known_ransomware",
    "eu_exploited",
    "ssvc_exploitation",
    "cwe_ids",
    "vendors",
    "products",
    "tags",
)
"""Fields recorded with their old and new value. epss, epss_percentile and the priority are left out because they change
daily for all records, with FIRST's model as well as with news; nvd_status because it tells of NVD's work only;
modified_at because it changes with any other field, or alone when a source rewrites a record without new content (NVD
rewrote 95 % of its records in one night of 2026-06)."""


class ValueChange(msgspec.Struct, frozen=True):
    """The change of one field. `old` and `new` are JSON; for a list in the details, the entries removed and added."""

    field: str
    old: str
    new: str


def changes_between(old: MergedVulnerability | None, new: MergedVulnerability) -> list[ValueChange]:
    """The changed fields in a fixed order; none for a vulnerability that is new (`old` is None)."""
    if old is None:
        return []
    values = ((field, getattr(old, field), getattr(new, field)) for field in FIELDS)
    changes = [_change(field, before, after) for field, before, after in values if before != after]
    if _describing_sources(old) != _describing_sources(new):
        changes.append(_change("sources", _describing_sources(old), _describing_sources(new)))
    if old.details != new.details:
        changes += _detail_changes(old.details, new.details)
    return changes


def _describing_sources(vulnerability: MergedVulnerability) -> list[Source]:
    """All sources but EPSS, which lists every new CVE within days."""
    return [source for source in vulnerability.sources if source != Source.EPSS]


def _detail_changes(old: Details, new: Details) -> list[ValueChange]:
    changes = []
    for field, describe in _DETAILS.items():
        before, after = describe(old), describe(new)
        removed, added = _missing(before, after), _missing(after, before)
        if removed or added:
            changes.append(_change(field, removed, added))
    return changes


def _missing(entries: list[str], others: list[str]) -> list[str]:
    """The entries that the other list does not have."""
    known = set(others)
    missing = [entry for entry in entries if entry not in known]
    more = len(missing) - LONGEST_LIST
    return missing if more <= 0 else [*missing[:LONGEST_LIST], f"... and {more} more"]


def _change(field: str, old: object, new: object) -> ValueChange:
    return ValueChange(field, msgspec.json.encode(old).decode(), msgspec.json.encode(new).decode())


def _scores(details: Details) -> list[str]:
    return [
        f"{entry.origin}: {entry.score:.1f} {entry.vector or entry.version}"
        + (f" ({entry.scenario})" if entry.scenario else "")
        for entry in details.scores
    ]


def _affected(details: Details) -> list[str]:
    return [f"{entry.source}: {_product(entry.product)}" for entry in details.affected_products]


def _product(product: Affected) -> str:
    bounds = (
        ("from", product.version_start_including),
        ("after", product.version_start_excluding),
        ("up to", product.version_end_including),
        ("before", product.version_end_excluding),
    )
    words = [product.cpe, product.vendor, product.product, product.package, product.purl]
    words += [f"{word} {version}" for word, version in bounds if version]
    if product.versions:
        words.append(f"({', '.join(product.versions)})")
    if not product.vulnerable:
        words.append("[not vulnerable]")
    return " ".join(word for word in words if word)


def _references(details: Details) -> list[str]:
    return [f"{entry.url} [{', '.join(entry.tags)}]" if entry.tags else entry.url for entry in details.references]


def _exploitation(details: Details) -> list[str]:
    return [f"{entry.by}: {entry.status}" + _since(entry.since) for entry in details.exploitation]


def _since(day: date | None) -> str:
    return f" since {day}" if day else ""


_DETAILS: dict[str, Callable[[Details], list[str]]] = {
    "cvss": _scores,
    "affected_products": _affected,
    "references": _references,
    "aliases": lambda details: list(details.aliases),
    "exploitation": _exploitation,
    "required_action": lambda details: [details.required_action] if details.required_action else [],
    "kev_notes": lambda details: [details.kev_notes] if details.kev_notes else [],
}
