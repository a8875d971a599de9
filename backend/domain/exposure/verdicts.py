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
from backend.domain.exposure.cpe_statements import NOT_APPLICABLE
from backend.domain.exposure.statements import Statement
from backend.domain.versions import segments as versions
from backend.domain.versions.segments import Reason, Status


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


def judge(version: str, statements: Iterable[Statement]) -> Judgement | None:
    """Judge an installed version.

    Args:
        version: as the records state versions; "": not known.
        statements: those that apply (see `conditions.applies`), of all keys of the product.

    Returns:
        None if no statement says anything about the product's versions.
    """
    opinions = sorted(_opinions(version, statements), key=_credit)
    if not opinions:
        return None
    believed = opinions[0]
    other = next((opinion for opinion in opinions if _contradicts(opinion, believed)), None)
    return _plain(believed, opinions) if other is None else _contradicted(believed, other, opinions)


def _opinions(version: str, statements: Iterable[Statement]) -> Iterator[_Opinion]:
    for statement in statements:
        stated = [segment for segment in statement.segments if segment.range.start != NOT_APPLICABLE]
        if stated or not statement.segments:
            yield _Opinion(statement, _rank(statement), versions.judge(stated, version, statement.default))


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


def _contradicted(believed: _Opinion, other: _Opinion, opinions: Sequence[_Opinion]) -> Judgement:
    """The believed statement decides where it calls the version affected; where it does not, nobody can tell.

    Of an operating system nobody can tell either: NVD's bounds may be those of a hotpatch.
    """
    is_system = any(opinion.statement.condition.part == "o" for opinion in (believed, other))
    tells = believed.said.affected and not is_system
    return Judgement(
        Verdict.AFFECTED if tells else Verdict.CANNOT_TELL,
        reasons.of_both((believed.statement, believed.said), (other.statement, other.said)),
        believed.statement.source,
        _fixed_in(opinions),
    )


def _verdict(opinion: _Opinion) -> Verdict:
    if opinion.said.affected is None:
        return Verdict.CANNOT_TELL
    return Verdict.AFFECTED if opinion.said.affected else Verdict.NOT_AFFECTED


def _fixed_in(opinions: Iterable[_Opinion]) -> str:
    """The first version that is not affected, by the most believed statement that names one."""
    return next((opinion.said.fixed_in for opinion in opinions if opinion.said.fixed_in), "")
