"""Versions of the packages of Linux distributions: Debian, RPM, Alpine."""

from __future__ import annotations

import re
from typing import TypeAlias

from backend.domain.versions.doubt import CannotCompare, Doubt

DebianPart: TypeAlias = tuple[tuple[int, ...] | int, ...]
RpmPart: TypeAlias = tuple[tuple[int, int, str], ...]

_EPOCH = re.compile(r"(?:([0-9]+):)?(.*)", re.DOTALL)
_DEBIAN_RUN = re.compile(r"([^0-9]*)([0-9]*)")
_RPM_SEGMENT = re.compile(r"[0-9]+|[a-zA-Z]+|[~^]")
_TILDE, _END, _CARET, _LETTERS, _DIGITS = range(5)
_ALPINE = re.compile(
    r"v?([0-9]+(?:\.[0-9]+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)(?:~[0-9a-f]+)?(?:-r([0-9]+))?"
)
_ALPINE_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)")
_ALPINE_RANKS = {"alpha": 0, "beta": 1, "pre": 2, "rc": 3, "": 4, "cvs": 5, "svn": 6, "git": 7, "hg": 8, "p": 9}


def debian_key(text: str) -> tuple[int, DebianPart, DebianPart]:
    """The key of a Debian version [epoch:]upstream[-revision] (Debian Policy 5.6.12)."""
    epoch, rest = _epoch_and_rest(text)
    upstream, hyphen, revision = rest.rpartition("-")
    return (
        (epoch, _debian_part(upstream), _debian_part(revision))
        if hyphen
        else (epoch, _debian_part(rest), _debian_part(""))
    )


def rpm_key(text: str) -> tuple[int, RpmPart, RpmPart]:
    """The key of an RPM version [epoch:]version[-release] (rpmvercmp, rpm-version(7))."""
    epoch, rest = _epoch_and_rest(text)
    version, _, release = rest.partition("-")
    return epoch, _rpm_part(version), _rpm_part(release)


def alpine_key(text: str) -> tuple[tuple[tuple[int, int, str], ...], str, tuple[tuple[int, int], ...], int]:
    """The key of an Alpine version: numbers, a letter, suffixes, a revision (apk-package(5)).

    Raises:
        CannotCompare: the text is no such version.
    """
    match = _ALPINE.fullmatch(text.strip())
    if not match:
        raise CannotCompare(Doubt.NOT_A_VERSION, text)
    first, *others = match[1].split(".")
    numbers = ((1, int(first), ""), *[_alpine_number(part) for part in others])
    suffixes = [(_ALPINE_RANKS[name], int(number or 0)) for name, number in _ALPINE_SUFFIX.findall(match[3])]
    return numbers, match[2], (*suffixes, (_ALPINE_RANKS[""], 0)), int(match[4] or 0)


def _epoch_and_rest(text: str) -> tuple[int, str]:
    match = _EPOCH.fullmatch(text.strip())
    if not match or not match[2]:
        raise CannotCompare(Doubt.NO_VERSION, text)
    return int(match[1] or 0), match[2]


def _debian_part(text: str) -> DebianPart:
    """Runs of other characters and numbers in turn, without those at the end that are equal to nothing."""
    runs = [(_debian_order(other), int(number or 0)) for other, number in _DEBIAN_RUN.findall(text)]
    while runs and runs[-1] == ((0,), 0):
        runs.pop()
    return (*[value for run in runs for value in run], (0,))


def _debian_order(run: str) -> tuple[int, ...]:
    """ "~" is below the end, the end below letters, letters below all other characters."""
    return (*[-1 if sign == "~" else ord(sign) if sign.isalpha() else ord(sign) + 0x110000 for sign in run], 0)


def _rpm_part(text: str) -> RpmPart:
    return (*[_rpm_segment(segment) for segment in _RPM_SEGMENT.findall(text)], (_END, 0, ""))


def _rpm_segment(segment: str) -> tuple[int, int, str]:
    if segment in "~^":
        return _TILDE if segment == "~" else _CARET, 0, ""
    return (_DIGITS, int(segment), "") if segment.isdecimal() else (_LETTERS, 0, segment)


def _alpine_number(part: str) -> tuple[int, int, str]:
    """A part with a leading zero is a fraction: 1.01 is below 1.1."""
    return (0, 0, part.rstrip("0")) if part.startswith("0") else (1, int(part), "")
