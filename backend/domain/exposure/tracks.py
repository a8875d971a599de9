"""Tracks: updates of one release of a program beside one another, of which each has bounds of its own.

A vulnerability of SQL Server 2019 is fixed in 15.0.2095.3 for who takes security updates only (GDR), and in 15.0.4360.2
for who takes cumulative updates (CU): 15.0.4100 has the higher number than the first one and is affected.

Numberings are tracks as well: Foxit's editor is maintained as 12.1, as 13.1 and as 2024.2 at the same time.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from backend.domain.products.product import ProductKey
from backend.domain.versions import Doubt, Scheme, VersionRange, order_or_doubt, order_surely
from backend.domain.versions.segments import Segment, Status

_Tracks: TypeAlias = Mapping[str, tuple[int, ...]]
"""By the first two numbers of a version."""
_SQL_SERVER: _Tracks = {
    "11.0": (2100, 2316, 3000, 3321, 5058, 5532, 6020, 6518, 7001),
    "12.0": (2000, 2342, 4100, 4416, 5000, 5511, 6024, 6205),
    "13.0": (1601, 2149, 4001, 4411, 5026, 5149, 6300, 7000),
    "14.0": (1000, 3000),
    "15.0": (2000, 4000),
    "16.0": (1000, 4000),
    "17.0": (1000, 4000),
}
"""First builds of a release or service pack and its security updates, and of its cumulative updates.

learn.microsoft.com/troubleshoot/sql/releases/download-and-install-latest-updates
"""
_OFFICE: _Tracks = {"16.0": (4200, 6000)}
"""Installed by Windows Installer, and by Click-to-Run: learn.microsoft.com/officeupdates."""
_OFFICE_PROGRAMS = ("access", "excel", "office", "outlook", "powerpoint", "project", "publisher", "visio", "word")
_FAMILIES: Mapping[str, _Tracks] = {"sql server": _SQL_SERVER, **dict.fromkeys(_OFFICE_PROGRAMS, _OFFICE)}
_RENUMBERED = "renumbered"
_RENUMBERED_PRODUCTS = frozenset({ProductKey("foxit", "pdf reader")})
"""Products whose numbering changed to years for good: 2023.2 came after 12.1.3.

foxit.com/pdf-reader/version-history.html
"""
_RELEASE = re.compile(r" \d{4}\b.*")
_NUMBER = re.compile(r"\d+")
_BUILD = re.compile(r"0*(\d{1,9})\.0*(\d{1,9})\.(\d{1,9})(?:\.\d{1,9})?")

Track: TypeAlias = tuple[str, int]
"""The release, and the place of the track among its tracks."""


def family_of(keys: Iterable[ProductKey]) -> str:
    """The family of programs with tracks, or with one order of all numbers, to which a product belongs; "": none."""
    keys = tuple(keys)
    if not _RENUMBERED_PRODUCTS.isdisjoint(keys):
        return _RENUMBERED
    names = (_RELEASE.sub("", key.product) for key in keys if key.vendor == "microsoft")
    return next((name for name in names if name in _FAMILIES), "")


def of_track(segments: Sequence[Segment], version: str, family: str) -> tuple[Segment, ...]:
    """The segments that are about the track of an installed version, or about its numbering.

    Without a bound of its own track, bounds of later ones count as they are stated (an older service pack is below all
    of them), and those of earlier ones leave a doubt.
    """
    if family == _RENUMBERED:
        return tuple(map(_in_order_of_numbers, segments))
    own = _track(version, family) if family else None
    if own is None:
        return _of_numbering(segments, version)
    foreign = [segment for segment in segments if _is_foreign(segment, own, family)]
    if not foreign:
        return tuple(segments)
    kept = tuple(segment for segment in segments if segment not in foreign)
    if any(_track(segment.range.end, family) == own for segment in kept):
        return kept
    ends = [_track(segment.range.end, family) for segment in foreign]
    if any(end is not None and end > own for end in ends):
        return tuple(segments)
    return (*kept, Segment(VersionRange(), Status.UNKNOWN, doubt=Doubt.OTHER_TRACK))


def _in_order_of_numbers(segment: Segment) -> Segment:
    return replace(segment, range=replace(segment.range, scheme=Scheme.NUMBERS))


def _of_numbering(segments: Sequence[Segment], version: str) -> tuple[Segment, ...]:
    """The segments in the numbering of an installed version, where its branch has a range among them.

    The range "2024.0 to 2024.2.3" beside "12.0 to 12.1.7" is not about 12.1.9. A version with a year is above all those
    without one; a version without one may be the short form of a year, unless its own branch is stated.
    """
    if len(segments) < 2:  # most statements; one range is of one numbering
        return tuple(segments)
    others = [segment for segment in segments if _is_numbered_otherwise(segment.range, version)]
    if not others:
        return tuple(segments)
    kept = tuple(segment for segment in segments if segment not in others)
    has_year = all(_is_above(version, segment.range) for segment in others)
    ends = [segment.range.end for segment in kept if segment.range.end and not segment.range.is_exact]
    return kept if any(has_year or _first_number(end) == _first_number(version) for end in ends) else tuple(segments)


def _is_numbered_otherwise(bounds: VersionRange, version: str) -> bool:
    """Whether both bounds count in another way. A range without a start also contains what came before its numbers."""
    start = bounds.start if bounds.start.strip("0.") else ""
    orders = {order_or_doubt(version, bound, bounds.scheme) for bound in (start, bounds.end) if bound}
    return orders == {Doubt.SHAPE} and (bool(start) or _is_above(version, bounds))


def _is_above(version: str, bounds: VersionRange) -> bool:
    return order_surely(version, bounds.end or bounds.start, Scheme.NUMBERS) == 1


def _first_number(version: str) -> str:
    found = _NUMBER.search(version)
    return found[0].lstrip("0") if found else ""


def _is_foreign(segment: Segment, own: Track, family: str) -> bool:
    """Whether an affected range ends in another track of the same release, and may begin before it."""
    end, start = _track(segment.range.end, family), _track(segment.range.start, family)
    other = end is not None and end != own and end[0] == own[0]
    return other and segment.status is Status.AFFECTED and not segment.range.is_exact and start != end


def _track(version: str, family: str) -> Track | None:
    found = _BUILD.fullmatch(version)
    release = f"{found[1]}.{found[2]}" if found else ""
    tracks = _FAMILIES[family].get(release)
    return (release, bisect_right(tracks, int(found[3]))) if tracks and found else None
