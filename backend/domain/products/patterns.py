"""The patterns of the curated table: a small language that matches in linear time.

A pattern is text in lower case in which `[a|b]` is one of several or nothing, `{a|b}` one of several, `#` a version or
number, and a final `*` any further words. Groups may be nested. Most patterns stand for a few literal names, which a
dictionary finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice

MAX_NAMES = 100  # literal names of one pattern

_GROUP = re.compile(r"\[([^\[\]{}]*)\]|\{([^\[\]{}]*)\}")
_LEADING = re.compile(r"\.?[^\W_]+")
_BEFORE_OPEN = re.compile(r"[#*]")
_NUMBER = r"v?[0-9]{1,9}(?:\.[0-9]{1,9}){0,5}[a-z]?"


class PatternError(ValueError):
    """A pattern that is not in the language."""


def expanded(pattern: str) -> tuple[str, ...]:
    """All texts that a pattern stands for, with `#` and a final `*` left in them.

    Raises:
        PatternError: groups are not closed, a `*` is not last, or there are too many texts.
    """
    found = islice(_texts(pattern), MAX_NAMES + 1)
    texts = tuple(dict.fromkeys(" ".join(text.split()) for text in found))
    if len(texts) > MAX_NAMES or any(set(text) & set("[]{}") or "*" in text[:-1] or not text for text in texts):
        raise PatternError(pattern)
    return texts


def is_literal(text: str) -> bool:
    return "#" not in text and not text.endswith("*")


def fits(text: str, name: str) -> bool:
    """Whether an expanded text matches a whole name. Its expression is only made for names that begin like it."""
    return name.startswith(_BEFORE_OPEN.split(text, maxsplit=1)[0]) and _compiled(text).fullmatch(name) is not None


@cache
def _compiled(text: str) -> re.Pattern[str]:
    escaped = re.escape(text.removesuffix("*")).replace(r"\#", _NUMBER)
    further = ".+" if text.endswith(" *") else r"(?:\W.*)?" if text.endswith("*") else ""
    return re.compile(escaped + further)


def leading_letters(text: str) -> str:
    """The letters and digits at the beginning of a text, by which open patterns are found."""
    found = _LEADING.match(text)
    return found[0] if found else ""


def _texts(pattern: str) -> Iterator[str]:
    """Replace the first innermost group by each of its choices, and so on."""
    group = _GROUP.search(pattern)
    if not group:
        yield pattern
        return
    choices = group[2].split("|") if group[1] is None else ["", *group[1].split("|")]
    for choice in choices:
        yield from _texts(pattern[: group.start()] + choice + pattern[group.end() :])
