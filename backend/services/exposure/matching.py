"""Matching of installed products with the statements of all sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection

from backend.domain.exposure.conditions import Subject, applies, is_for_other_systems
from backend.domain.exposure.verdicts import Judgement, judge, judge_for_other_systems
from backend.domain.products.product import ProductKey
from backend.store.repositories.products import ProductRepository
from backend.store.repositories.statements import StatementRepository, StatementRow, read_statements

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


_Found = Mapping[tuple[str, str], Iterable[StatementRow]]
"""The statements about products, by the spelling of their keys."""

_Part = tuple[ProductKey, bytes]
"""The stored statements about one key of a product in one vulnerability."""


def _statements_of(connection: Connection, keys: Collection[ProductKey]) -> _Found:
    numbers = ProductRepository(connection).numbers({key.spelling for key in keys})
    rows = StatementRepository(connection).of_products(numbers.values())
    return {spelling: rows.get(number, ()) for spelling, number in numbers.items()}


def _judged(product: InstalledProduct, statements: _Found) -> dict[int, Judgement]:
    parts: defaultdict[int, list[_Part]] = defaultdict(list)
    for key in product.keys:
        for vulnerability, frame in statements.get(key.spelling, ()):
            parts[vulnerability].append((key, frame))
    judged = {
        vulnerability: _judge(product.version, product.subject, tuple(found)) for vulnerability, found in parts.items()
    }
    return {number: judgement for number, judgement in judged.items() if judgement is not None}


@lru_cache(maxsize=2**14)  # one release repairs many vulnerabilities, and an update leaves most statements as they are
def _judge(version: str, subject: Subject, parts: tuple[_Part, ...]) -> Judgement | None:
    stated = [(key, statement) for key, frame in parts for statement in read_statements(frame)]
    here = [statement for key, statement in stated if applies(statement.condition, key, subject)]
    return judge(version, here, subject) or judge_for_other_systems(
        statement for key, statement in stated if is_for_other_systems(statement.condition, key, subject)
    )
