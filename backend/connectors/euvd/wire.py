"""EUVD's answers as they come over the wire: only what is used, everything optional."""

from __future__ import annotations

import msgspec


class Name(msgspec.Struct):
    name: str = ""


class Product(msgspec.Struct):
    """vendor: in answers since 2026."""

    name: str = ""
    vendor: Name | None = None


class ListedProduct(msgspec.Struct):
    product: Product = msgspec.field(default_factory=Product)
    product_version: str = ""


class ListedVendor(msgspec.Struct):
    vendor: Name = msgspec.field(default_factory=Name)


class Record(msgspec.Struct, rename="camel"):
    """aliases and references hold one per line; epss is FIRST's probability times 100; base_score -1: none."""

    id: str
    description: str = ""
    date_published: str = ""
    date_updated: str = ""
    base_score: float | None = None
    base_score_version: str = ""
    base_score_vector: str = ""
    references: str = ""
    aliases: str = ""
    epss: float | None = None
    exploited_since: str = ""
    products: list[ListedProduct] = msgspec.field(default=[], name="enisaIdProduct")
    vendors: list[ListedVendor] = msgspec.field(default=[], name="enisaIdVendor")


class KevListing(msgspec.Struct, rename="camel"):
    """One entry of the dump of all known-exploited lists, with the names of those that it is on."""

    cve_id: str | None = None
    euvd_id: str | None = None
    date_added: str | None = None
    sources: list[str] = []
