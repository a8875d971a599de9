"""Versions: their order by scheme, ranges of them, and what the sources state about them."""

from __future__ import annotations

from backend.domain.versions.doubt import CannotCompare, Doubt
from backend.domain.versions.order import compare, order_or_doubt, order_surely
from backend.domain.versions.ranges import VersionRange
from backend.domain.versions.schemes import Scheme, scheme_of

__all__ = ["CannotCompare", "Doubt", "Scheme", "VersionRange", "compare", "order_or_doubt", "order_surely", "scheme_of"]
