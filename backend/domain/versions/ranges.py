"""Ranges of versions, and whether a version is in one."""

from __future__ import annotations

import re

import msgspec
from msgspec.structs import replace

from backend.domain.versions.doubt import Doubt
from backend.domain.versions.order import compare, order_or_doubt, order_surely
from backend.domain.versions.schemes import Scheme

_LAST_NUMBER = re.compile(r"[0-9]+(?=[^0-9]*\Z)")


_STORED_NAMES = {"start": "s", "end": "e", "start_inclusive": "i", "end_inclusive": "j", "scheme": "k"}


class VersionRange(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, rename=_STORED_NAMES):
    """The versions between two bounds; "" is no bound. Stored with short names, since there are millions."""

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
        return self.start == self.end != "" and self.start_inclusive and self.end_inclusive

    @property
    def is_empty(self) -> bool:
        return bool(self.start and self.end) and order_surely(self.start, self.end, self.scheme) == 1

    def split(self, at: str) -> tuple[VersionRange, VersionRange]:
        """The part below a version, and the part from it on."""
        return replace(self, end=at, end_inclusive=False), replace(self, start=at, start_inclusive=True)

    def contains(self, version: str) -> bool | Doubt:
        """Whether a version is in the range, or why that is not sure.

        A bound that surely excludes the version decides, even where the other bound leaves a doubt.
        """
        if not self.start and not self.end:
            return Doubt.NO_BOUNDS
        if self.is_exact:
            return self._is_it(version)
        sides = [self._keeps_start(version), self._keeps_end(version)]
        if False in sides:
            return False
        return next((side for side in sides if isinstance(side, Doubt)), True)

    def _is_it(self, version: str) -> bool | Doubt:
        """Whether a version is this one: what is in no order with it is another one, unless it counts differently."""
        order = order_or_doubt(version, self.start, self.scheme)
        if order is Doubt.NOT_A_VERSION and isinstance(order_or_doubt(version, version, self.scheme), int):
            return False  # this one is a word, such as "preview"
        if isinstance(order, Doubt):
            return order if order in (Doubt.SHAPE, Doubt.NO_VERSION, Doubt.NOT_A_VERSION) else False
        return order == 0

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


def next_after(branch: str) -> str:
    """The branch after one: "1.3" after "1.2"."""
    return _LAST_NUMBER.sub(lambda number: str(int(number[0]) + 1), branch)
