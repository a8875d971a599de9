"""Ranges of versions, and whether a version is in one."""

from __future__ import annotations

import msgspec

from backend.domain.versions.doubt import Doubt
from backend.domain.versions.order import compare, order_or_doubt
from backend.domain.versions.schemes import Scheme


class VersionRange(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """The versions between two bounds; "" is no bound."""

    start: str = ""
    end: str = ""
    start_inclusive: bool = True
    end_inclusive: bool = False
    scheme: Scheme = Scheme.WINDOWS

    @classmethod
    def exactly(cls, version: str, scheme: Scheme = Scheme.WINDOWS) -> VersionRange:
        return cls(version, version, end_inclusive=True, scheme=scheme)

    @property
    def is_exact(self) -> bool:
        return self.start == self.end != ""

    def contains(self, version: str) -> bool | Doubt:
        """Whether a version is in the range, or why that is not sure.

        A bound that surely excludes the version decides, even where the other bound leaves a doubt.
        """
        if not self.start and not self.end:
            return Doubt.NO_BOUNDS
        sides = [self._keeps_start(version), self._keeps_end(version)]
        if False in sides:
            return False
        return next((side for side in sides if isinstance(side, Doubt)), True)

    def includes(self, version: str) -> bool:
        """Whether a version is in the range by the total order of its scheme.

        Raises:
            CannotCompare: it cannot be compared with a bound.
        """
        starts = not self.start or compare(version, self.start, self.scheme) >= (0 if self.start_inclusive else 1)
        ends = not self.end or compare(version, self.end, self.scheme) <= (0 if self.end_inclusive else -1)
        return starts and ends

    def _keeps_start(self, version: str) -> bool | Doubt:
        order = order_or_doubt(version, self.start, self.scheme) if self.start else 1
        return order if isinstance(order, Doubt) else order >= (0 if self.start_inclusive else 1)

    def _keeps_end(self, version: str) -> bool | Doubt:
        order = order_or_doubt(version, self.end, self.scheme) if self.end else -1
        return order if isinstance(order, Doubt) else order <= (0 if self.end_inclusive else -1)
