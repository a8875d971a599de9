"""Names for a person who types one: completions, and the names nearest to one that no record has."""

from __future__ import annotations

from difflib import get_close_matches

from sqlalchemy import Connection

from backend.contract.inventory import ProductName
from backend.contract.watching import MAX_NAMES, ProductNames, VendorNames
from backend.domain.names import product_key, vendor_key
from backend.domain.products.product import ProductKey
from backend.store.repositories.product_names import ProductNameRepository

_COMPARED = 2_000
"""Names that are compared with a mistyped one."""
_KEPT_LETTERS = 2
"""Beginning of a name that is taken to be right."""
_SIMILAR = 0.7
_NEAREST = 3


def complete_vendor(connection: Connection, text: str) -> VendorNames:
    """Vendors whose names begin as the text does, in any spelling."""
    prefix = vendor_key(text)
    return VendorNames(items=tuple(ProductNameRepository(connection).vendors(prefix, MAX_NAMES) if prefix else ()))


def complete_product(connection: Connection, vendor: str, text: str) -> ProductNames:
    """Products whose names begin as the text does. vendor: "" of all vendors; with one, the text may be empty."""
    prefix, vendor = product_key(text), vendor_key(vendor)
    if not prefix and not vendor:
        return ProductNames(items=())
    found = ProductNameRepository(connection).products(vendor, prefix, MAX_NAMES)
    return ProductNames(items=tuple(map(_name, found)))


def nearest_names(connection: Connection, vendor: str, product: str) -> tuple[ProductName, ...]:
    """Names in the records that resemble a vendor, or a product of one or of any vendor."""
    names = ProductNameRepository(connection)
    if not product:
        return tuple(ProductName(vendor=name, product="") for name in _nearest_vendors(names, vendor))
    same = names.named([product_key(product)], _NEAREST)
    return tuple(map(_name, same or _nearest_products(names, vendor_key(vendor), product_key(product))))


def _nearest_vendors(names: ProductNameRepository, vendor: str) -> list[str]:
    key = vendor_key(vendor)
    known = names.vendor_keys(key[:_KEPT_LETTERS], _COMPARED) if key else []
    nearest = get_close_matches(key, known, _NEAREST, _SIMILAR)
    named = names.vendor_names(nearest)
    return [named[near] for near in nearest]


def _nearest_products(names: ProductNameRepository, vendor: str, product: str) -> list[ProductKey]:
    found = names.products(vendor, "" if vendor else product[:_KEPT_LETTERS], _COMPARED) if product else []
    known = {key.spelling[1]: key for key in reversed(found)}
    return [known[near] for near in get_close_matches(product, known, _NEAREST, _SIMILAR)]


def _name(key: ProductKey) -> ProductName:
    return ProductName(vendor=key.vendor, product=key.product)
