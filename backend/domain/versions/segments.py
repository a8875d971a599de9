"""Parts of a version line with a status each, and what they say about one version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cmp_to_key
from typing import NamedTuple

import msgspec

from backend.domain.versions.doubt import Doubt
from backend.domain.versions.order import order_surely
from backend.domain.versions.ranges import VersionRange


class Status(StrEnum):
    AFFECTED = "affected"
    UNAFFECTED = "unaffected"
    UNKNOWN = "unknown"


_STORED_NAMES = {"range": "r", "status": "t", "fixed_in": "f", "doubt": "d"}


class Segment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, rename=_STORED_NAMES):
    """A range with a status. Stored with short names, as ranges are.

    doubt: why the status is not sure even for a version in the range. A statement that could not be read has no bounds.
    fixed_in: the first version that is not affected any more, where the statement names it.
    """

    range: VersionRange = VersionRange()
    status: Status = Status.AFFECTED
    fixed_in: str = ""
    doubt: Doubt | None = None


class Reason(StrEnum):
    """Why a version is affected or not."""

    IN_RANGE = "in-range"
    LISTED = "listed"  # as a single version
    STATED_UNAFFECTED = "stated-unaffected"
    DEFAULT = "default"  # no statement is about this version; all others are affected
    OUTSIDE = "outside"  # of all ranges
    NOT_LISTED = "not-listed"  # only single versions are stated, and it is none of them


class VersionVerdict(NamedTuple):
    """What the statements about a product say about one version.

    affected: None if that cannot be determined.
    fixed_in: the version to update to, where it is stated.
    """

    affected: bool | None
    reason: Reason | Doubt
    fixed_in: str = ""


def judge(segments: Sequence[Segment], version: str, default: Status = Status.UNKNOWN) -> VersionVerdict:
    """Say whether a version is affected.

    A single version goes before ranges; among ranges, the first one that surely contains the version decides (the
    algorithm of CVEProject/cve-schema, versions.md). A range that may contain it leaves a doubt.

    Args:
        segments: what is stated about the product, in the source's order.
        version: the installed one; "" if it is not known.
        default: the status of all versions without a segment.
    """
    if not version.strip():
        return VersionVerdict(None, Doubt.NO_VERSION)
    doubts: list[Doubt] = []
    for segment in sorted(segments, key=_is_range):
        inside = _inside(segment, version)
        if inside is True:
            return _stated(segment, segments, version)
        if inside and (segment.status is not Status.UNAFFECTED or default is Status.AFFECTED):
            doubts.append(inside)
    return VersionVerdict(None, doubts[0]) if doubts else _without_statement(segments, version, default)


def _is_range(segment: Segment) -> bool:
    return not segment.range.is_exact


def _inside(segment: Segment, version: str) -> bool | Doubt:
    """Whether a segment decides about a version: not if its status is unknown or it has a doubt."""
    inside = segment.range.contains(version)
    if inside is False:
        return False
    if segment.doubt:
        return segment.doubt
    return Doubt.UNSTATED if inside is True and segment.status is Status.UNKNOWN else inside


def _stated(segment: Segment, segments: Iterable[Segment], version: str) -> VersionVerdict:
    if segment.status is Status.UNAFFECTED:
        return VersionVerdict(False, Reason.STATED_UNAFFECTED)
    fixed_in = segment.fixed_in or _next_unaffected(segments, version)
    return VersionVerdict(True, Reason.LISTED if segment.range.is_exact else Reason.IN_RANGE, fixed_in)


def _without_statement(segments: Sequence[Segment], version: str, default: Status) -> VersionVerdict:
    affected = [segment for segment in segments if segment.status is Status.AFFECTED]
    ended = any(segment.range.end and not segment.range.is_exact for segment in affected)
    if default is Status.UNAFFECTED or (default is Status.AFFECTED and ended):
        return VersionVerdict(
            False, Reason.OUTSIDE
        )  # beside affected ranges, "affected" as the default only repeats them
    if default is Status.AFFECTED:  # without a version that is not affected, this says nothing about versions
        bounded = any(segment.status is Status.UNAFFECTED for segment in segments)
        fixed_in = _next_unaffected(segments, version)
        return VersionVerdict(True, Reason.DEFAULT, fixed_in) if bounded else VersionVerdict(None, Doubt.NO_BOUNDS)
    if not affected:
        return VersionVerdict(None, Doubt.UNSTATED if segments else Doubt.NO_BOUNDS)
    only_listed = all(segment.range.is_exact for segment in affected)
    return VersionVerdict(False, Reason.NOT_LISTED if only_listed else Reason.OUTSIDE)


def _next_unaffected(segments: Iterable[Segment], version: str) -> str:
    """The lowest version above this one with which a range of unaffected ones begins."""
    starts = [
        segment.range
        for segment in segments
        if segment.status is Status.UNAFFECTED
        and segment.range.start
        and order_surely(segment.range.start, version, segment.range.scheme) == 1
    ]
    return min(starts, key=cmp_to_key(_by_start)).start if starts else ""


def _by_start(a: VersionRange, b: VersionRange) -> int:
    return order_surely(a.start, b.start, a.scheme) or 0
