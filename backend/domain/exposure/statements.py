"""Statements: what a source says about the versions of one product in one vulnerability, in one shape for all sources.

`statements_of` derives them from the claims of a vulnerability. They are found by product, so that an installed program
meets only the statements about itself (`store.repositories.statements`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from backend.contract.names import Source
from backend.domain.claims import Origin
from backend.domain.products.product import ProductKey
from backend.domain.versions.segments import Segment, Status


class Condition(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Where a statement holds, besides the versions. Empty parts say nothing.

    Attributes:
        part: of the CPE name: "a" application, "o" operating system, "h" hardware.
        edition: the CPE name's software edition, such as "esr"; "-": the product without one.
        target: the CPE name's target software, such as "wordpress" or "android".
        platforms: the systems that it holds on (`conditions.System`).
        running_on: "vendor:product" of NVD's configuration, of which one is needed beside the product.
        in_words: whether the platforms are those of title or description, and of no field.
    """

    part: str = ""
    edition: str = ""
    target: str = ""
    platforms: tuple[str, ...] = ()
    running_on: tuple[str, ...] = ()
    in_words: bool = False


ANYWHERE = Condition()


class Statement(msgspec.Struct, frozen=True, gc=False):
    """What one organisation says about the versions of a product.

    Attributes:
        source: which relays it.
        origin: whose word it is.
        segments: parts of the version line with their status (`domain.versions`).
        default: the status of all other versions.
    """

    source: Source
    origin: Origin
    segments: tuple[Segment, ...]
    default: Status = Status.UNKNOWN
    condition: Condition = ANYWHERE


class ProductStatements(NamedTuple):
    """All statements about one product in one vulnerability. packages: its package URLs (`domain.purl.package_key`)."""

    product: ProductKey
    statements: tuple[Statement, ...]
    packages: tuple[str, ...] = ()


def plainest(spellings: Iterable[ProductKey]) -> ProductKey:
    """The spelling that stands for all, whatever their order: the shortest one."""
    return min(spellings, key=lambda key: (len(key.vendor) + len(key.product), key))
