"""Products that the statements of all sources are about, found by their keys and by the forms of their names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, union_all, update
from sqlalchemy.sql.dml import ReturningInsert

from backend.domain.exposure.statements import plainest
from backend.domain.products.name_forms import product_forms
from backend.domain.products.product import ProductKey
from backend.store.dialects.bulk import like, one_of, staged, temporary_table, upsert
from backend.store.exposure_tables import product_forms as forms_table
from backend.store.exposure_tables import product_statements, products

Spelling = tuple[str, str]
"""`ProductKey.spelling`."""

_PRODUCT, _FORM = products.c, forms_table.c
_NAMES = ("vendor_key", "product_key", "vendor", "product")
_incoming = temporary_table("incoming_products", *(like(_PRODUCT[name]) for name in _NAMES))
_incoming_forms = temporary_table("incoming_forms", *(like(column) for column in _FORM))
_FORM_COLUMNS = tuple(column.name for column in _FORM)
_SAME = (_PRODUCT.product_key == _incoming.c.product_key) & (_PRODUCT.vendor_key == _incoming.c.vendor_key)
_RENAME = (
    update(products)
    .where(_PRODUCT.id == bindparam("number"))
    .values(vendor=bindparam("better_vendor"), product=bindparam("better_product"))
)


class StoredProduct(NamedTuple):
    """records: the number of vulnerabilities with a statement about it."""

    id: int
    key: ProductKey
    records: int


class ProductRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, keys: Iterable[ProductKey]) -> dict[Spelling, int]:
        """Create the products that are not stored yet, and return the numbers of all."""
        names: dict[Spelling, ProductKey] = {}
        for key in keys:
            known = names.setdefault(key.spelling, key)
            if known != key:
                names[key.spelling] = plainest((known, key))
        if not names:
            return {}
        with staged(self._connection, _incoming, _NAMES, [(*spelling, *key) for spelling, key in names.items()]):
            added = self._connection.execute(_add_missing(self._connection)).all()
            query = select(_PRODUCT.id, *(_PRODUCT[name] for name in _NAMES)).join(_incoming, _SAME)
            stored = {
                (vendor_key, product_key): (number, ProductKey(vendor, product))
                for number, vendor_key, product_key, vendor, product in self._connection.execute(query)
            }
        self._rename(names, stored)
        self.add_forms(
            (form, number)
            for number, own, vendor, product in added
            for form in product_forms(ProductKey(vendor, product)).all
            if form != own
        )
        return {spelling: number for spelling, (number, _) in stored.items()}

    def add_forms(self, forms: Iterable[tuple[str, int]]) -> None:
        """Let products be found by further forms of their names, and by the names of their packages."""
        rows = sorted(set(forms))
        if not rows:
            return
        with staged(self._connection, _incoming_forms, _FORM_COLUMNS, rows):
            given = select(_incoming_forms).where(_incoming_forms.c.form.is_not(None))
            written = upsert(self._connection, forms_table).from_select(_FORM_COLUMNS, given)
            self._connection.execute(written.on_conflict_do_nothing())

    def with_forms(self, forms: Collection[str]) -> list[tuple[str, StoredProduct]]:
        """The products that have at least one of the forms, each with the form; without statements one is left out."""
        further = select(_FORM.form, _FORM.product_id).where(one_of(self._connection, _FORM.form, forms))
        own = select(_PRODUCT.product_key, _PRODUCT.id).where(one_of(self._connection, _PRODUCT.product_key, forms))
        found = union_all(own, further).subquery("found")
        form, product_id = found.c
        records = select(func.count()).where(product_statements.c.product_id == product_id).scalar_subquery()
        rows = self._connection.execute(
            select(form, _PRODUCT.id, _PRODUCT.vendor, _PRODUCT.product, records).join_from(
                found, products, _PRODUCT.id == product_id
            )
        )
        return [
            (form, StoredProduct(number, ProductKey(vendor, product), count))
            for form, number, vendor, product, count in rows
            if count
        ]

    def numbers(self, spellings: Collection[Spelling]) -> dict[Spelling, int]:
        """The numbers of products; those that no statement names are absent."""
        wanted = set(spellings)
        names = {product for _, product in wanted}
        query = select(_PRODUCT.vendor_key, _PRODUCT.product_key, _PRODUCT.id)
        rows = self._connection.execute(query.where(one_of(self._connection, _PRODUCT.product_key, names)))
        return {(vendor, product): number for vendor, product, number in rows if (vendor, product) in wanted}

    def _rename(self, names: Mapping[Spelling, ProductKey], stored: Mapping[Spelling, tuple[int, ProductKey]]) -> None:
        """Let the plainest of all spellings stand for a product, whichever came first."""
        better = []
        in_order = sorted(stored.items(), key=lambda entry: entry[1][0])  # of two transactions one waits, never both
        for spelling, (number, known) in in_order:
            if known != names[spelling] and (best := plainest((known, names[spelling]))) != known:
                better.append({"number": number, "better_vendor": best.vendor, "better_product": best.product})
        if better:
            self._connection.execute(_RENAME, better)


def _add_missing(connection: Connection) -> ReturningInsert[int, str, str, str]:
    missing = (
        select(*(_incoming.c[name] for name in _NAMES))
        .outerjoin_from(_incoming, products, _SAME)
        .where(_PRODUCT.id.is_(None))
        .order_by(_incoming.c.product_key, _incoming.c.vendor_key)
    )
    added = upsert(connection, products).from_select(_NAMES, missing).on_conflict_do_nothing()
    return added.returning(_PRODUCT.id, _PRODUCT.product_key, _PRODUCT.vendor, _PRODUCT.product)
