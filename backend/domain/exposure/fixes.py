"""The versions in which a vulnerability is fixed, from the statements of all sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cmp_to_key
from typing import NamedTuple

from backend.contract.names import Source
from backend.domain.exposure.conditions import System
from backend.domain.exposure.statements import ProductStatements, Statement
from backend.domain.versions import order_surely
from backend.domain.versions.segments import Status

_SAY_NOTHING = ("", "-", "*", System.OTHER)


class Fix(NamedTuple):
    """Fixed versions that hold for some products. products: "vendor product" with its condition in brackets."""

    products: tuple[str, ...]
    versions: tuple[str, ...]
    sources: tuple[Source, ...]


def fixes_of(stated: Iterable[ProductStatements]) -> tuple[Fix, ...]:
    """The fixed versions that are stated; products with the same ones are named together."""
    products: defaultdict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    sources: defaultdict[tuple[str, ...], dict[Source, None]] = defaultdict(dict)
    for product in stated:
        for statement in product.statements:
            if versions := _sorted(_fixed_versions(statement)):
                products[versions][f"{product.product.vendor} {product.product.product}{_brackets(statement)}"] = None
                sources[versions][statement.source] = None
    return tuple(Fix(tuple(names), versions, tuple(sources[versions])) for versions, names in products.items())


def _fixed_versions(statement: Statement) -> Iterator[str]:
    for segment in statement.segments:
        if segment.fixed_in and segment.status is Status.AFFECTED:
            yield segment.fixed_in


def _sorted(versions: Iterable[str]) -> tuple[str, ...]:
    """Each once, lowest first; those that cannot be compared stay in the source's order."""
    return tuple(sorted(dict.fromkeys(versions), key=cmp_to_key(_order)))


def _order(a: str, b: str) -> int:
    return order_surely(a, b) or 0


def _brackets(statement: Statement) -> str:
    condition = statement.condition
    words = [condition.edition, condition.target.replace("_", " "), *condition.platforms]
    named = [word for word in words if word not in _SAY_NOTHING]
    return f" ({', '.join(named)})" if named else ""
