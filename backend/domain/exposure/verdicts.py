"""The verdict on one installed version in one vulnerability, from the statements of all sources.

The order of precedence among several statements: the CNA's ranges, then NVD's ranges, then lists of single versions,
which name what was tested. A statement of another source that contradicts the preferred one is named with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum, StrEnum

import msgspec
from msgspec.structs import replace

from backend.contract.names import Source
from backend.domain.claims import Origin
from backend.domain.exposure import reasons
from backend.domain.exposure.conditions import Subject
from backend.domain.exposure.cpe_statements import NOT_APPLICABLE
from backend.domain.exposure.statements import Statement
from backend.domain.exposure.tracks import of_track
from backend.domain.versions import segments as versions
from backend.domain.versions import separate_branches
from backend.domain.versions.segments import Reason, Segment, Status

PROGRAM = Subject()
_BUILD_DOTS = 3  # in a full build of Windows


class Verdict(StrEnum):
    AFFECTED = "affected"
    CANNOT_TELL = "cannot_tell"
    NOT_AFFECTED = "not_affected"


class Rank(IntEnum):
    """The precedence of a statement; the lowest number first."""

    CNA_RANGE = 0
    NVD_RANGE = 1
    VERSIONS = 2
    TEXT = 3


class Judgement(msgspec.Struct, frozen=True):
    """The verdict on one version.

    Attributes:
        reason: a sentence for people.
        fixed_in: the first version that is not affected; "": not known.
        source: which relays the preferred statement.
    """

    verdict: Verdict
    reason: str
    source: Source
    fixed_in: str = ""


class _Opinion(msgspec.Struct, frozen=True):
    """What one statement states about the version."""

    statement: Statement
    rank: Rank
    stated: versions.VersionVerdict

    @property
    def decides(self) -> bool:
        """Whether it gives a verdict; a list of single versions says nothing about other versions."""
        return self.stated.affected is not None and self.stated.reason is not Reason.NOT_LISTED


def judge(version: str, statements: Iterable[Statement], subject: Subject = PROGRAM) -> Judgement | None:
    """Judge an installed version.

    Args:
        version: as the records state versions; "": not known.
        statements: those that apply (see `conditions.applies`), of all keys of the product.
        subject: whether it is an operating system, and one that takes hotpatches.

    Returns:
        None if no statement says anything about the product's versions.
    """
    stated = _united(_about_release(statements, version, subject), version, subject.family)
    opinions = sorted(_opinions(version, stated), key=_credit)
    if not opinions:
        return None
    preferred = opinions[0]
    other = next((opinion for opinion in opinions if _contradicts(opinion, preferred)), None)
    return _plain(preferred, opinions) if other is None else _contradicted(preferred, other, opinions, subject)


def judge_for_other_systems(statements: Iterable[Statement]) -> Judgement | None:
    """Judge a product by statements that name other systems only (`conditions.is_for_other_systems`)."""
    for statement in statements:
        return Judgement(Verdict.NOT_AFFECTED, reasons.of_systems(statement), statement.source)
    return None


def _about_release(statements: Iterable[Statement], version: str, subject: Subject) -> Iterator[Statement]:
    """The statements without what has no version or is about another release of an operating system."""
    of_release = version if subject.is_system else ""
    for statement in statements:
        segments = tuple(
            segment
            for segment in statement.segments
            if segment.range.start != NOT_APPLICABLE and (not of_release or _is_of_release(segment, of_release))
        )
        if segments or not statement.segments:
            yield replace(statement, segments=segments)


def _united(statements: Iterable[Statement], version: str, family: str) -> Iterator[Statement]:
    """What a CNA says of a product in several entries, or under several names, as one statement.

    Only together they tell branches apart: "before 115.17" and "before 128.4", "SQL Server 2019 (GDR)" and "(CU 27)".
    Of these two only the track of the installed version counts.
    NVD's statements stay apart: they differ by edition, such as the tracks of Adobe Acrobat.
    """
    groups: defaultdict[tuple[Source, Origin, Status], list[Statement]] = defaultdict(list)
    for statement in statements:
        if statement.origin is Origin.NVD:
            yield replace(statement, segments=of_track(statement.segments, version, family))
        else:
            groups[statement.source, statement.origin, statement.default].append(statement)
    for first, *others in groups.values():
        stated = tuple(dict.fromkeys(segment for statement in (first, *others) for segment in statement.segments))
        segments = of_track(stated, version, family)
        yield replace(first, segments=separate_branches(segments) if others or family else segments)


def _opinions(version: str, statements: Iterable[Statement]) -> Iterator[_Opinion]:
    for statement in statements:
        yield _Opinion(statement, _rank(statement), versions.judge(statement.segments, version, statement.default))


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
    """Statements that decide come first, by their rank; of one rank those that call the version affected.

    What NVD lists as a single version counts as much as its ranges of another edition.
    """
    unlisted = opinion.stated.reason is Reason.NOT_LISTED
    of_nvd = opinion.statement.origin is Origin.NVD and opinion.stated.affected is True
    return not opinion.decides, unlisted, Rank.NVD_RANGE if of_nvd else opinion.rank, not opinion.stated.affected


def _contradicts(opinion: _Opinion, preferred: _Opinion) -> bool:
    """NVD does not contradict itself: a version of any of its statements is affected."""
    if opinion.statement.origin is preferred.statement.origin is Origin.NVD:
        return False
    return opinion.decides and preferred.decides and opinion.stated.affected is not preferred.stated.affected


def _plain(preferred: _Opinion, opinions: Sequence[_Opinion]) -> Judgement:
    verdict = _verdict(preferred)
    return Judgement(
        verdict,
        reasons.of_one(preferred.statement, preferred.stated),
        preferred.statement.source,
        _fixed_in(opinions) if verdict is Verdict.AFFECTED else "",
    )


def _contradicted(preferred: _Opinion, other: _Opinion, opinions: Sequence[_Opinion], subject: Subject) -> Judgement:
    """Judge a version about which two sources differ.

    For a program the verdict is "cannot tell" where the preferred statement does not call it affected and another
    does. For an operating system its vendor's CNA decides, but below its bound the build may be a hotpatch, whose bound
    NVD has.
    """
    affected = preferred.stated.affected is True
    is_decided = not (affected and subject.is_hotpatched) if subject.is_system else affected
    return Judgement(
        _verdict(preferred) if is_decided else Verdict.CANNOT_TELL,
        reasons.of_both((preferred.statement, preferred.stated), (other.statement, other.stated)),
        preferred.statement.source,
        _fixed_in(opinions) if affected or not is_decided else "",
    )


def _verdict(opinion: _Opinion) -> Verdict:
    if opinion.stated.affected is None:
        return Verdict.CANNOT_TELL
    return Verdict.AFFECTED if opinion.stated.affected else Verdict.NOT_AFFECTED


def _fixed_in(opinions: Iterable[_Opinion]) -> str:
    """The first version that is not affected, by the statement of the highest precedence that names one."""
    return next((opinion.stated.fixed_in for opinion in opinions if opinion.stated.fixed_in), "")
