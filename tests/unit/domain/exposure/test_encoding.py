"""Stored statements are read as they were written."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backend.contract.names import Source
from backend.domain.claims import Origin
from backend.domain.exposure.encoding import decode_statements, encode_statements
from backend.domain.exposure.statements import Condition, Statement
from backend.domain.versions import Doubt, Scheme, VersionRange
from backend.domain.versions.segments import Segment, Status

TEXTS = st.text(max_size=8)
SEGMENTS = st.builds(
    Segment,
    st.builds(VersionRange, TEXTS, TEXTS, st.booleans(), st.booleans(), st.just(Scheme.SEMVER)),
    st.sampled_from(Status),
    TEXTS,
    st.none() | st.sampled_from(Doubt),
)
CONDITIONS = st.builds(
    Condition,
    st.sampled_from(["", "a", "o", "h"]),
    TEXTS,
    TEXTS,
    st.lists(TEXTS, max_size=2).map(tuple),
    st.lists(TEXTS, max_size=2).map(tuple),
)
STATEMENTS = st.builds(
    Statement,
    st.sampled_from([Source.NVD, Source.MITRE, Source.EUVD]),
    st.sampled_from(Origin),
    st.lists(SEGMENTS, max_size=3).map(tuple),
    st.sampled_from(Status),
    CONDITIONS,
)


@given(st.lists(STATEMENTS, max_size=3))
def test_statements_survive_storing(statements: list[Statement]) -> None:
    assert list(map(normalised, decode_statements(encode_statements(statements)))) == list(map(normalised, statements))


def normalised(statement: Statement) -> Statement:
    """The statement with single versions first; without bounds the scheme is not stored."""
    segments = [
        segment
        if segment.range.start or segment.range.end
        else replace(segment, range=replace(segment.range, scheme=Scheme.WINDOWS))
        for segment in statement.segments
    ]
    if not any(segment.range.start or segment.range.end for segment in segments):
        return replace(statement, segments=tuple(sorted(segments, key=repr)))
    scheme = Scheme.SEMVER
    return replace(
        statement,
        segments=tuple(
            sorted((replace(segment, range=replace(segment.range, scheme=scheme)) for segment in segments), key=repr)
        ),
    )


def test_systems_that_only_texts_name_stay_such() -> None:
    condition = Condition("a", platforms=("macos",), in_words=True)
    statement = Statement(Source.NVD, Origin.NVD, (Segment(VersionRange.exactly("1.0")),), condition=condition)
    assert decode_statements(encode_statements([statement])) == (statement,)


def test_the_usual_statement_is_short() -> None:
    usual = Statement(Source.NVD, Origin.NVD, (Segment(VersionRange("", "115.0"), fixed_in="115.0"),))
    assert len(encode_statements([usual])) <= 20


@pytest.mark.parametrize("damaged", [b"", b"\x91", b"\x91\x91\xc0", b"\xff"])
def test_damaged_bytes_are_an_error(damaged: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_statements(damaged)
