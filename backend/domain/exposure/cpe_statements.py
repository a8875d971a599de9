"""Statements from the configurations of NVD: CPE match strings with ranges (CPE Applicability, NISTIR 7698).

Only vulnerable products are subjects. A product that belongs to a vulnerable configuration without being vulnerable
itself, such as the system that a program runs on, is a condition of the statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from backend.contract.names import Source
from backend.domain.claims import Affected, Origin
from backend.domain.cpe import ANY, NA, InvalidCpe, Logical, Value, bound_of, literal, parse, version_of
from backend.domain.exposure.statements import Condition, Statement
from backend.domain.exposure.system_texts import RecordTexts
from backend.domain.products.product import ProductKey
from backend.domain.versions import Doubt, Segment, VersionRange, separate_branches

ALL_VERSIONS = Segment()
NOT_APPLICABLE = NA.value
"""As a version: the product has none (NISTIR 7695, section 5.3.2)."""


class CpeSubject(NamedTuple):
    """The product of a CPE name, with what of the name are conditions.

    Hardware is left out: the ranges of a product do not differ by processor.

    Attributes:
        version: with its update; "*": any, "-": none, "": a pattern.
        update: of a name that leaves the version open: it belongs to the end of the range.
    """

    key: ProductKey
    version: str
    update: str
    condition: Condition


@lru_cache(maxsize=2**13)  # the records of one product repeat its versions
def subject_of(cpe: str) -> CpeSubject | None:
    """Read a CPE name; None for text that is none, or names no product."""
    try:
        name = parse(cpe)
    except InvalidCpe:
        return None
    named = _product(name.part, name.vendor, name.product, name.edition, name.sw_edition, name.target_sw)
    version = name.version.value if isinstance(name.version, Logical) else version_of(name)
    return named and CpeSubject(named[0], version, literal(name.update) if name.version is ANY else "", named[1])


@lru_cache(maxsize=2**14)  # a record names few products, each in many versions
def _product(
    part: Value, vendor: Value, product: Value, edition: Value, software_edition: Value, target: Value
) -> tuple[ProductKey, Condition] | None:
    key = ProductKey.of(literal(vendor), literal(product))
    if not (key.vendor and key.product):
        return None
    chosen = NA.value if software_edition is NA else literal(software_edition) or literal(edition)
    return key, Condition(literal(part), chosen, literal(target))


def cpe_statements(products: Iterable[Affected], texts: RecordTexts) -> Iterator[tuple[ProductKey, Statement]]:
    """The statements of NVD's configurations, one for each product and condition.

    texts: of all records, for products without target software and system.
    """
    entries = list(products)
    running_on = _running_on(entries)
    segments: defaultdict[tuple[ProductKey, Condition], dict[Segment, None]] = defaultdict(dict)
    for entry in entries:
        subject = subject_of(entry.cpe) if entry.vulnerable else None
        if subject is None:
            continue
        condition = subject.condition
        if systems := running_on.get(entry.configuration):
            condition = Condition(condition.part, condition.edition, condition.target, running_on=systems)
        segments[subject.key, condition][_segment(entry, subject)] = None
    for (key, condition), stated in segments.items():
        limited = texts.limited(condition, key)
        yield key, Statement(Source.NVD, Origin.NVD, separate_branches(tuple(stated)), condition=limited)


def _running_on(entries: list[Affected]) -> dict[int, tuple[str, ...]]:
    """By configuration, the products of which one is needed beside the vulnerable ones, without hardware."""
    systems: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for entry in entries:
        if entry.configuration and not entry.vulnerable:
            subject = subject_of(entry.cpe)
            if subject is not None and subject.condition.part != "h":
                systems[entry.configuration][str(subject.key)] = None
    return {number: tuple(names) for number, names in systems.items()}


def _segment(entry: Affected, subject: CpeSubject) -> Segment:
    including, excluding = bound_of(entry.version_start_including), bound_of(entry.version_start_excluding)
    start = including or excluding
    end = bound_of(entry.version_end_including or entry.version_end_excluding)
    if start or end:
        if end and subject.update:
            end = f"{end} {subject.update}"
        inclusive = entry.version_end_including != ""
        bounds = VersionRange(start, end, including == start, inclusive)
        return Segment(bounds, fixed_in="" if inclusive else end)
    if subject.version in ("*", ""):
        return ALL_VERSIONS if subject.version else Segment(doubt=Doubt.UNREADABLE)
    return Segment(VersionRange.exactly(subject.version))
