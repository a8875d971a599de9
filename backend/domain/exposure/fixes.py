"""The versions in which a vulnerability is fixed, from the statements of all sources."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cmp_to_key
from typing import NamedTuple

from backend.contract.names import Source
from backend.contract.vulnerabilities import name_of
from backend.domain.exposure.conditions import System
from backend.domain.exposure.statements import ProductStatements, Statement
from backend.domain.products.product import ProductKey
from backend.domain.versions import order_surely
from backend.domain.versions.segments import Status

_ESCAPED = re.compile(r"\\(.)")
_COMMIT = re.compile(r"(?=.*[a-f])[0-9a-f]{7,40}", re.IGNORECASE)
"""A commit hash, which is no released version."""
_SAY_NOTHING = ("", "-", "*", System.OTHER)


class Fix(NamedTuple):
    """Fixed versions that hold for some products. products: "vendor product" with its condition in brackets."""

    products: tuple[str, ...]
    versions: tuple[str, ...]
    sources: tuple[Source, ...]


def fixes_of(stated: Iterable[ProductStatements]) -> tuple[Fix, ...]:
    """The fixed versions that are stated; products with the same ones are named together."""
    spellings: dict[tuple[str, ...], tuple[str, ...]] = {}
    products: defaultdict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    sources: defaultdict[tuple[str, ...], dict[Source, None]] = defaultdict(dict)
    for product in stated:
        for statement in product.statements:
            versions = _sorted(_fixed_versions(statement))
            plain = tuple(version.casefold().removeprefix("v") for version in versions)
            if plain:
                spellings.setdefault(plain, versions)
                products[plain][_name(product.product, statement)] = None
                sources[plain][statement.source] = None
    return tuple(Fix(tuple(names), spellings[plain], tuple(sources[plain])) for plain, names in products.items())


def _fixed_versions(statement: Statement) -> Iterator[str]:
    for segment in statement.segments:
        if segment.fixed_in and segment.status is Status.AFFECTED and not _COMMIT.fullmatch(segment.fixed_in):
            yield segment.fixed_in


def _sorted(versions: Iterable[str]) -> tuple[str, ...]:
    """Each once, lowest first; those that cannot be compared stay in the source's order."""
    return tuple(sorted(dict.fromkeys(versions), key=cmp_to_key(_order)))


def _order(a: str, b: str) -> int:
    return order_surely(a, b) or 0


def _name(product: ProductKey, statement: Statement) -> str:
    """The product with the editions and systems that the statement is about; some CNAs write CPE's escapes."""
    name = _ESCAPED.sub(r"\1", name_of(product.vendor, product.product))
    condition = statement.condition
    words = [condition.edition, condition.target.replace("_", " "), *condition.platforms]
    named = [word for word in words if word not in _SAY_NOTHING]
    return f"{name} ({', '.join(named)})" if named else name
