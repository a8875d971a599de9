"""Finds the JSON objects inside a document without decoding them, so that one broken record spoils only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]', re.DOTALL)  # a whole string, or a bracket outside of strings


def objects_at(depth: int, document: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each object that lies inside `depth` other brackets. An object that never ends is left out."""
    level = start = 0
    for token in _TOKEN.finditer(document):
        mark = token.group()
        if mark in b"{[":
            if level == depth and mark == b"{":
                start = token.start()
            level += 1
        elif mark in b"}]":
            level -= 1
            if level == depth and mark == b"}":
                yield start, token.end()
