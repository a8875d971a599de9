"""What a source states about the versions of one product, read as segments with a status.

The form is that of the CVE record format (CVEProject/cve-schema, versions.md): entries with `version`, `lessThan` or
`lessThanOrEqual`, `changes` and a status. What CNAs write into these fields is wider: "*", "0" and "n/a" for no bound,
ranges as text, one version as start and end. A statement that cannot be read stays as a segment with a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from backend.domain.versions.branches import separate_branches
from backend.domain.versions.doubt import Doubt
from backend.domain.versions.order import LIMIT
from backend.domain.versions.range_text import BRANCH, Mark, Sign, range_between, read_range_text
from backend.domain.versions.ranges import VersionRange
from backend.domain.versions.schemes import Scheme, scheme_of
from backend.domain.versions.segments import Segment, Status
from backend.domain.versions.windows import PLAIN


class StatedVersion(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An entry of `affected[].versions[]`, with the source's own words."""

    version: str = ""
    status: str = "affected"
    less_than: str = ""
    less_than_or_equal: str = ""
    version_type: str = ""
    changes: tuple[tuple[str, str], ...] = ()  # (from which version on, status)


_NO_START = frozenset(
    {"", "*", "-", "0", "n/a", "na", "none", "unspecified", "unknown", "all", "any", "all versions", "earlier"}
    | {"previous versions", "prior versions", "earlier versions", "all previous versions", "all prior versions"}
)
_NO_END = frozenset({"*", "-", "n/a", "na", "none", "unspecified", "unknown", "all", "any"})
_COMMIT = re.compile(r"[0-9a-f]{7,40}", re.IGNORECASE)
_STATUS_PREFIX = re.compile(r"(affected|unaffected|unknown|patch):\s*", re.IGNORECASE)
_WORDS = re.compile(r"[\s,;|<>=]+")
_CHANGE = re.compile(r",\s*(affected|unaffected|unknown)\s+from\s+([^\s,]+)", re.IGNORECASE)


def status_of(text: str, default: Status = Status.UNKNOWN) -> Status:
    """The status that a source's word means."""
    return _STATUSES.get(text.strip().lower(), default)


_STATUSES = {status.value: status for status in Status} | {"patch": Status.UNAFFECTED}


def read_versions(entries: Iterable[StatedVersion], names: str = "") -> tuple[Segment, ...]:
    """Read the entries of one product.

    Args:
        entries: as they are in the record.
        names: vendor and product, which stand before versions in some records ("Android 12.0").

    Returns:
        The segments in the record's order, branches (see `separate_branches`) at the end.
    """
    return separate_branches(
        _without_foreign_ends([segment for entry in entries for segment in _segments(entry, names)])
    )


def _without_foreign_ends(segments: Sequence[Segment]) -> Sequence[Segment]:
    """Leave out an end below its start where another end of the same start is readable.

    It is that of another component: records of Windows 7 name Internet Explorer's "1.001" beside "6.1.7601.26713".
    """
    if all(segment.doubt is not Doubt.UNREADABLE for segment in segments):
        return segments
    starts = {segment.range.start for segment in segments if segment.range.end and not segment.doubt}
    return [
        segment
        for segment in segments
        if segment.doubt is not Doubt.UNREADABLE or not segment.range.start or segment.range.start not in starts
    ]


def read_version_texts(texts: Iterable[str], names: str = "") -> tuple[Segment, ...]:
    """Read statements that are only text: "1.0 to before 2.0", "unaffected: 2.1", "patch: 6.12.2", EUVD's "1.0 <2.0".

    Args:
        texts: each may begin with a status and end with changes (", unaffected from 1.4.2").
        names: as in `read_versions`.
    """
    entries = []
    for text in texts:
        changes = tuple([(at, status) for status, at in _CHANGE.findall(text)])
        plain = _CHANGE.sub("", text).strip()
        prefix = _STATUS_PREFIX.match(plain)
        status = prefix[1] if prefix else Status.AFFECTED
        entries.append(StatedVersion(plain[prefix.end() :] if prefix else plain, status, changes=changes))
    return read_versions(entries, names)


@lru_cache(maxsize=2**13)  # the records of one vendor repeat branches, models and releases
def _segments(entry: StatedVersion, names: str) -> tuple[Segment, ...]:
    """The segments of an entry. Most entries are plain numbers, which are read at a fifth of the cost."""
    status, scheme = status_of(entry.status), scheme_of(entry.version_type)
    longest = max(len(entry.version), len(entry.less_than), len(entry.less_than_or_equal))
    if not entry.changes and scheme is not Scheme.GIT and longest <= LIMIT:
        plain = _plain_range(entry, scheme)
        if plain:
            return (Segment(plain, status, entry.less_than),)
    return tuple(_read_segments(entry, names, status, scheme))


def _plain_range(entry: StatedVersion, scheme: Scheme) -> VersionRange | None:
    """The range of an entry of plain numbers; None if it has other text, no bounds, or an end below its start."""
    version, end = entry.version, entry.less_than or entry.less_than_or_equal
    without_start = version in _NO_START or not version.strip("0.")
    if not (without_start or PLAIN.fullmatch(version)) or not PLAIN.fullmatch(end or version):
        return None
    if not end:
        return None if without_start else VersionRange.exactly(version, scheme)
    start = "" if without_start or version == end else version
    if start and _numbers(start) > _numbers(end):
        return None
    return VersionRange(start, end, end_inclusive=not entry.less_than, scheme=scheme)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def _read_segments(entry: StatedVersion, names: str, status: Status, scheme: Scheme) -> Iterator[Segment]:
    end = entry.less_than or entry.less_than_or_equal
    if scheme is Scheme.GIT:
        if _is_about_commits(entry):
            yield Segment(status=status, doubt=Doubt.REVISION)
            return
        scheme = Scheme.WINDOWS
    found = _bounded(entry, end, names, scheme) if end else _from_text(entry.version, names, scheme)
    for segment in found:
        yield from _at_changes(replace(segment, status=status), entry.changes)


def _is_about_commits(entry: StatedVersion) -> bool:
    texts = (entry.version, entry.less_than, entry.less_than_or_equal)
    return any(_COMMIT.fullmatch(text.strip()) for text in texts)


def _from_text(text: str, names: str, scheme: Scheme) -> Iterator[Segment]:
    """A version without bounds: a single one, or ranges as text."""
    if text.strip().lower() in _NO_START:
        yield Segment(doubt=Doubt.NO_BOUNDS)
        return
    ranges = read_range_text(text, names, scheme)
    if isinstance(ranges, Doubt):
        yield Segment(doubt=ranges)
        return
    for found in ranges:
        named = not found.end_inclusive and found.end in _WORDS.split(text)  # not the branch after "1.x"
        yield Segment(found, fixed_in=found.end if named else "")


def _bounded(entry: StatedVersion, end: str, names: str, scheme: Scheme) -> Iterator[Segment]:
    """An entry with an upper bound."""
    low = _lower(entry.version, names)
    start, doubt = (None, low) if isinstance(low, Doubt) else (low, None)
    highs = _uppers(end, names, inclusive=not entry.less_than)
    if isinstance(highs, Doubt) or (start and len(highs) > 1):
        doubt, highs = highs if isinstance(highs, Doubt) else Doubt.UNREADABLE, ()
    if not start and not highs:
        yield Segment(doubt=doubt or Doubt.NO_BOUNDS)
    for high in highs or ((None,) if start else ()):
        bounds = range_between(start, high, scheme)
        if bounds.is_empty:  # one of them is no version of its own, as in "14.1-RELEASE" to "p3"
            yield Segment(VersionRange(bounds.start, scheme=scheme), doubt=Doubt.UNREADABLE)
            continue
        fixed_in = high.version if high and high.sign is Sign.BEFORE else ""
        yield Segment(bounds, fixed_in=fixed_in, doubt=doubt)


def _uppers(text: str, names: str, *, inclusive: bool) -> Sequence[Mark] | Doubt:
    """The upper bound, or those of several branches; empty for no bound.

    "6.1.*" is the end of branch 6.1, for `lessThan` too (versions.md).
    """
    plain = text.strip()
    if plain.lower() in _NO_END:
        return ()
    if BRANCH.fullmatch(plain):
        return (Mark(Sign.UP_TO, plain),)
    ranges = read_range_text(plain, names)
    if isinstance(ranges, Doubt):
        return ranges
    if all(found.is_exact for found in ranges):
        sign = Sign.UP_TO if inclusive else Sign.BEFORE
        return [Mark(sign, found.end) for found in (ranges[:1] if _are_of_one_branch(ranges) else ranges)]
    if len(ranges) > 1 or ranges[0].start or not ranges[0].end:
        return Doubt.UNREADABLE
    return (Mark(Sign.UP_TO if ranges[0].end_inclusive else Sign.BEFORE, ranges[0].end),)


def _are_of_one_branch(ranges: Sequence[VersionRange]) -> bool:
    """Whether versions in a list begin alike ("22.3R2-S1, 22.3R3": fixed in either); the first one is the lowest."""
    branch = re.match(r"\w+\.\d+", ranges[0].end)
    return branch is not None and all(found.end.startswith(branch[0]) for found in ranges)


def _lower(text: str, names: str) -> Mark | Doubt | None:
    """The lower bound; None for no bound. Some entries repeat the whole range as text there."""
    if text.strip().lower() in _NO_START:
        return None
    ranges = read_range_text(text, names)
    if isinstance(ranges, Doubt):
        return None if ranges is Doubt.NO_BOUNDS else ranges
    if len(ranges) > 1:
        return Doubt.UNREADABLE
    start = ranges[0]
    return Mark(Sign.FROM if start.start_inclusive else Sign.AFTER, start.start) if start.start else None


def _at_changes(segment: Segment, changes: Sequence[tuple[str, str]]) -> Iterator[Segment]:
    """Split a segment where its status changes. A change behind its end only names the version with the fix."""
    for at, word in changes:
        status, inside = status_of(word), segment.range.contains(at)
        fix = at if segment.status is Status.AFFECTED and status is Status.UNAFFECTED else ""
        if inside is True or inside is Doubt.NO_BOUNDS:
            before, after = segment.range.split(at)
            doubt = None if segment.doubt is Doubt.NO_BOUNDS else segment.doubt
            yield Segment(before, segment.status, fix, doubt)
            segment = Segment(after, status, segment.fixed_in if status is Status.AFFECTED else "", doubt)
        elif inside is False:
            segment = replace(segment, fixed_in=segment.fixed_in or fix)
        else:
            segment = replace(segment, doubt=segment.doubt or Doubt.UNREADABLE)
    yield segment
