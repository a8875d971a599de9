"""The statements about products, one row for each product of a vulnerability: the index of all matching.

Rows are found by product, so that a program's statements stand side by side. They are derived from the claims like the
merged rows, and written in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, select

from backend.domain.exposure.encoding import decode_statements, encode_statements
from backend.domain.exposure.statements import ProductStatements, Statement
from backend.store.compression import Compressor, damaged, decompress
from backend.store.dialects.bulk import insert_rows, like, one_of, staged, temporary_table, upsert
from backend.store.repositories.products import ProductRepository, Spelling
from backend.store.tables import product_statements, vulnerabilities

LONG = 120
"""Bytes from which on statements are compressed."""
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"  # RFC 8878, section 3.1.1; MessagePack's arrays begin otherwise

_ROW = product_statements.c
_COLUMNS = tuple(column.name for column in _ROW)
_incoming = temporary_table("incoming_statements", *(like(column) for column in _ROW))
_DELETE = delete(product_statements).where(
    _ROW.product_id == bindparam("product"), _ROW.vulnerability == bindparam("number")
)

StoredRow = tuple[int, int, bytes]

StatementsOf = Mapping[str, Sequence[ProductStatements]]
"""The statements in some vulnerabilities, by their ids."""


class StatementRow(NamedTuple):
    """vulnerability: vulnerabilities.id."""

    vulnerability: int
    statements: tuple[Statement, ...]


class StatementRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection, self._products = connection, ProductRepository(connection)

    def put(self, statements: StatementsOf, *, before: StatementsOf | None) -> None:
        """Replace all statements in these vulnerabilities, which have merged rows.

        Args:
            before: the stored ones, of at least these vulnerabilities; those that are absent in `statements` have none
                any more. None: there are none, or the same from an earlier attempt.
        """
        stored = before or {}
        changed = {name: made for name, made in statements.items() if made != stored.get(name, ())}
        touched = {name: stored[name] for name in stored if name in changed or name not in statements}
        made = [stated for given in (*changed.values(), *touched.values()) for stated in given]
        if not made:
            return
        products = self._products.put([stated.product for stated in made])
        self._products.add_forms(
            (package, products[stated.product.spelling]) for stated in made for package in stated.packages
        )
        numbers = self._numbers({*changed, *touched})
        self._delete(changed, touched, products, numbers)
        new, known = self._rows(changed, touched, products, numbers)
        if before is None:
            new, known = [], [*known, *new]
        insert_rows(self._connection, product_statements, _COLUMNS, sorted(new))
        self._upsert(known)

    def _rows(
        self,
        statements: StatementsOf,
        before: StatementsOf,
        products: Mapping[Spelling, int],
        numbers: Mapping[str, int],
    ) -> tuple[list[StoredRow], list[StoredRow]]:
        """The rows to insert, and those of which an older one is stored."""
        new: list[StoredRow] = []
        known: list[StoredRow] = []
        compressor = Compressor(None)
        for name, given in statements.items():
            stored = {stated.product.spelling for stated in before.get(name, ())}
            for stated in given:
                spelling = stated.product.spelling
                frame = _frame(encode_statements(stated.statements), compressor)
                (known if spelling in stored else new).append((products[spelling], numbers[name], frame))
        return new, known

    def clear(self) -> None:
        """Delete all statements; products keep their numbers."""
        self._connection.execute(delete(product_statements))

    def of_products(self, product_ids: Collection[int]) -> dict[int, list[StatementRow]]:
        """All statements about products; those without any are absent."""
        query = select(*_ROW).where(_ROW.product_id.in_(product_ids))
        found: defaultdict[int, list[StatementRow]] = defaultdict(list)
        for product_id, vulnerability, frame in self._connection.execute(query).all():
            found[product_id].append(StatementRow(vulnerability, _statements(frame)))
        return found

    def _numbers(self, cve_ids: Collection[str]) -> dict[str, int]:
        query = select(vulnerabilities.c.cve_id, vulnerabilities.c.id)
        chosen = query.where(one_of(self._connection, vulnerabilities.c.cve_id, cve_ids))
        return dict(self._connection.execute(chosen).all())

    def _delete(
        self,
        statements: StatementsOf,
        before: StatementsOf,
        products: Mapping[Spelling, int],
        numbers: Mapping[str, int],
    ) -> None:
        """Delete the rows of products about which a vulnerability no longer has statements."""
        gone = [
            {"product": products[spelling], "number": numbers[name]}
            for name, stored in before.items()
            for spelling in {stated.product.spelling for stated in stored}.difference(
                stated.product.spelling for stated in statements.get(name, ())
            )
        ]
        if gone:
            self._connection.execute(_DELETE, gone)

    def _upsert(self, rows: Sequence[StoredRow]) -> None:
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


def _statements(frame: bytes) -> tuple[Statement, ...]:
    try:
        return decode_statements(decompress(frame) if frame.startswith(_ZSTD_MAGIC) else frame)
    except msgspec.DecodeError as error:
        raise damaged(str(error)) from error
