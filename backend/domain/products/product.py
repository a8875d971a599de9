"""Products as the records name them, and what an installed program was resolved to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from backend.contract.inventory import Confidence, ResolvedBy
from backend.domain.names import fold, product_key, vendor_key


class ProductKey(NamedTuple):
    """Vendor and product as a record spells them, folded: lower case, "_" and white space as one space."""

    vendor: str
    product: str

    @classmethod
    def of(cls, vendor: str, product: str) -> ProductKey:
        return cls(fold(vendor), fold(product))

    @classmethod
    def parse(cls, text: str) -> ProductKey:
        """Read "vendor:product" as `__str__` writes it; the first colon separates."""
        vendor, _, product = text.partition(":")
        return cls.of(vendor, product)

    @property
    def spelling(self) -> tuple[str, str]:
        """What all spellings of the same name share; statements are found by it."""
        return vendor_key(self.vendor), product_key(self.product)

    def __str__(self) -> str:
        return f"{self.vendor}:{self.product}".replace(" ", "_")


class KnownProduct(NamedTuple):
    """A product that occurs in the records of vulnerabilities."""

    key: ProductKey
    records: int


class ProductIndex(Protocol):
    """The products of all records, found by the forms of their names.

    Each is stored under `product_forms(key)`. Products that cannot be on a PC (firmware, WordPress plug-ins, apps of
    telephones) need not be in it.
    """

    def find(self, forms: Sequence[str]) -> Iterable[KnownProduct]:
        """All products that are stored under at least one of the forms, in no order."""
        ...


class UnknownReason(StrEnum):
    """Why a program has no product."""

    NO_NAME = "no_name"  # nothing is left of the name without versions and signs
    PART = "part"  # a runtime, update, driver, language pack or other part without records of its own
    DECIDED = "decided"  # the user says that it is none of the known products
    AMBIGUOUS = "ambiguous"  # several products fit
    PUBLISHER = "publisher"  # a product has this name, but of another vendor
    NO_RECORDS = "no_records"  # no record names such a product


class Resolution(msgspec.Struct, frozen=True, omit_defaults=True):
    """The product of an installed program, or why there is none.

    keys: all keys of the product, the leading one first; empty: unknown.
    candidates: products that it may be, where it is unknown.
    version: the installed version in the form in which the records state versions; "": none that can be compared.
    scheme: the scheme of `backend.domain.versions` that orders its versions.
    part: what it is instead of a product ("driver", "language pack").
    """

    keys: tuple[ProductKey, ...] = ()
    confidence: Confidence | None = None
    by: ResolvedBy | None = None
    candidates: tuple[ProductKey, ...] = ()
    version: str = ""
    scheme: str = "windows"
    reason: UnknownReason | None = None
    part: str = ""


def united(keys: Iterable[ProductKey]) -> tuple[ProductKey, ...]:
    """The keys without further spellings of one before them."""
    first: dict[tuple[str, str], ProductKey] = {}
    for key in keys:
        first.setdefault(key.spelling, key)
    return tuple(first.values())
