"""The compact form in which statements are stored with their product: MessagePack arrays without what is usual.

A statement takes some 15 bytes, half of which are its version. The store compresses long lists of versions.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from backend.contract.names import Source
from backend.domain.claims import Origin
from backend.domain.exposure.statements import Condition, Statement
from backend.domain.versions import Doubt, Scheme, VersionRange
from backend.domain.versions.segments import Segment, Status

_SOURCES = (Source.NVD, Source.MITRE, Source.EUVD)
_ORIGINS = (Origin.NVD, Origin.CNA, Origin.CISA_ADP, Origin.EUVD)
_PARTS = ("", "a", "o", "h")
_STATUSES = (Status.UNKNOWN, Status.AFFECTED, Status.UNAFFECTED)
_SOURCE_NUMBERS = {source: number for number, source in enumerate(_SOURCES)}
_ORIGIN_NUMBERS = {origin: number for number, origin in enumerate(_ORIGINS)}
_PART_NUMBERS = {part: number for number, part in enumerate(_PARTS)}
_STATUS_NUMBERS = {status: number for number, status in enumerate(_STATUSES)}


class _Bounds(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A segment. flags: status in two bits, whether start and end are inclusive, whether the end is the fix."""

    flags: int
    start: str = ""
    end: str = ""
    fixed_in: str = ""
    doubt: Doubt | None = None


class _Condition(msgspec.Struct, frozen=True, gc=False, array_like=True):
    edition: str = ""
    target: str = ""
    platforms: tuple[str, ...] = ()
    running_on: tuple[str, ...] = ()
    in_words: bool = False


class _Stored(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """head: source, origin, default status and part in two bits each. exact: single affected versions.

    condition: without its part.
    """

    head: int
    exact: tuple[str, ...] = ()
    bounds: tuple[_Bounds, ...] = ()
    scheme: Scheme = Scheme.WINDOWS
    condition: _Condition | None = None


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(tuple[_Stored, ...])


def encode_statements(statements: Sequence[Statement]) -> bytes:
    return _encode([_stored(statement) for statement in statements])


def decode_statements(encoded: bytes) -> tuple[Statement, ...]:
    """Decode what `encode_statements` wrote.

    Raises:
        msgspec.DecodeError: the bytes are damaged.
    """
    return tuple([_statement(stored) for stored in _decoder.decode(encoded)])


def _stored(statement: Statement) -> list[object]:
    """The fields up to the last one that is not the usual."""
    condition = statement.condition
    head = (
        _SOURCE_NUMBERS[statement.source]
        | _ORIGIN_NUMBERS[statement.origin] << 2
        | _STATUS_NUMBERS[statement.default] << 4
        | _PART_NUMBERS.get(condition.part, 0) << 6
    )
    exact: list[str] = []
    bounds: list[list[object]] = []
    scheme = Scheme.WINDOWS
    for segment in statement.segments:
        versions = segment.range
        if versions.start or versions.end:
            scheme = versions.scheme
        if versions.is_exact and segment.status is Status.AFFECTED and not (segment.fixed_in or segment.doubt):
            exact.append(versions.start)
        else:
            bounds.append(_bounds(segment))
    if condition.edition or condition.target or condition.platforms or condition.running_on:
        further = [condition.edition, condition.target, condition.platforms, condition.running_on]
        return [head, exact, bounds, scheme, [*further, True] if condition.in_words else further]
    if scheme is not Scheme.WINDOWS:
        return [head, exact, bounds, scheme]
    return [head, exact, bounds] if bounds else [head, exact]


def _bounds(segment: Segment) -> list[object]:
    versions = segment.range
    start, end = versions.start, versions.end
    ends_with_fix = segment.fixed_in == end
    inclusive = versions.start_inclusive << 2 | versions.end_inclusive << 3
    flags = _STATUS_NUMBERS[segment.status] | inclusive | ends_with_fix << 4
    if segment.doubt:
        return [flags, start, end, "" if ends_with_fix else segment.fixed_in, segment.doubt]
    return [flags, start, end] if ends_with_fix or not segment.fixed_in else [flags, start, end, segment.fixed_in]


def _statement(stored: _Stored) -> Statement:
    where = stored.condition or _Condition()
    head, scheme = stored.head, stored.scheme
    return Statement(
        _SOURCES[head & 3],
        _ORIGINS[head >> 2 & 3],
        tuple([Segment(VersionRange.exactly(version, scheme)) for version in stored.exact])
        + tuple([_segment(bounds, scheme) for bounds in stored.bounds]),
        _STATUSES[head >> 4 & 3],
        Condition(
            _PARTS[head >> 6 & 3], where.edition, where.target, where.platforms, where.running_on, where.in_words
        ),
    )


def _segment(stored: _Bounds, scheme: Scheme) -> Segment:
    flags = stored.flags
    return Segment(
        VersionRange(stored.start, stored.end, bool(flags & 4), bool(flags & 8), scheme),
        _STATUSES[flags & 3],
        stored.end if flags & 16 else stored.fixed_in,
        stored.doubt,
    )
