"""What is known of the scans of this PC, as the windows show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backend.client.inventory.entries import Skipped, SkipReason
from backend.contract.problems import Problem


@dataclass(frozen=True)
class ScanStatus:
    """The last scan of this PC since the program started.

    Attributes:
        machine: The id of this PC; "" while it is not known.
        unavailable: Why nothing can be collected on this system; "" where it can.
        scanned_at: When the last complete scan was stored (UTC).
        skipped: Entries that were not used; skip_counts counts all of them.
        problem: Why the last attempt failed. It is repeated by itself.
    """

    machine: str = ""
    unavailable: str = ""
    is_scanning: bool = False
    scanned_at: datetime | None = None
    skipped: tuple[Skipped, ...] = ()
    skip_counts: Mapping[SkipReason, int] = field(default_factory=dict)
    problem: Problem | None = None
