"""What EUVD says, as claims: its records, its list of which id is which CVE, and the EU's list of exploited ones.

EUVD's answers as they come over the wire: only what is used, everything optional.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

import msgspec

from backend.connectors.connector import Parsed, ParseError
from backend.connectors.decoding import decode, decode_or_mend, parse_instant
from backend.domain.claims import Affected, Claim, Exploitation, Origin, ReferenceClaim, Score


class Name(msgspec.Struct):
    name: str = ""


class EuvdProduct(msgspec.Struct):
    """vendor: in answers since 2026."""

    name: str = ""
    vendor: Name | None = None


class ListedProduct(msgspec.Struct):
    product: EuvdProduct = msgspec.field(default_factory=EuvdProduct)
    product_version: str = ""


class ListedVendor(msgspec.Struct):
    vendor: Name = msgspec.field(default_factory=Name)


class EuvdRecord(msgspec.Struct, rename="camel"):
    """aliases and references hold one per line; epss is FIRST's probability times 100; base_score -1: none."""

    id: str
    description: str = ""
    date_published: str = ""
    date_updated: str = ""
    base_score: float | None = None
    base_score_version: str = ""
    base_score_vector: str = ""
    references: str = ""
    aliases: str = ""
    epss: float | None = None
    exploited_since: str = ""
    products: list[ListedProduct] = msgspec.field(default=[], name="enisaIdProduct")
    vendors: list[ListedVendor] = msgspec.field(default=[], name="enisaIdVendor")


class KevListing(msgspec.Struct, rename="camel"):
    """One entry of the dump of all known-exploited lists, with the names of those that it is on."""

    cve_id: str | None = None
    euvd_id: str | None = None
    date_added: str | None = None
    sources: list[str] = []


PARSER_VERSION = 1

CVE_ID = re.compile(r"CVE-\d{4}-\d{4,19}")
EUVD_ID = re.compile(r"EUVD-\d{4}-\d{1,19}")
EU_LISTS = frozenset({"eukev_kev", "eu_kev"})  # as seen, as documented
_CVSS_VERSIONS = frozenset({"2.0", "3.0", "3.1", "4.0"})


def parse_record(key: str, raw: bytes) -> Parsed:
    """One claim per CVE that the record is an alias of; without one, a claim under its own id."""
    record, mended = decode_or_mend(raw, EuvdRecord)
    if record.id != key:
        raise ParseError(f"it calls itself {record.id[:40]!r}")
    aliases = list(dict.fromkeys(_lines(record.aliases)))
    cves = [alias for alias in aliases if CVE_ID.fullmatch(alias)]
    others = [alias for alias in aliases if alias not in cves]
    vendors = tuple(dict.fromkeys([listed.vendor.name for listed in record.vendors if listed.vendor.name]))
    claim = Claim(
        description=record.description.strip(),
        published_at=_instant("datePublished", record.date_published, mended),
        modified_at=_instant("dateUpdated", record.date_updated, mended),
        scores=tuple(_scores(record, mended)),
        vendors=vendors,
        products=tuple(dict.fromkeys([listed.product.name for listed in record.products if listed.product.name])),
        affected=_affected(record.products, vendors[0] if len(vendors) == 1 else ""),
        references=tuple([ReferenceClaim(url) for url in dict.fromkeys(_lines(record.references))]),
        aliases=tuple([key, *others] if cves else others),
        exploitation=_exploitation(record, mended),
        epss=_epss(record, mended),
    )
    return Parsed([(name, claim) for name in cves or [key]], mended)


def parse_mapping(raw: bytes) -> Parsed:
    """A line "EUVD id,CVE id" of the mapping."""
    euvd_id, _, cve_id = raw.decode("utf-8", "replace").partition(",")
    return Parsed([(cve_id, Claim(aliases=(euvd_id,)))])


def parse_kev(key: str, raw: bytes) -> Parsed:
    """An entry of the EU's own list. What only CISA lists is CISA's word, and is not taken from here."""
    listing = decode(raw, KevListing)
    if EU_LISTS.isdisjoint(listing.sources):
        raise ParseError("no list of the EU names it")
    mended: list[str] = []
    since = _day("dateAdded", listing.date_added or "", mended)
    return Parsed([(key, Claim(exploitation=(Exploitation("eu-kev", since),)))], mended)


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def _instant(name: str, text: str, mended: list[str]) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except ValueError as error:
        mended.append(f"{name}: {error}")
        return None


def _day(name: str, text: str, mended: list[str]) -> date | None:
    moment = _instant(name, text, mended)
    return moment.date() if moment else None


def _scores(record: EuvdRecord, mended: list[str]) -> Iterator[Score]:
    if not record.base_score_vector:
        return
    if record.base_score_version not in _CVSS_VERSIONS:
        mended.append(f"baseScoreVersion: {record.base_score_version[:40]!r} is none that is known")
        return
    stated = record.base_score if record.base_score is not None and record.base_score >= 0 else None
    yield Score(Origin.EUVD, record.base_score_version, record.base_score_vector, stated)


def _affected(listed: list[ListedProduct], only_vendor: str) -> tuple[Affected, ...]:
    """Each product once, with all its versions. A product that names no vendor is of the record's only one."""
    versions: dict[tuple[str, str], dict[str, None]] = {}
    for entry in listed:
        vendor = entry.product.vendor.name if entry.product.vendor else only_vendor
        of_product = versions.setdefault((vendor, entry.product.name), {})
        if entry.product_version:
            of_product[entry.product_version] = None
    return tuple(
        [
            Affected(vendor=vendor, product=product, versions=tuple(said))
            for (vendor, product), said in versions.items()
            if product
        ]
    )


def _exploitation(record: EuvdRecord, mended: list[str]) -> tuple[Exploitation, ...]:
    """That the field is there is the statement; its date may be wrong."""
    if not record.exploited_since:
        return ()
    return (Exploitation("euvd", _day("exploitedSince", record.exploited_since, mended)),)


def _epss(record: EuvdRecord, mended: list[str]) -> float | None:
    if record.epss is None or 0 <= record.epss <= 100:
        return None if record.epss is None else round(record.epss / 100, 6)
    mended.append(f"epss: {record.epss} is no percentage")
    return None
