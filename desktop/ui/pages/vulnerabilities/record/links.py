"""The addresses of a record: its pages at the authorities, its references by kind, and those within texts."""

from __future__ import annotations

from collections.abc import Sequence

from backend.contract.vulnerabilities import Reference, Vulnerability
from desktop.ui.formatting import addresses_in, one_line, safe_link, translate
from desktop.ui.pages.vulnerabilities.record.facts import source_words
from desktop.ui.pages.vulnerabilities.record.line import Line
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.looks import Look

_LONGEST = 2_000
_KINDS = (
    ("patch", ("patch",)),
    ("advisory", ("vendor advisory", "third party advisory", "us government resource", "vdb entry", "advisory")),
    ("exploit", ("exploit",)),
    ("mitigation", ("mitigation", "workaround")),
    ("release notes", ("release notes", "product")),
    ("report", ("issue tracking", "technical description", "mailing list", "press/media coverage", "related")),
)
"""Kinds in their order, with the tags of NVD and of the CVE record format (referenceTags) that mean them."""
_OTHER, _NOTES = "other", "notes"
_ORDER = (*(kind for kind, _ in _KINDS), _NOTES, _OTHER)


def record_pages(cve_id: str) -> tuple[tuple[str, str], ...]:
    """Name and address of the record's pages elsewhere; the last one is at the authority that assigned its id."""
    if cve_id.startswith("CVE-"):
        return (
            ("NVD", f"https://nvd.nist.gov/vuln/detail/{cve_id}"),
            ("CVE.org", f"https://www.cve.org/CVERecord?id={cve_id}"),
        )
    return (("EUVD", f"https://euvd.enisa.europa.eu/vulnerability/{cve_id}"),)


def record_link(cve_id: str) -> str:
    """Return the page of a record at the authority that assigned its ID."""
    return record_pages(cve_id)[-1][1]


def link_lines(item: Vulnerability) -> tuple[Line, ...]:
    """The references by kind, and the addresses in CISA's notes that are no references."""
    known = {reference.url for reference in item.references}
    noted = (address for _, address in addresses_in(item.kev_notes) if address not in known)
    found = [(_kind(reference), _line(_kind(reference), reference)) for reference in item.references]
    found += [(_NOTES, _note(address)) for address in dict.fromkeys(noted)]
    return tuple(line for _, line in sorted(found, key=lambda one: _ORDER.index(one[0])))


def _kind(reference: Reference) -> str:
    tags = {tag.lower().replace("-", " ").removeprefix("x_") for tag in reference.tags}
    return next((kind for kind, meaning in _KINDS if tags.intersection(meaning)), _OTHER)


def _line(kind: str, reference: Reference) -> Line:
    tags = _tag_words(reference.tags)
    sources = source_words("+".join(reference.source)) if reference.source else ""
    url = one_line(reference.url, _LONGEST)
    look = _kind_look(kind)
    return Line((look.word, url, sources), safe_link(reference.url), look=look, tip=f"{url}\n{tags}".strip())


def _note(address: str) -> Line:
    look = _kind_look(_NOTES)
    return Line((look.word, address, source_words("cisa")), address, look=look, tip=address)


def _tag_words(tags: Sequence[str]) -> str:
    return one_line(", ".join(tag.replace("-", " ") for tag in sorted(tags)))


def _kind_look(kind: str) -> Look:
    return {
        "patch": Look("bandage", translate("vulnerability", "Patch"), Tone.GOOD),
        "advisory": Look("bullhorn-outline", translate("vulnerability", "Advisory"), Tone.INFO),
        "exploit": Look("bug-outline", translate("vulnerability", "Exploit"), Tone.BAD),
        "mitigation": Look("shield-half-full", translate("vulnerability", "Mitigation"), Tone.GOOD),
        "release notes": Look("text-box-outline", translate("vulnerability", "Release notes"), Tone.NEUTRAL),
        "report": Look("forum-outline", translate("vulnerability", "Report"), Tone.NEUTRAL),
        _NOTES: Look("note-text-outline", translate("vulnerability", "CISA notes"), Tone.NEUTRAL),
    }.get(kind, Look("link", translate("vulnerability", "Other"), Tone.NEUTRAL))
