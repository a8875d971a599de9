"""Several upper bounds with one lower bound or none: the ends of branches that are maintained beside each other.

"8.0.39 and prior, 8.4.2 and prior, 9.0.1 and prior" (so do Oracle, Cisco, Adobe, ESET) means the versions of 8.0 up to
8.0.39, those of 8.4 up to 8.4.2 and those of 9 up to 9.0.1. Older ones than the first bound are affected; what lies
between two branches is not stated. Two builds of one Windows (hotpatch and cumulative update) are such ends, too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cmp_to_key
from itertools import pairwise, zip_longest
from typing import TypeAlias

from msgspec.structs import replace

from backend.domain.versions.doubt import CannotCompare, Doubt
from backend.domain.versions.order import compare
from backend.domain.versions.ranges import VersionRange, next_after
from backend.domain.versions.schemes import Scheme
from backend.domain.versions.segments import Segment, Status

Beginning: TypeAlias = tuple[str, bool, Scheme]

_NUMBERS = re.compile(r"[^0-9]*([0-9]+(?:\.[0-9]+)*)")


def separate_branches(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Give affected ranges that begin alike and end differently the start of their branch each.

    Returns:
        The other segments in their order, then the branches and the doubtful ranges between them.
    """
    if len(segments) < 2:
        return tuple(segments)
    groups: dict[Beginning, dict[str, Segment]] = defaultdict(dict)
    for segment in segments:
        if _is_branch(segment):
            groups[_beginning(segment)].setdefault(segment.range.end, segment)
    several = [beginning for beginning, by_end in groups.items() if len(by_end) > 1]
    if not several:
        return tuple(segments)
    others = [segment for segment in segments if not _is_branch(segment) or _beginning(segment) not in several]
    return (*others, *[branch for beginning in several for branch in _separated(list(groups[beginning].values()))])


def _beginning(segment: Segment) -> Beginning:
    return segment.range.start, segment.range.start_inclusive, segment.range.scheme


def _is_branch(segment: Segment) -> bool:
    certain = segment.status is Status.AFFECTED and not segment.doubt
    return certain and bool(segment.range.end) and not segment.range.is_exact


def _separated(segments: Sequence[Segment]) -> Sequence[Segment]:
    try:
        ordered = sorted(segments, key=cmp_to_key(_by_end))
        return [*ordered[:1], *_further_branches(ordered)]
    except CannotCompare:  # the ends are in no order
        return segments


def _further_branches(ordered: Sequence[Segment]) -> Iterator[Segment]:
    """All branches but the first one, each behind the gap before it."""
    numbers = [_numbers(segment.range.end) for segment in ordered]
    depths = [_depth(low, high) for low, high in pairwise(numbers)]
    for place, (low, high) in enumerate(pairwise(ordered)):
        start = _branch(numbers[place + 1], depths[place])
        lower_branch = _branch(numbers[place], max(depths[max(place - 1, 0) : place + 1]))
        gap = _gap(low, high, start, next_after(lower_branch))
        if compare(gap.range.start, gap.range.end, gap.range.scheme) < 0:
            yield gap
        if start:
            yield replace(high, range=replace(high.range, start=start, start_inclusive=True))


def _gap(low: Segment, high: Segment, start: str, behind: str) -> Segment:
    """What lies between the ends of two branches.

    start: of the higher branch; "" if both ends are of one branch, and it is not known which of them counts.
    behind: the first version after the lower branch; "" if its end is all of it.
    """
    after_end = replace(high.range, start=low.range.end, start_inclusive=not low.range.end_inclusive)
    if not start:
        bounds = after_end
    elif not behind:
        bounds = replace(after_end, end=start, end_inclusive=False)
    else:
        bounds = VersionRange(behind, start, scheme=high.range.scheme)
    return Segment(bounds, Status.UNKNOWN, doubt=Doubt.OTHER_TRACK)


def _by_end(a: Segment, b: Segment) -> int:
    return compare(a.range.end, b.range.end, a.range.scheme)


def _numbers(version: str) -> list[str]:
    match = _NUMBERS.match(version)
    return match[1].split(".") if match else []


def _depth(low: Sequence[str], high: Sequence[str]) -> int:
    """The place of the first number in which two versions differ."""
    pairs = enumerate(zip_longest(low, high, fillvalue="0"))
    return next((place for place, (a, b) in pairs if int(a) != int(b)), max(len(low), len(high)))


def _branch(numbers: Sequence[str], depth: int) -> str:
    """The name of a branch; "" if the versions differ in the last number only, as they do within one branch."""
    return ".".join(numbers[: depth + 1]) if depth + 1 < len(numbers) else ""
