"""Versions of packages whose language has an order of its own: RubyGems, Packagist, CRAN, Hackage; and dates."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import zip_longest
from typing import TypeAlias

from backend.domain.versions.doubt import CannotCompare, Doubt

GemKey: TypeAlias = tuple[tuple[int, int, str], ...]

_GEM = re.compile(r"[0-9]+|[a-z]+", re.IGNORECASE)
_WORD, _END, _NUMBER = range(3)
_NUMBERS = re.compile(r"[0-9]+(?:[.-][0-9]+)*")
_PHP_SEPARATORS = re.compile(r"[-_+.]+")
_PHP_TRANSITION = re.compile(r"(?<=[0-9])(?=[^0-9.])|(?<=[^0-9.])(?=[0-9])")
_PHP_RANKS = {"dev": 0, "alpha": 1, "a": 1, "beta": 2, "b": 2, "rc": 3, "#": 4, "pl": 5, "p": 5}
_PHP_NUMBER, _PHP_UNKNOWN = 4, -1


def gem_key(text: str) -> GemKey:
    """The key of a RubyGems version (Gem::Version): words are below numbers, 1.0 equals 1."""
    segments = _GEM.findall(text.strip().replace("-", ".pre."))
    if not segments:
        raise CannotCompare(Doubt.NOT_A_VERSION, text)
    kept: list[tuple[int, int, str]] = []
    for segment in [*segments, ""]:
        if not segment.isdecimal():
            while kept and kept[-1] == (_NUMBER, 0, ""):
                kept.pop()
        kept.append((_NUMBER, int(segment), "") if segment.isdecimal() else (_WORD if segment else _END, 0, segment))
    return tuple(kept)


def numbers_key(text: str) -> tuple[int, ...]:
    """The key of a version that is only numbers (CRAN's package_version, Hackage): 1.0 is below 1.0.0.

    Raises:
        CannotCompare: there is anything else.
    """
    if not _NUMBERS.fullmatch(text.strip()):
        raise CannotCompare(Doubt.NOT_A_VERSION, text)
    return tuple([int(number) for number in re.split(r"[.-]", text.strip())])


def parse_php(text: str) -> tuple[str, ...]:
    """The parts of a version for PHP's version_compare, which Composer uses."""
    plain = text.strip().lower().removeprefix("v")
    parts = _PHP_TRANSITION.sub(".", _PHP_SEPARATORS.sub(".", plain)).strip(".").split(".")
    if parts == [""]:
        raise CannotCompare(Doubt.NO_VERSION, text)
    return tuple(parts)


def compare_php(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    """Order two versions: -1, 0 or 1. Unknown words are below "dev", and a missing part equals "#".

    Source: php.net/version_compare.
    """
    for x, y in zip_longest(a, b):
        left, right = _php_rank(x, beside=y), _php_rank(y, beside=x)
        if left != right:
            return -1 if left < right else 1
    return 0


def date_key(text: str) -> datetime:
    """The key of a date or a time by RFC 3339; without a zone it is UTC.

    Raises:
        CannotCompare: the text is none.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CannotCompare(Doubt.NOT_A_VERSION, text) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _php_rank(part: str | None, *, beside: str | None) -> tuple[int, int]:
    """Numbers differ among themselves only; beside a word or nothing, all are equal to "#"."""
    if part is None:
        return _PHP_NUMBER, -1
    if part.isdecimal():
        return _PHP_NUMBER, int(part) if beside is None or beside.isdecimal() else -1
    return _PHP_RANKS.get(part, _PHP_UNKNOWN), -1
