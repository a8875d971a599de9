"""Versions of Python packages by PEP 440, and those from before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from packaging.version import InvalidVersion, Version

LegacyKey: TypeAlias = tuple[int, tuple[str, ...]]
PythonKey: TypeAlias = tuple[int, Version | tuple[str, ...]]

_PIECE = re.compile(r"([0-9]+|[a-z]+|\.|-)")
_REPLACED = {"pre": "c", "preview": "c", "rc": "c", "-": "final-", "dev": "@"}
_LEGACY, _VALID = 0, 1


def key(text: str) -> PythonKey:
    """The key of a version; those that PEP 440 does not know are below all others, in the order of old setuptools."""
    try:
        return _VALID, Version(text)
    except InvalidVersion:
        return _LEGACY, tuple(_legacy_parts(text.strip().lower()))


def is_valid(text: str) -> bool:
    return key(text)[0] == _VALID


def _legacy_parts(text: str) -> list[str]:
    """As pkg_resources.parse_version of setuptools before 66: a number is above a word, "final" above a pre-release."""
    parts: list[str] = []
    for part in _pieces(text):
        if part.startswith("*"):
            while part < "*final" and parts and parts[-1] == "*final-":
                parts.pop()
            while parts and not parts[-1].strip("0"):
                parts.pop()
        parts.append(part)
    return parts


def _pieces(text: str) -> Iterator[str]:
    for found in _PIECE.split(text):
        piece = _REPLACED.get(found, found)
        if piece and piece != ".":
            yield piece.zfill(8) if piece[0].isdecimal() else f"*{piece}"
    yield "*final"
