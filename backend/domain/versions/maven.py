"""Versions of Maven artifacts.

Source: maven.apache.org/pom.html, "Version Order Specification". The shorter of two versions is filled up by the
separators of the other one, so this is a comparison, not a key.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TypeAlias

MavenToken: TypeAlias = tuple[str, str]  # the separator before it, and number or qualifier

_ALIAS = re.compile(r"(?<![a-z])([abm])(?=[0-9])")
_ALIASES = {"a": "alpha", "b": "beta", "m": "milestone"}
_TRANSITION = re.compile(r"(?<=[0-9])(?=[^0-9.-])|(?<=[^0-9.-])(?=[0-9])")
_NULLS = frozenset({"", "final", "ga", "release"})
_QUALIFIERS = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4, "": 5, "sp": 6}
_UNKNOWN = 7  # above all known qualifiers


def parse(text: str) -> tuple[MavenToken, ...]:
    """Split a version into tokens, without those that are null."""
    folded = _ALIAS.sub(lambda match: _ALIASES[match[1]], text.strip().lower())
    first, *rest = re.split(r"([.-])", _TRANSITION.sub("-", folded))
    tokens = [("", first or "0"), *zip(rest[::2], [part or "0" for part in rest[1::2]], strict=True)]
    kept: list[MavenToken] = []
    for token in reversed(tokens[1:]):
        if not _is_null(token[1]) or (kept and kept[-1][0] != "-"):
            kept.append(token)
    return (tokens[0], *reversed(kept))


def compare(a: tuple[MavenToken, ...], b: tuple[MavenToken, ...]) -> int:
    """Order two versions: -1, 0 or 1. The shorter one is filled with nulls of the other's separators."""
    for x, y in zip_longest(a, b):
        left, right = _rank(x or _null_beside(y)), _rank(y or _null_beside(x))
        if left != right:
            return -1 if left < right else 1
    return 0


def _is_null(part: str) -> bool:
    return part in _NULLS or not part.strip("0")


def _null_beside(token: MavenToken) -> MavenToken:
    return token[0], "0" if token[1].isdecimal() else ""


def _rank(token: MavenToken) -> tuple[int, int, str]:
    """A key of one token: qualifiers, then numbers behind a hyphen, then numbers behind a point."""
    separator, part = token
    if part.isdecimal():
        return 2 if separator == "-" else 3, int(part), ""
    part = "" if part in _NULLS else part
    return 1, _QUALIFIERS.get(part, _UNKNOWN), part if part not in _QUALIFIERS else ""
