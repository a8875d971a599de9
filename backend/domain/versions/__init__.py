"""Versions: their order by scheme, ranges of them, and what the sources state about them."""

from __future__ import annotations

from backend.domain.versions.branches import separate_branches
from backend.domain.versions.doubt import CannotCompare, Doubt
from backend.domain.versions.order import compare, highest, order_or_doubt, order_surely
from backend.domain.versions.range_text import read_range_text
from backend.domain.versions.ranges import VersionRange
from backend.domain.versions.schemes import Scheme, scheme_of
from backend.domain.versions.segments import Reason, Segment, Status, VersionVerdict, judge
from backend.domain.versions.stated import StatedVersion, read_version_texts, read_versions, status_of

__all__ = [
    "CannotCompare",
    "Doubt",
    "Reason",
    "Scheme",
    "Segment",
    "StatedVersion",
    "Status",
    "VersionRange",
    "VersionVerdict",
    "compare",
    "highest",
    "judge",
    "order_or_doubt",
    "order_surely",
    "read_range_text",
    "read_version_texts",
    "read_versions",
    "scheme_of",
    "separate_branches",
    "status_of",
]
