"""What is stored of a program's resolution, as lists of installed programs show it."""

from __future__ import annotations

from backend.contract.inventory import MatchedProduct, ProductName
from backend.contract.wire import Wire
from backend.domain.products.product import Resolution
from backend.services.exposure.answer import candidates_of, product_of


class StoredResolution(Wire):
    product: MatchedProduct | None = None
    candidates: tuple[ProductName, ...] = ()
    version: str | None = None
    reason: str | None = None

    @classmethod
    def of(cls, resolution: Resolution) -> StoredResolution:
        return cls(
            product=product_of(resolution),
            candidates=candidates_of(resolution),
            version=resolution.version or None,
            reason=resolution.reason,
        )
