"""Statements from the configurations of NVD: CPE match strings with ranges (CPE Applicability, NISTIR 7698).

Only vulnerable products are subjects. A product that belongs to a vulnerable configuration without being vulnerable
itself, such as the system that a program runs on, is a condition of the statement.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from backend.contract.names import Source
from backend.domain.claims import Affected, Origin
from backend.domain.exposure.statements import Condition, Statement
from backend.domain.products.product import ProductKey
from backend.domain.versions import VersionRange
from backend.domain.versions.segments import Segment

_ESCAPED = re.compile(r"\\(.)")
_LOGICAL = frozenset({"*", "-", ""})
_COMPONENTS = 11  # "cpe", "2.3", part, vendor, product, version, update, edition, language, sw_edition, target_sw
_ESCAPED_COLON = "\\\0"
ALL_VERSIONS = Segment()
NOT_APPLICABLE = "-"
"""As a version: the product has none (NISTIR 7695, section 5.3.2)."""


class Subject(NamedTuple):
    """The product of a CPE name, with what of the name are conditions. version: with its update, or "*" or "-".

    Hardware is left out: the ranges of a product do not differ by processor.
    """

    key: ProductKey
    version: str
    condition: Condition


@lru_cache(maxsize=2**14)  # a record names few products, each in many versions
def _product(
    part: str, vendor: str, product: str, edition: str, software_edition: str, target: str
) -> tuple[ProductKey, Condition] | None:
    key = ProductKey.of(vendor, product)
    if vendor in _LOGICAL or product in _LOGICAL or not (key.vendor and key.product):
        return None
    chosen = software_edition if software_edition not in ("*", "") else _stated(edition)
    return key, Condition(part, chosen, _stated(target))


def _stated(component: str) -> str:
    return "" if component in _LOGICAL else component


def subject_of(cpe: str) -> Subject | None:
    """Read a CPE 2.3 name; None for one that names no product."""
    parts = _split(cpe) if "\\" in cpe else cpe.split(":", _COMPONENTS)
    if len(parts) < _COMPONENTS:
        parts += ["*"] * (_COMPONENTS - len(parts))
    _, _, part, vendor, product, version, update, edition, _, software_edition, target = parts[:_COMPONENTS]
    named = _product(part, vendor, product, edition, software_edition, target)
    return named and Subject(named[0], version if update in _LOGICAL else f"{version}:{update}", named[1])


def _split(cpe: str) -> list[str]:
    """The components of a name with escaped characters, of which colons do not separate."""
    parts = cpe.replace("\\:", _ESCAPED_COLON).split(":", _COMPONENTS)
    return [_ESCAPED.sub(r"\1", part).replace("\0", ":") if "\\" in part else part for part in parts]


def cpe_statements(products: Iterable[Affected]) -> Iterator[tuple[ProductKey, Statement]]:
    """The statements of NVD's configurations, one for each product and condition."""
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
        segments[subject.key, condition][_segment(entry, subject.version)] = None
    for (key, condition), stated in segments.items():
        yield key, Statement(Source.NVD, Origin.NVD, tuple(stated), condition=condition)


def _running_on(entries: list[Affected]) -> dict[int, tuple[str, ...]]:
    """By configuration, the products of which one is needed beside the vulnerable ones, without hardware."""
    systems: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for entry in entries:
        if entry.configuration and not entry.vulnerable:
            subject = subject_of(entry.cpe)
            if subject is not None and subject.condition.part != "h":
                systems[entry.configuration][str(subject.key)] = None
    return {number: tuple(names) for number, names in systems.items()}


def _segment(entry: Affected, version: str) -> Segment:
    start = entry.version_start_including or entry.version_start_excluding
    end = entry.version_end_including or entry.version_end_excluding
    if start or end:
        inclusive = entry.version_end_including != ""
        bounds = VersionRange(start, end, entry.version_start_including == start, inclusive)
        return Segment(bounds, fixed_in="" if inclusive else end)
    return ALL_VERSIONS if version == "*" else Segment(VersionRange.exactly(version))
