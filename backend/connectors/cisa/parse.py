"""Parsing of one entry of the catalogue into a claim."""

from __future__ import annotations

from datetime import date

import msgspec

from backend.connectors.connector import Parsed, RawRecord
from backend.connectors.decoding import decode_or_mend, instant_of
from backend.domain.claims import Claim, Exploitation, KevEntry, Origin, ReferenceClaim, Weakness

PARSER_VERSION = 1


class CatalogueEntry(msgspec.Struct, rename="camel"):
    """An entry as published. Unknown keys are ignored, since CISA adds some without notice."""

    cve_id: str = msgspec.field(name="cveID")
    vendor_project: str = ""
    product: str = ""
    vulnerability_name: str = ""
    date_added: str = ""
    short_description: str = ""
    required_action: str = ""
    due_date: str = ""
    known_ransomware_campaign_use: str = ""
    notes: str = ""
    cwes: list[str] = []


def parse(record: RawRecord) -> Parsed:
    """Parse one entry.

    Raises:
        ParseError: it is not an entry.
    """
    entry, mended = decode_or_mend(record.raw, CatalogueEntry)
    added = _day("dateAdded", entry.date_added, mended)
    kev = KevEntry(
        date_added=added,
        due_date=_day("dueDate", entry.due_date, mended),
        ransomware=_known(entry.known_ransomware_campaign_use.strip().lower()),
        required_action=entry.required_action.strip(),
        notes=entry.notes.strip(),
    )
    claim = Claim(
        title=_line(entry.vulnerability_name),
        description=entry.short_description.strip(),
        weaknesses=tuple(Weakness(Origin.CISA_ADP, cwe.strip()) for cwe in entry.cwes if cwe.strip()),
        vendors=_some(entry.vendor_project),
        products=_some(entry.product),
        references=tuple(ReferenceClaim(url) for url in dict.fromkeys(_addresses(entry.notes))),
        exploitation=(Exploitation("cisa-kev", added),),
        kev=kev,
    )
    return Parsed([(record.key, claim)], mended)


def _known(use: str) -> bool | None:
    """Whether use in ransomware campaigns is known ("Known" or "Unknown"); None if the entry has no such field."""
    return use == "known" if use else None


def _day(name: str, text: str, mended: list[str]) -> date | None:
    moment = instant_of(name, text.strip(), mended)
    return moment.date() if moment else None


def _line(text: str) -> str:
    """On one line, without the trailing blanks and no-break spaces of some entries."""
    return " ".join(text.split())


def _some(name: str) -> tuple[str, ...]:
    line = _line(name)
    return (line,) if line else ()


def _addresses(notes: str) -> list[str]:
    """The addresses in notes such as "https://a ; https://b", which are the references of an entry."""
    return [word for word in notes.replace(";", " ").split() if word.startswith(("http://", "https://"))]
