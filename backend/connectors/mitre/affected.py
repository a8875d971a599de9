"""Affected products as CNAs state them, with their versions in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend.connectors.mitre.record import Product, Version
from backend.domain.claims import Affected

_ANY_START = frozenset({"", "0", "*", "n/a", "unspecified"})
_NO_END = frozenset({"*", "unspecified"})


def affected_products(products: Sequence[Product]) -> Iterator[Affected]:
    """One for each product; where several CPE names are given, one more for each further name."""
    for product in products:
        first = product.cpes[0] if product.cpes else ""
        yield Affected(
            cpe=first,
            vendor=product.vendor,
            product=product.product,
            package=product.package_name,
            versions=tuple([_in_words(version) for version in product.versions]),
            default_status=product.default_status,
            platforms=tuple(product.platforms),
        )
        for cpe in product.cpes[1:]:
            yield Affected(cpe=cpe, vendor=product.vendor, product=product.product, package=product.package_name)


def _in_words(version: Version) -> str:
    """ "4.12", "1.0 to before 2.0", "all up to 3", "unaffected: 2.1"; a range's `changes` are told after it."""
    words = version.version
    if version.less_than or version.less_than_or_equal:
        words = _range(version)
    if version.status != "affected":
        words = f"{version.status}: {words}"
    for change in version.changes:
        words += f", {change.status} from {change.at}"
    return words


def _range(version: Version) -> str:
    end = version.less_than or version.less_than_or_equal
    from_the_first = version.version in _ANY_START
    if end in _NO_END:
        return "all" if from_the_first else f"{version.version} and later"
    until = f"before {end}" if version.less_than else f"up to {end}"
    if from_the_first:
        return f"all {until}"
    return f"{version.version} to before {end}" if version.less_than else f"{version.version} to {end}"
