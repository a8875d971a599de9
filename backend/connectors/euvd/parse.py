"""Parsing of EUVD's records, of its mapping of ids and of the EU's list of exploited vulnerabilities into claims.

Of the answers only the fields used are declared, all of them optional.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from backend.connectors.connector import Parsed, ParseError
from backend.connectors.decoding import decode_or_mend, instant_of
from backend.domain.canonical import is_cve_id
from backend.domain.claims import Affected, Claim, Exploitation, Origin, ReferenceClaim, Score


class Name(msgspec.Struct):
    name: str = ""


class EuvdProduct(msgspec.Struct):
    """A product. vendor: present in answers since 2026."""

    name: str = ""
    vendor: Name | None = None


class ListedProduct(msgspec.Struct):
    product: EuvdProduct = msgspec.field(default_factory=EuvdProduct)
    product_version: str = ""


class ListedVendor(msgspec.Struct):
    vendor: Name = msgspec.field(default_factory=Name)


class EuvdRecord(msgspec.Struct, rename="camel"):
    """A record. aliases, references: one per line; epss: FIRST's probability times 100; base_score: -1 for none."""

    id: str
    description: str = ""
    date_published: str = ""
    date_updated: str = ""
    base_score: float | None = None
    base_score_version: str = ""
    base_score_vector: str = ""
    references: str = ""
    aliases: str | None = ""
    epss: float | None = None
    exploited_since: str = ""
    products: list[ListedProduct] = msgspec.field(default=[], name="enisaIdProduct")
    vendors: list[ListedVendor] = msgspec.field(default=[], name="enisaIdVendor")


class EuvdKevListing(msgspec.Struct, rename="camel"):
    """One entry of the dump of all known-exploited lists, with the names of its lists."""

    cve_id: str | None = None
    euvd_id: str | None = None
    date_added: str | None = None
    sources: list[str] = []


PARSER_VERSION = 1

EU_LISTS = frozenset({"eukev_kev", "eu_kev"})  # as observed, as documented
_CVSS_VERSIONS = frozenset({"2.0", "3.0", "3.1", "4.0"})


def parse_record(key: str, raw: bytes) -> Parsed:
    """Parse a record: one claim for each CVE id among its aliases; without one, a claim under its own id.

    Raises:
        ParseError: it has another id, or its aliases cannot be read: it is not known what it is about.
    """
    record, mended = decode_or_mend(raw, EuvdRecord)
    if record.id != key:
        raise ParseError(f"the record has the id {record.id[:40]!r}")
    if odd := [message for message in mended if message.startswith("aliases")]:
        raise ParseError("; ".join(odd))
    aliases = list(dict.fromkeys(_lines(record.aliases or "")))
    cves = [alias for alias in aliases if is_cve_id(alias)]
    others = [alias for alias in aliases if alias not in cves]
    vendors = tuple(dict.fromkeys([listed.vendor.name for listed in record.vendors if listed.vendor.name]))
    claim = Claim(
        description=record.description.strip(),
        published_at=instant_of("datePublished", record.date_published, mended),
        modified_at=instant_of("dateUpdated", record.date_updated, mended),
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
    """Parse a line "EUVD id,CVE id" of the mapping."""
    euvd_id, _, cve_id = raw.decode("utf-8", "replace").partition(",")
    return Parsed([(cve_id, Claim(aliases=(euvd_id,)))])


def parse_kev(key: str, raw: bytes) -> Parsed:
    """Parse an entry of the EU's own list. Entries on CISA's list only are left to the CISA source."""
    listing, mended = decode_or_mend(raw, EuvdKevListing)
    if EU_LISTS.isdisjoint(listing.sources):
        raise ParseError("it is not on a list of the EU")
    since = _day("dateAdded", listing.date_added or "", mended)
    return Parsed([(key, Claim(exploitation=(Exploitation("eu-kev", since),)))], mended)


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def _day(name: str, text: str, mended: list[str]) -> date | None:
    moment = instant_of(name, text, mended)
    return moment.date() if moment else None


def _scores(record: EuvdRecord, mended: list[str]) -> Iterator[Score]:
    if not record.base_score_vector:
        return
    if record.base_score_version not in _CVSS_VERSIONS:
        mended.append(f"baseScoreVersion: {record.base_score_version[:40]!r} is not a known version")
        return
    stated = record.base_score if record.base_score is not None and record.base_score >= 0 else None
    yield Score(Origin.EUVD, record.base_score_version, record.base_score_vector, stated)


def _affected(listed: list[ListedProduct], only_vendor: str) -> tuple[Affected, ...]:
    """Each product once, with all its versions. A product without vendor gets the record's, if it has only one."""
    versions: dict[tuple[str, str], dict[str, None]] = {}
    for entry in listed:
        vendor = entry.product.vendor.name if entry.product.vendor else only_vendor
        product_versions = versions.setdefault((vendor, entry.product.name), {})
        if entry.product_version:
            product_versions[entry.product_version] = None
    return tuple(
        [
            Affected(vendor=vendor, product=product, versions=tuple(stated))
            for (vendor, product), stated in versions.items()
            if product
        ]
    )


def _exploitation(record: EuvdRecord, mended: list[str]) -> tuple[Exploitation, ...]:
    """The presence of the field is the statement, even if its date is not valid."""
    if not record.exploited_since:
        return ()
    return (Exploitation("euvd", _day("exploitedSince", record.exploited_since, mended)),)


def _epss(record: EuvdRecord, mended: list[str]) -> float | None:
    if record.epss is None or 0 <= record.epss <= 100:
        return None if record.epss is None else round(record.epss / 100, 6)
    mended.append(f"epss: {record.epss} is not a percentage")
    return None
