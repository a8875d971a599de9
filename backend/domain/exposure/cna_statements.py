"""Statements from `affected` of the CVE record, as CNAs and CISA fill it in, and from EUVD's texts.

Claims keep a version as text in one notation (`connectors.cna_products`), which is read back here. A product is filed
under its own name and under its CPE names, of which the versions are left out: the list of versions says more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from backend.contract.names import Source
from backend.domain.claims import Affected, Origin
from backend.domain.exposure.conditions import System, systems_in_name, systems_of
from backend.domain.exposure.cpe_statements import ALL_VERSIONS, NOT_APPLICABLE, CpeSubject, subject_of
from backend.domain.exposure.editions import by_edition
from backend.domain.exposure.statements import Condition, Statement
from backend.domain.exposure.system_texts import RecordTexts
from backend.domain.products.product import ProductKey
from backend.domain.purl import package_key, package_name
from backend.domain.versions import VersionRange
from backend.domain.versions.segments import Segment, Status
from backend.domain.versions.stated import StatedVersion, read_versions, status_of

_STATUS = re.compile(r"(unaffected|unknown): (.*)", re.DOTALL)
_CHANGE = re.compile(r", (affected|unaffected|unknown) from ")
_BODY = re.compile(
    r"all(?: before (?P<before>.+)| up to (?P<up_to>.+))?"
    r"|(?P<start>.+?) (?:to before (?P<start_before>.+)|to (?P<start_up_to>\S+)|and later)",
    re.DOTALL,
)


def cna_statements(
    products: Iterable[Affected], source: Source, texts: RecordTexts
) -> Iterator[tuple[ProductKey, Statement, str]]:
    """The statements of one record, one for each name of a product, with the product's package URL.

    Args:
        products: of the record; further CPE names of a product follow it.
        source: whose record it is.
        texts: of all records, for what no product names its systems.
    """
    entries = list(_with_names(products))
    named_systems = _systems_of_cna([entry for entry, _ in entries])
    for entry, cpes in entries:
        origin = entry.origin or (Origin.EUVD if source is Source.EUVD else Origin.CNA)
        subjects = [subject for cpe in cpes if (subject := subject_of(cpe)) is not None]
        names = f"{entry.vendor} {entry.product}"
        segments = read_versions(_entries(entry), names) or _without_versions(entry, subjects)
        statement = Statement(
            source,
            origin,
            segments,
            _default_status(entry, segments),
            _condition(entry, subjects, named_systems if origin is Origin.CISA_ADP else ()),
        )
        package = package_key(entry.purl)
        named = ProductKey.of(entry.vendor, entry.product or entry.package or package_name(entry.purl))
        if named.vendor and named.product:
            limited = replace(statement, condition=texts.limited(statement.condition, named))
            for product, of_edition in by_edition(named, limited, texts):
                yield product, of_edition, package
        for key, condition in {subject.key: subject.condition for subject in subjects}.items():
            if key.spelling != named.spelling:
                condition = replace(condition, platforms=statement.condition.platforms)
                yield key, replace(statement, condition=texts.limited(condition, key, named)), package


def _condition(entry: Affected, subjects: Sequence[CpeSubject], named_systems: tuple[System, ...]) -> Condition:
    """Where a product is affected: by its platforms, its name, else the target software of all its CPE names.

    named_systems: of the CNA's products, for an entry of CISA.
    """
    if platforms := systems_of(entry.platforms) or named_systems or systems_in_name(entry.product):
        return Condition(platforms=platforms)
    targets = dict.fromkeys(subject.condition.target for subject in subjects)
    if len(targets) == 1:
        return Condition(target=next(iter(targets)))
    return Condition(platforms=systems_of(tuple(targets)))


def _default_status(entry: Affected, segments: Sequence[Segment]) -> Status:
    """The stated default, or "affected" where a product has fixed versions only ("unaffected from 154 on").

    Without a default the record format means "unknown", but such a record would call nothing affected.
    """
    only_fixes = all(segment.status is Status.UNAFFECTED and not segment.doubt for segment in segments)
    if entry.default_status or not only_fixes or not any(map(_is_open, segments)):
        return status_of(entry.default_status)
    return Status.AFFECTED


def _is_open(segment: Segment) -> bool:
    return segment.range.start != "" and segment.range.end == ""


def _systems_of_cna(entries: Sequence[Affected]) -> tuple[System, ...]:
    """The systems of all products of the CNA, if each is named by its system.

    CISA repeats them without it: "Firefox for iOS" as "firefox".
    """
    systems = [systems_in_name(entry.product) for entry in entries if entry.origin is not Origin.CISA_ADP]
    return tuple(dict.fromkeys(system for named in systems for system in named)) if all(systems) else ()


def _with_names(products: Iterable[Affected]) -> Iterator[tuple[Affected, list[str]]]:
    """The products with all their CPE names, of which all but the first are entries of their own without versions."""
    current: Affected | None = None
    cpes: list[str] = []
    for entry in products:
        if current is not None and _is_further_name(entry, current):
            cpes.append(entry.cpe)
            continue
        if current is not None:
            yield current, cpes
        current, cpes = entry, [entry.cpe]
    if current is not None:
        yield current, cpes


def _is_further_name(entry: Affected, product: Affected) -> bool:
    return (
        entry.cpe != ""
        and not (entry.versions or entry.default_status or entry.platforms)
        and (entry.vendor, entry.product, entry.package, entry.purl, entry.origin)
        == (product.vendor, product.product, product.package, product.purl, product.origin)
    )


def _without_versions(entry: Affected, subjects: Sequence[CpeSubject]) -> tuple[Segment, ...]:
    """What a product without a list of versions states: the versions of its CPE names, else all."""
    if entry.default_status == "unaffected":
        return ()
    named = [subject.version for subject in subjects if subject.version not in ("", "*", NOT_APPLICABLE)]
    return tuple([Segment(VersionRange.exactly(version)) for version in dict.fromkeys(named)]) or (ALL_VERSIONS,)


def read_entry(text: str, version_type: str) -> StatedVersion:
    """Read the notation in which claims keep an item of `versions[]` (`connectors.cna_products`)."""
    body, *changed = _CHANGE.split(text)
    changes = tuple(zip(changed[1::2], changed[::2], strict=True))
    status = "affected"
    if marked := _STATUS.fullmatch(body):
        status, body = marked[1], marked[2]
    found = _BODY.fullmatch(body)
    if found is None:
        return StatedVersion(body, status, version_type=version_type, changes=changes)
    start = found["start"] or ("" if body.startswith("all ") else "*")
    before, up_to = found["before"] or found["start_before"] or "", found["up_to"] or found["start_up_to"] or ""
    if found["start"] and not (before or up_to):
        before = "*"
    return StatedVersion(start, status, before, up_to, version_type, changes)


def _entries(product: Affected) -> Iterator[StatedVersion]:
    for text in product.versions:
        yield (
            read_entry(text, product.version_type)
            if " " in text
            else StatedVersion(text, version_type=product.version_type)
        )
