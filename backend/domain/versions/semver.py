"""Semantic versions (semver.org 2.0.0) and the schemes made of them: npm, NuGet, Cargo, Go, pub."""

from __future__ import annotations

import re
from typing import TypeAlias

from backend.domain.versions.doubt import CannotCompare, Doubt

Identifier: TypeAlias = tuple[int, int, str]
SemverKey: TypeAlias = tuple[tuple[int, ...], int, tuple[Identifier, ...], tuple[Identifier, ...]]

_VERSION = re.compile(r"=?\s*(?:v|go)?([0-9]+(?:\.[0-9]+)*)(?:([-.]?)([^+\s]+))?(?:\+(\S*))?", re.IGNORECASE)
_RELEASE = 1


def key(text: str) -> SemverKey:
    """The key of a semantic version: missing parts are 0, more than three are taken, build metadata is left out.

    Raises:
        CannotCompare: the text does not begin with a number, or has white space within.
    """
    return (*_key(text)[:3], ())


def nuget_key(text: str) -> SemverKey:
    """The key of a NuGet version: identifiers of a pre-release are compared without case.

    Source: learn.microsoft.com/nuget/concepts/package-versioning.

    Raises:
        CannotCompare: as `key`.
    """
    return key(text.lower())


def pub_key(text: str) -> SemverKey:
    """The key of a version of pub (Dart): a version with build metadata is above the one without.

    Source: dart.dev/tools/pub/versioning, pub_semver.

    Raises:
        CannotCompare: as `key`.
    """
    return _key(text)


def is_strict(text: str) -> bool:
    """Whether the text is numbers, with a pre-release behind a hyphen only."""
    match = _VERSION.fullmatch(text.strip())
    return match is not None and match[2] in (None, "-")


def _key(text: str) -> SemverKey:
    match = _VERSION.fullmatch(text.strip())
    if not match:
        raise CannotCompare(Doubt.NOT_A_VERSION if text.strip() else Doubt.NO_VERSION, text)
    numbers = [int(part) for part in match[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    stage = match[3]
    return tuple(numbers), 0 if stage else _RELEASE, _identifiers(stage), _identifiers(match[4])


def _identifiers(text: str | None) -> tuple[Identifier, ...]:
    """Numbers are below words; of two that agree otherwise, the longer one is above."""
    return tuple([_identifier(part) for part in text.split(".")]) if text else ()


def _identifier(part: str) -> Identifier:
    return (0, int(part), "") if part.isascii() and part.isdecimal() else (1, 0, part)
