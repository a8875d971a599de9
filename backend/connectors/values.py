"""Finds the values of a JSON list without decoding them, so that one broken record spoils only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],]', re.DOTALL)  # a string, or a bracket or comma outside of one


def values_of(document: bytes, key: str = "") -> Iterator[tuple[int, int]]:
    """Start and end of each value of a list: the one under `key` of the document's object or, without a key, the
    document itself. A value that never ends is left out."""
    inside, wanted = (2, f'"{key}"'.encode()) if key else (1, b"")
    level, start, text = 0, -1, b""
    for token in _TOKEN.finditer(document):
        mark = token.group()
        if mark in (b"{", b"["):
            level += 1
            if level == inside and mark == b"[" and text == wanted:
                start = token.end()
        elif mark in (b"}", b"]"):
            level -= 1
            if level < inside and start >= 0:
                yield from _filled(document, start, token.start())
                return
        elif mark != b",":
            text = mark if level < inside else text
        elif level == inside and start >= 0:
            yield from _filled(document, start, token.start())
            start = token.end()


def _filled(document: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Without the white space around it; nothing where there is nothing else."""
    value = document[start:end].lstrip()
    if value:
        yield end - len(value), end - len(value) + len(value.rstrip())
