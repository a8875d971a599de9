"""Messages about products of installed programs, and what users decide about them."""

from __future__ import annotations

from typing import Annotated

from pydantic import StrictBool, StringConstraints

from backend.contract.inventory import MAX_NAME, Label, MatchedProduct, ProductName
from backend.contract.wire import Wire

ProductPart = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)]


class ResolvedProduct(Wire):
    """The product that a program's name means; without one, those that it may be.

    reason: why none is named, in one word: "no_records", "ambiguous", "publisher", "part", "decided", "no_name".
    """

    product: MatchedProduct | None
    candidates: tuple[ProductName, ...] = ()
    version: str | None = None
    reason: str | None = None


class DecidedProduct(ProductName):
    vendor: ProductPart
    product: ProductPart


class ProductDecision(Wire):
    """A user's decision for all versions of a program, by name and publisher. product: null for none of the known ones.

    forget: the decision is taken back.
    """

    name: Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)]
    publisher: Label = ""
    product: DecidedProduct | None = None
    forget: StrictBool = False
