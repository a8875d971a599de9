"""A record as formatted texts, made in the background so that the window only has to place them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend.client.api import ApiClient
from backend.contract.vulnerabilities import AffectedProduct, ChangeList, Reference, Vulnerability
from desktop.ui.formatting import day, number, one_line, plain, safe_link, translate
from desktop.ui.pages.vulnerabilities.record.facts import (
    SHORT,
    Fact,
    change_words,
    facts_of,
    field_title,
    source_tip,
    source_words,
)
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.looks import Look, exploited_look, severity_look

_CPE_PARTS = re.compile(r"(?<!\\):")
_ESCAPED = re.compile(r"\\(.)")
_VENDOR, _PRODUCT, _VERSION = 3, 4, 5
_ANY_VERSION = ("", "*", "-")


def product_words(entry: AffectedProduct) -> str:
    """Give vendor and product, with the platforms."""
    parts = _CPE_PARTS.split(entry.cpe)
    names = [entry.vendor, entry.product, entry.package, entry.purl]
    if not any(names):
        names = [_unescaped(part) for part in parts[_VENDOR : _PRODUCT + 1]]
    words = one_line(" ".join(dict.fromkeys(name for name in names if name)))
    if entry.platforms:
        words = translate("vulnerability", "{0} on {1}").format(words, one_line(", ".join(entry.platforms)))
    return words if entry.vulnerable else translate("vulnerability", "{0} (not affected)").format(words)


def version_words(entry: AffectedProduct) -> str:
    """Give the affected versions: ">= 1.0, < 2.3"."""
    bounds = (
        (">=", entry.version_start_including),
        (">", entry.version_start_excluding),
        ("<=", entry.version_end_including),
        ("<", entry.version_end_excluding),
    )
    ranges = [f"{sign} {version}" for sign, version in bounds if version]
    if ranges or entry.versions:
        return one_line(", ".join((*ranges, *entry.versions)))
    parts = _CPE_PARTS.split(entry.cpe)
    version = _unescaped(parts[_VERSION]) if len(parts) > _VERSION else ""
    if version not in _ANY_VERSION:
        return one_line(version)
    return translate("vulnerability", "all versions") if entry.default_status != "unaffected" else ""


def _unescaped(part: str) -> str:
    return _ESCAPED.sub(r"\1", part).replace("_", " ")


_MAX_LENGTH = 200_000
_LONG_PARAGRAPH = re.compile(r"[^\n]{1500}[^\n ]{0,500} ?")
"""Where long paragraphs are split: Qt lays out a paragraph as a whole, which takes too long for 100,000 characters."""
_REJECTED = "REJECTED"


@dataclass(frozen=True)
class Line:
    """One row of a table. link: the address that opens, if it is safe."""

    cells: tuple[str, ...]
    link: str = ""


@dataclass(frozen=True)
class Content:
    """description: at most SHORT characters of `whole_description`."""

    cve_id: str
    title: str
    title_tip: str
    looks: tuple[Look, ...]
    facts: tuple[Fact, ...]
    description: str
    whole_description: str
    description_tip: str
    affected: tuple[Line, ...]
    references: tuple[Line, ...]
    changes: tuple[Line, ...]
    changes_total: int


def fetch(client: ApiClient, cve_id: str) -> Content:
    """Fetch and format a record.

    Raises:
        ApiError: the API cannot be reached or refused the request.
    """
    return content_of(client.vulnerability(cve_id), client.changes(cve_id))


def content_of(item: Vulnerability, history: ChangeList) -> Content:
    whole = _LONG_PARAGRAPH.sub(lambda part: f"{part.group().rstrip()}\n", plain(item.description, _MAX_LENGTH))
    provenance = item.provenance
    return Content(
        cve_id=item.cve_id,
        title=one_line(item.title) or item.cve_id,
        title_tip=source_tip(provenance.get("title")),
        looks=_looks(item),
        facts=tuple(fact for fact in facts_of(item) if fact.text),
        description=whole if len(whole) <= SHORT else f"{whole[:SHORT]}…",
        whole_description=whole,
        description_tip=source_tip(provenance.get("description")),
        affected=tuple(dict.fromkeys(_affected(item))),
        references=tuple(sorted(map(_reference, item.references), key=lambda line: line.cells[0] or "~")),
        changes=tuple(_changes(history)),
        changes_total=history.total,
    )


def _looks(item: Vulnerability) -> tuple[Look, ...]:
    severity = severity_look(item.severity)
    if item.cvss_score is not None:
        severity = Look(severity.icon, f"{severity.word} {number(item.cvss_score, 1)}", severity.tone)
    looks = [severity]
    if item.exploited_in_the_wild:
        looks.append(exploited_look())
    if item.known_ransomware:
        looks.append(Look("lock-alert", translate("vulnerability", "Ransomware"), Tone.BAD))
    if item.eu_exploited:
        looks.append(Look("fire", translate("vulnerability", "Exploited (EU)"), Tone.BAD))
    looks += [Look("information", _tag_words(tag), Tone.NEUTRAL) for tag in item.tags]
    if item.state == _REJECTED:
        looks.append(Look("cancel", translate("vulnerability", "Rejected"), Tone.NEUTRAL))
    return tuple(looks)


def _tag_words(tag: str) -> str:
    return {
        "disputed": translate("vulnerability", "Disputed"),
        "unsupported-when-assigned": translate("vulnerability", "Unsupported"),
        "exclusively-hosted-service": translate("vulnerability", "Hosted service"),
    }.get(tag, one_line(tag))


def _affected(item: Vulnerability) -> list[Line]:
    return [
        Line((product_words(entry), version_words(entry), source_words(entry.source)))
        for entry in item.affected_products
    ]


def _reference(reference: Reference) -> Line:
    tags = one_line(", ".join(tag.replace("-", " ") for tag in sorted(reference.tags)))
    sources = source_words("+".join(reference.source)) if reference.source else ""
    return Line((tags, one_line(reference.url, 2000), sources), safe_link(reference.url))


def _changes(history: ChangeList) -> list[Line]:
    return [
        Line((day(change.changed_at), field_title(change.field), *change_words(change), source_words(change.source)))
        for change in history.changes
    ]
