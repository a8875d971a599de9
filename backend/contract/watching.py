"""Messages for the editor of the watchlist: names that occur in the records, and what an entry would have shown."""

from __future__ import annotations

from enum import StrEnum

from backend.contract.inventory import ProductName
from backend.contract.vulnerabilities import VulnerabilitySummary
from backend.contract.wire import Wire

MAX_NAMES = 20
"""Names in one answer."""
EXAMPLES = 5
PREVIEW_DAYS = 30


class VendorNames(Wire):
    """Vendors, those with the most products first."""

    items: tuple[str, ...]


class ProductNames(Wire):
    """Products, those with the most vulnerabilities first."""

    items: tuple[ProductName, ...]


class WatchedKind(StrEnum):
    EXPLOITED = "exploited"  # became known as exploited
    CRITICAL = "critical"  # published, and critical


class WatchedEvents(Wire):
    """examples: those of the highest priority."""

    kind: WatchedKind
    count: int
    examples: tuple[VulnerabilitySummary, ...] = ()


class WatchedPreview(Wire):
    """What an entry of the watchlist selects.

    Attributes:
        total: All its vulnerabilities in the records.
        total_capped: There are more.
        last_month: What it would have shown in the last 30 days, one entry for each kind.
        nearest: Where it selects nothing, names of the records that resemble it; `product` is empty for a vendor.
    """

    total: int
    total_capped: bool = False
    last_month: tuple[WatchedEvents, ...] = ()
    nearest: tuple[ProductName, ...] = ()
