"""Names of vendors and products that occur in the records, found by their beginning."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, func, select

from backend.domain.products.product import ProductKey
from backend.store.exposure_tables import product_statements, products

_PRODUCT = products.c
_LOOKED_AT = 300
"""Products whose vulnerabilities are counted: many begin with the same two letters."""
_BEHIND = "\U0010ffff"  # above every key that begins with the same characters


class ProductNameRepository:
    """Keys are those of `domain.names`; the names that are returned are folded for display."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def vendors(self, prefix: str, limit: int) -> list[str]:
        """Vendors whose key begins so, those with the most products first."""
        keys = self._keys(prefix, limit, func.count().desc())
        names = self.vendor_names(keys)
        return [names[key] for key in keys]

    def vendor_keys(self, prefix: str, limit: int) -> list[str]:
        """The keys of vendors that begin so, in their order."""
        return self._keys(prefix, limit)

    def vendor_names(self, keys: Collection[str]) -> dict[str, str]:
        """The names of vendors by their keys."""
        named = select(_PRODUCT.vendor_key, func.min(_PRODUCT.vendor)).where(_PRODUCT.vendor_key.in_(keys))
        return dict(self._connection.execute(named.group_by(_PRODUCT.vendor_key)).all())

    def _keys(self, prefix: str, limit: int, *order: ColumnElement[int]) -> list[str]:
        """Keys of vendors from the index alone: of some letters there are thousands of products."""
        named = select(_PRODUCT.vendor_key).where(_begins(_PRODUCT.vendor_key, prefix)).group_by(_PRODUCT.vendor_key)
        rows = self._connection.execute(named.order_by(*order, _PRODUCT.vendor_key).limit(limit))
        return list(rows.scalars())

    def products(self, vendor_key: str, prefix: str, limit: int) -> list[ProductKey]:
        """Products whose key begins so, those with the most vulnerabilities first. vendor_key: "" of all vendors."""
        conditions = [_begins(_PRODUCT.product_key, prefix)] if prefix else []
        conditions += [_PRODUCT.vendor_key == vendor_key] if vendor_key else []
        looked_at = (
            select(_PRODUCT.id, _PRODUCT.vendor, _PRODUCT.product)
            .where(*conditions)
            .order_by(func.length(_PRODUCT.product_key), _PRODUCT.product_key, _PRODUCT.vendor_key)
            .limit(_LOOKED_AT)
            .subquery()
        )
        c = looked_at.c
        records = select(func.count()).where(product_statements.c.product_id == c.id).scalar_subquery()
        counted = select(c.vendor, c.product, records.label("records")).subquery()
        rows = self._connection.execute(
            select(counted.c.vendor, counted.c.product)
            .where(counted.c.records > 0)
            .order_by(counted.c.records.desc(), counted.c.product, counted.c.vendor)
            .limit(limit)
        )
        return [ProductKey(vendor, product) for vendor, product in rows]

    def named(self, product_keys: Collection[str], limit: int) -> list[ProductKey]:
        """The products of all vendors with one of these keys."""
        rows = self._connection.execute(
            select(_PRODUCT.vendor, _PRODUCT.product)
            .where(_PRODUCT.product_key.in_(product_keys))
            .order_by(_PRODUCT.product_key, _PRODUCT.vendor_key)
            .limit(limit)
        )
        return [ProductKey(vendor, product) for vendor, product in rows]


def _begins(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """A range, which both databases read along the index; keys are compared byte by byte."""
    return column.between(prefix, prefix + _BEHIND)
