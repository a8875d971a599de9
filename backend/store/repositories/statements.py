"""The statements about products, one row for each product of a vulnerability: the index of all matching.

Rows are found by product, so that a program's statements stand side by side. They are derived from the claims like the
merged rows, and written in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, select

from backend.domain.exposure.encoding import decode_statements, encode_statements
from backend.domain.exposure.statements import ProductStatements, Statement
from backend.domain.products.product import ProductKey
from backend.store.compression import Compressor, damaged, decompress
from backend.store.dialects.bulk import insert_rows, like, one_of, staged, temporary_table, upsert
from backend.store.exposure_tables import product_statements
from backend.store.repositories.inventories import want_programs_of
from backend.store.repositories.products import ProductRepository
from backend.store.tables import vulnerabilities

LONG = 120
"""Bytes from which on statements are compressed."""
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"  # RFC 8878, section 3.1.1; MessagePack's arrays begin otherwise

_ROW = product_statements.c
_COLUMNS = tuple(column.name for column in _ROW)
_incoming = temporary_table("incoming_statements", *(like(column) for column in _ROW))
_DELETE = delete(product_statements).where(
    _ROW.product_id == bindparam("product"), _ROW.vulnerability == bindparam("number")
)

StatementsOf = Mapping[str, Sequence[ProductStatements]]
"""The statements in some vulnerabilities, by their ids."""


class StatementRow(NamedTuple):
    """vulnerability: vulnerabilities.id. frame: the statements as they are stored, see `read_statements`."""

    vulnerability: int
    frame: bytes


@dataclass
class StatementChanges:
    """What is written of statements, computed before the transaction. Each row: vulnerability, product, stored form.

    new: rows that are not stored. known: rows that are or may be stored. gone: rows without statements any more.
    """

    products: set[ProductKey] = field(default_factory=set)
    packages: set[tuple[ProductKey, str]] = field(default_factory=set)
    new: list[tuple[str, ProductKey, bytes]] = field(default_factory=list)
    known: list[tuple[str, ProductKey, bytes]] = field(default_factory=list)
    gone: list[tuple[str, ProductKey]] = field(default_factory=list)


def statement_changes(statements: StatementsOf, *, before: StatementsOf | None) -> StatementChanges:
    """Compare the statements in some vulnerabilities with the stored ones.

    Args:
        statements: those that are there from now on.
        before: the stored ones; of vulnerabilities that are absent in `statements`, none remain. None: there are none,
            or the same from an earlier attempt.
    """
    changes, compressor, stored = StatementChanges(), Compressor(None), before or {}
    for name, made in statements.items():
        old = {stated.product.spelling: stated for stated in stored.get(name, ())}
        for stated in made:
            if (known := old.pop(stated.product.spelling, None)) == stated:
                continue
            changes.products.add(stated.product)
            changes.packages.update((stated.product, package) for package in stated.packages)
            frame = _frame(encode_statements(stated.statements), compressor)
            (changes.new if known is None and before is not None else changes.known).append(
                (name, stated.product, frame)
            )
        changes.gone += [(name, stated.product) for stated in old.values()]
    for name in stored.keys() - statements.keys():
        changes.gone += [(name, stated.product) for stated in stored[name]]
    return changes


class StatementRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection, self._products = connection, ProductRepository(connection)

    def put(self, changes: StatementChanges) -> None:
        """Write changes of vulnerabilities that have merged rows."""
        products = self._products.put([*changes.products, *(product for _, product in changes.gone)])
        self._products.add_forms((package, products[product.spelling]) for product, package in changes.packages)
        written = {name for name, _, _ in (*changes.new, *changes.known)}
        numbers = self._numbers(written.union(name for name, _ in changes.gone))

        def rows(named: Sequence[tuple[str, ProductKey, bytes]]) -> list[tuple[int, int, bytes]]:
            return sorted((products[product.spelling], numbers[name], frame) for name, product, frame in named)

        insert_rows(self._connection, product_statements, _COLUMNS, rows(changes.new))
        self._upsert(rows(changes.known))
        gone = [{"product": products[product.spelling], "number": numbers[name]} for name, product in changes.gone]
        if gone:
            self._connection.execute(_DELETE, gone)
        want_programs_of(self._connection, set(products.values()))

    def clear(self) -> None:
        """Delete all statements; products keep their numbers."""
        self._connection.execute(delete(product_statements))

    def of_products(self, product_ids: Collection[int]) -> dict[int, list[StatementRow]]:
        """All statements about products; those without any are absent."""
        query = select(*_ROW).where(_ROW.product_id.in_(product_ids))
        found: defaultdict[int, list[StatementRow]] = defaultdict(list)
        for product_id, vulnerability, frame in self._connection.execute(query).all():
            found[product_id].append(StatementRow(vulnerability, bytes(frame)))
        return found

    def _numbers(self, cve_ids: Collection[str]) -> dict[str, int]:
        query = select(vulnerabilities.c.cve_id, vulnerabilities.c.id)
        chosen = query.where(one_of(self._connection, vulnerabilities.c.cve_id, cve_ids))
        return dict(self._connection.execute(chosen).all())

    def _upsert(self, rows: Sequence[tuple[int, int, bytes]]) -> None:
        if not rows:
            return
        with staged(self._connection, _incoming, _COLUMNS, rows):
            given = select(_incoming).where(_incoming.c.product_id.is_not(None))
            written = upsert(self._connection, product_statements).from_select(_COLUMNS, given)
            self._connection.execute(
                written.on_conflict_do_update(
                    index_elements=["product_id", "vulnerability"],
                    set_={"statements": written.excluded.statements},
                    where=written.excluded.statements != _ROW.statements,
                )
            )


def _frame(encoded: bytes, compressor: Compressor) -> bytes:
    return encoded if len(encoded) < LONG else compressor.compress(encoded)


def read_statements(frame: bytes) -> tuple[Statement, ...]:
    """Decode stored statements.

    Raises:
        StoreDamaged: they are not intact.
    """
    try:
        return decode_statements(decompress(frame) if frame.startswith(_ZSTD_MAGIC) else frame)
    except msgspec.DecodeError as error:
        raise damaged(str(error)) from error
