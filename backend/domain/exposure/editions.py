"""Editions with versions of their own that a CNA states among those of the product itself.

Mozilla calls "Firefox" unaffected from 115.39 to 115.*, from 140.14 to 140.* and from 154 on; only the description says
that the first two are Firefox ESR.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from backend.domain.exposure.conditions import SEPARATE_EDITIONS, edition_of
from backend.domain.exposure.statements import Statement
from backend.domain.exposure.system_texts import RecordTexts
from backend.domain.products.product import ProductKey
from backend.domain.versions import VersionRange
from backend.domain.versions.segments import Segment, Status


def by_edition(product: ProductKey, statement: Statement, texts: RecordTexts) -> Iterator[tuple[ProductKey, Statement]]:
    """The statement as it is, or apart for the product and for each edition whose fixed versions the texts name."""
    fixes = [segment for segment in statement.segments if _is_fix(segment)]
    editions = () if edition_of(product.product) or not fixes else SEPARATE_EDITIONS
    for edition in editions:
        key = ProductKey(product.vendor, f"{product.product} {edition}")
        named = texts.versions_behind(key.product)
        if any(fix.range.start in named for fix in fixes):
            yield key, statement
            fixes = [fix for fix in fixes if fix.range.start not in named]
            statement = replace(statement, segments=(*statement.segments, *map(_before, fixes)))
    yield product, statement


def _is_fix(segment: Segment) -> bool:
    return segment.status is Status.UNAFFECTED and segment.range.start != "" and not segment.range.is_exact


def _before(fix: Segment) -> Segment:
    """What a fixed version of the product itself mends: the next higher one may be that of an edition."""
    return Segment(VersionRange("", fix.range.start, scheme=fix.range.scheme), fixed_in=fix.range.start)
