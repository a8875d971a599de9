"""Matching of installed products with the statements of all sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from backend.domain.exposure.conditions import Subject, applies
from backend.domain.exposure.statements import Statement
from backend.domain.exposure.verdicts import Judgement, judge
from backend.domain.products.product import ProductKey
from backend.store.repositories.products import ProductRepository
from backend.store.repositories.statements import StatementRepository

AT_ONCE = 50
"""Installed products whose statements are held in memory together."""


@dataclass(frozen=True)
class InstalledProduct:
    """What is matched. version: as the records state versions; "": not known."""

    keys: tuple[ProductKey, ...]
    version: str
    subject: Subject


def match(connection: Connection, products: Sequence[InstalledProduct]) -> list[Mapping[int, Judgement]]:
    """The judgement on each product, by the number of the vulnerability (vulnerabilities.id).

    Vulnerabilities that do not affect it are among them: that a source says so is worth showing.
    """
    found: list[Mapping[int, Judgement]] = []
    for start in range(0, len(products), AT_ONCE):
        portion = products[start : start + AT_ONCE]
        statements = _statements_of(connection, {key for product in portion for key in product.keys})
        found += [_judged(product, statements) for product in portion]
    return found


_Found = Mapping[tuple[str, str], Iterable[tuple[int, tuple[Statement, ...]]]]
"""The statements of each vulnerability, by the spelling of the product."""


def _statements_of(connection: Connection, keys: Collection[ProductKey]) -> _Found:
    numbers = ProductRepository(connection).numbers({key.spelling for key in keys})
    rows = StatementRepository(connection).of_products(numbers.values())
    return {spelling: rows.get(number, ()) for spelling, number in numbers.items()}


def _judged(product: InstalledProduct, statements: _Found) -> dict[int, Judgement]:
    by_vulnerability: defaultdict[int, list[Statement]] = defaultdict(list)
    for key in product.keys:
        for vulnerability, stated in statements.get(key.spelling, ()):
            by_vulnerability[vulnerability] += [
                statement for statement in stated if applies(statement.condition, key, product.subject)
            ]
    judged = {number: judge(product.version, stated) for number, stated in by_vulnerability.items()}
    return {number: judgement for number, judgement in judged.items() if judgement is not None}
