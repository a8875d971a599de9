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
from backend.domain.versions.segments import Segment, Status


def by_edition(product: ProductKey, statement: Statement, texts: RecordTexts) -> Iterator[tuple[ProductKey, Statement]]:
    """The statement as it is, or apart for the product and for each edition whose fixed versions the texts name."""
    fixes = {segment.range.start for segment in statement.segments if _is_fix(segment)}
    editions = () if edition_of(product.product) or not fixes else SEPARATE_EDITIONS
    others = fixes
    for edition in editions:
        key = ProductKey(product.vendor, f"{product.product} {edition}")
        if own := fixes.intersection(texts.versions_behind(key.product)):
            others = others - own
            yield key, statement
    yield product, replace(statement, segments=tuple(_without_fixes(statement, fixes - others)))


def _is_fix(segment: Segment) -> bool:
    return segment.status is Status.UNAFFECTED and segment.range.start != "" and not segment.range.is_exact


def _without_fixes(statement: Statement, versions: set[str]) -> Iterator[Segment]:
    return (segment for segment in statement.segments if not (_is_fix(segment) and segment.range.start in versions))
