"""The sentences that say why a verdict is as it is."""

from __future__ import annotations

from backend.domain.claims import Origin
from backend.domain.exposure.conditions import System
from backend.domain.exposure.statements import Statement
from backend.domain.versions import Doubt, VersionRange
from backend.domain.versions.segments import Reason, Status, VersionVerdict

MOST_NAMED = 3
"""Ranges in one sentence."""
_ORIGINS = {Origin.NVD: "NVD", Origin.CNA: "the CNA", Origin.CISA_ADP: "CISA", Origin.EUVD: "EUVD"}
_DOUBTS = {
    Doubt.NO_VERSION: "The installed version is not known",
    Doubt.NOT_A_VERSION: "The installed version cannot be compared with the stated ones",
    Doubt.TOO_LONG: "The installed version cannot be compared with the stated ones",
    Doubt.REVISION: "Versions are stated as commits",
    Doubt.DATE: "Only one of the installed and the stated version is a date",
    Doubt.SHAPE: "The installed version is numbered in another way than the stated ones",
    Doubt.SUFFIX: "The order of the installed version and a stated bound is not known",
    Doubt.OTHER_TRACK: "The installed version is of another branch than the stated ones",
    Doubt.NO_BOUNDS: "All versions are stated, without bounds",
    Doubt.UNREADABLE: "The stated versions cannot be read",
    Doubt.UNSTATED: "The status of the installed version is not stated",
}

_SYSTEMS = {
    System.WINDOWS: "Windows",
    System.MACOS: "macOS",
    System.LINUX: "Linux",
    System.ANDROID: "Android",
    System.IOS: "iOS",
    System.OTHER: "other systems",
}

Stated = tuple[Statement, VersionVerdict]
"""A statement, and what it states about the installed version."""


def of_one(statement: Statement, verdict: VersionVerdict) -> str:
    if isinstance(verdict.reason, Doubt):
        return f"{_DOUBTS[verdict.reason]} ({_ORIGINS[statement.origin]})."
    return _sentence(_clause(statement, verdict))


def of_both(preferred: Stated, other: Stated) -> str:
    return _sentence(f"{_clause(*preferred)}, but {_clause(*other)}")


def of_systems(statement: Statement) -> str:
    """Why a statement is not about this machine."""
    named = ", ".join(_SYSTEMS[System(system)] for system in statement.condition.platforms)
    if statement.condition.in_words:
        return f"Title or description name only {named}."
    whose = _ORIGINS[statement.origin]
    return _sentence(f"{whose} names only {named}")


def worded(versions: VersionRange) -> str:
    """A range in words: "before 2.0", "1.0", "from 1.0 to before 1.5"."""
    start, end = versions.start, versions.end
    if versions.is_exact:
        return start
    if not start:
        return (f"up to {end}" if versions.end_inclusive else f"before {end}") if end else "all"
    if not end:
        return f"from {start}" if versions.start_inclusive else f"after {start}"
    if versions.start_inclusive:
        return f"from {start} to {end}" if versions.end_inclusive else f"from {start} to before {end}"
    return f"after {start} to {end}" if versions.end_inclusive else f"after {start} to before {end}"


def _clause(statement: Statement, verdict: VersionVerdict) -> str:
    """What a statement states, without a full stop."""
    whose, affected = _ORIGINS[statement.origin], _named(statement, Status.AFFECTED)
    match verdict.reason:
        case Reason.STATED_UNAFFECTED:
            return f"{whose} calls versions {_named(statement, Status.UNAFFECTED)} not affected"
        case Reason.DEFAULT:
            return f"{whose} calls all versions affected but {_named(statement, Status.UNAFFECTED)}"
        case Reason.OUTSIDE | Reason.NOT_LISTED:
            return (
                f"{whose} calls only versions {affected} affected" if affected else f"{whose} calls no version affected"
            )
    return f"{whose} calls versions {affected} affected"


def _named(statement: Statement, status: Status) -> str:
    ranges = [segment.range for segment in statement.segments if segment.status is status]
    named = ", ".join(map(worded, ranges[:MOST_NAMED]))
    return f"{named} and {len(ranges) - MOST_NAMED} more" if len(ranges) > MOST_NAMED else named


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
