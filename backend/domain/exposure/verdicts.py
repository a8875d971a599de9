"""The verdict on one installed version in one vulnerability, from the statements of all sources.

Who is believed, where several statements tell: the CNA's ranges, then NVD's ranges, then lists of single versions,
which name what was tested. A statement of another source that contradicts the believed one is named with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum, StrEnum

import msgspec

from backend.contract.names import Source
from backend.domain.claims import Origin
from backend.domain.exposure import reasons
from backend.domain.exposure.conditions import Subject
from backend.domain.exposure.cpe_statements import NOT_APPLICABLE
from backend.domain.exposure.statements import Statement
from backend.domain.versions import segments as versions
from backend.domain.versions.segments import Reason, Segment, Status

PROGRAM = Subject()
_BUILD_DOTS = 3  # in a full build of Windows


class Verdict(StrEnum):
    AFFECTED = "affected"
    CANNOT_TELL = "cannot_tell"
    NOT_AFFECTED = "not_affected"


class Rank(IntEnum):
    """How much a statement is believed; the lowest number first."""

    CNA_RANGE = 0
    NVD_RANGE = 1
    VERSIONS = 2
    TEXT = 3


class Judgement(msgspec.Struct, frozen=True):
    """The verdict on one version.

    Attributes:
        reason: a sentence for people.
        fixed_in: the first version that is not affected; "": not known.
        source: which relays the believed statement.
    """

    verdict: Verdict
    reason: str
    source: Source
    fixed_in: str = ""


class _Opinion(msgspec.Struct, frozen=True):
    """What one statement says about the version."""

    statement: Statement
    rank: Rank
    said: versions.Verdict

    @property
    def decides(self) -> bool:
        """Whether it tells; a list of single versions says nothing of others."""
        return self.said.affected is not None and self.said.reason is not Reason.NOT_LISTED


def judge(version: str, statements: Iterable[Statement], subject: Subject = PROGRAM) -> Judgement | None:
    """Judge an installed version.

    Args:
        version: as the records state versions; "": not known.
        statements: those that apply (see `conditions.applies`), of all keys of the product.
        subject: whether it is an operating system, and one that takes hotpatches.

    Returns:
        None if no statement says anything about the product's versions.
    """
    opinions = sorted(_opinions(version, statements, subject), key=_credit)
    if not opinions:
        return None
    believed = opinions[0]
    other = next((opinion for opinion in opinions if _contradicts(opinion, believed)), None)
    return _plain(believed, opinions) if other is None else _contradicted(believed, other, opinions, subject)


def _opinions(version: str, statements: Iterable[Statement], subject: Subject) -> Iterator[_Opinion]:
    for statement in statements:
        stated = [segment for segment in statement.segments if segment.range.start != NOT_APPLICABLE]
        if subject.is_system and version:
            stated = [segment for segment in stated if _is_of_release(segment, version)]
        if stated or not statement.segments:
            yield _Opinion(statement, _rank(statement), versions.judge(stated, version, statement.default))


def _is_of_release(segment: Segment, version: str) -> bool:
    """Whether a range of Windows builds ends in the installed release: "10.0.22631." is another one than "10.0.22621."

    Some records give a release the CPE name of another one.
    """
    end = segment.range.end
    return not end or end.count(".") != _BUILD_DOTS or end.rpartition(".")[0] == version.rpartition(".")[0]


def _rank(statement: Statement) -> Rank:
    if statement.origin is Origin.EUVD:
        return Rank.TEXT
    has_range = statement.default is Status.AFFECTED or not all(
        segment.range.is_exact for segment in statement.segments
    )
    if statement.origin is Origin.CISA_ADP or not has_range:
        return Rank.VERSIONS
    return Rank.NVD_RANGE if statement.origin is Origin.NVD else Rank.CNA_RANGE


def _credit(opinion: _Opinion) -> tuple[bool, bool, Rank, bool]:
    """Statements that decide come first, by their rank; of one rank those that call the version affected."""
    unlisted = opinion.said.reason is Reason.NOT_LISTED
    return not opinion.decides, unlisted, opinion.rank, not opinion.said.affected


def _contradicts(opinion: _Opinion, believed: _Opinion) -> bool:
    return opinion.decides and believed.decides and opinion.said.affected is not believed.said.affected


def _plain(believed: _Opinion, opinions: Sequence[_Opinion]) -> Judgement:
    verdict = _verdict(believed)
    return Judgement(
        verdict,
        reasons.of_one(believed.statement, believed.said),
        believed.statement.source,
        _fixed_in(opinions) if verdict is Verdict.AFFECTED else "",
    )


def _contradicted(believed: _Opinion, other: _Opinion, opinions: Sequence[_Opinion], subject: Subject) -> Judgement:
    """Judge a version about which two sources differ.

    Of a program nobody can tell where the believed statement does not call it affected and another one does. Of an
    operating system its vendor's CNA decides, but below its bound the build may be a hotpatch, whose bound NVD has.
    """
    affected = believed.said.affected is True
    tells = not (affected and subject.is_hotpatched) if subject.is_system else affected
    return Judgement(
        _verdict(believed) if tells else Verdict.CANNOT_TELL,
        reasons.of_both((believed.statement, believed.said), (other.statement, other.said)),
        believed.statement.source,
        _fixed_in(opinions) if affected or not tells else "",
    )


def _verdict(opinion: _Opinion) -> Verdict:
    if opinion.said.affected is None:
        return Verdict.CANNOT_TELL
    return Verdict.AFFECTED if opinion.said.affected else Verdict.NOT_AFFECTED


def _fixed_in(opinions: Iterable[_Opinion]) -> str:
    """The first version that is not affected, by the most believed statement that names one."""
    return next((opinion.said.fixed_in for opinion in opinions if opinion.said.fixed_in), "")
