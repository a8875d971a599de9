"""English sentences of errors, findings and reasons in the language of the windows.

They reach the windows finished: over the API, from the database, from the last line of a process, also from an older
version of the program. A sentence is recognised by its template, of which `resources/translate.py` makes the list;
its values, which may be sentences again, are put into the translated template. What is not recognised stays English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter

from PySide6.QtCore import QCoreApplication

from desktop.assets import asset
from desktop.ui.formatting import plain

CONTEXT = "problem"
"""The context of these texts in the catalogues."""
_LEAST_LETTERS = 6
"""A template with fewer letters fits nearly everything, so that its values have to be known, or single words."""
_ENDS = re.compile(r"(?<=[.!?)]) |(?<=:) ")
"""Where one text may end and another begin: "Title: Message. Advice."."""
_BRACKETS = re.compile(r"(.+) \((.+)\)(\.?)", re.DOTALL)
_SEPARATOR = ", "


def translated(text: str) -> str:
    """Return an English text in the language of the windows, as far as its sentences are known, in safe characters."""
    return plain(in_language(text))


def in_language(text: str) -> str:
    """Return a text, or a template of a problem, in the language of the windows, as far as its sentences are known."""
    if (found := _in_catalogue(text)) != text:
        return found
    return _translated(text) or text


@dataclass(frozen=True)
class _Template:
    """A text with values."""

    text: str
    pattern: re.Pattern[str]
    letters: int

    @property
    def is_weak(self) -> bool:
        return self.letters < _LEAST_LETTERS

    def filled(self, values: Mapping[str, str]) -> str | None:
        known = {name: _translated(value) for name, value in values.items()}
        if self.is_weak and any(known[name] is None and " " in value for name, value in values.items()):
            return None
        return _in_catalogue(self.text).format_map({name: known[name] or value for name, value in values.items()})


def _translated(text: str) -> str | None:
    """None: the text is not known."""
    ways: tuple[Callable[[str], str | None], ...] = (_exact, _whole, _capitalised, _bracketed, _listed, _in_parts)
    return next((found for way in ways if (found := way(text))), None)


def _exact(text: str) -> str | None:
    """With or without a full stop, which is added where texts are joined."""
    if text in _known().plain:
        return _in_catalogue(text)
    return f"{_in_catalogue(text[:-1])}." if text.endswith(".") and text[:-1] in _known().plain else None


def _whole(text: str) -> str | None:
    for template in _known().templates:
        for form, end in ((text, ""), (text.removesuffix("."), ".")):
            if (match := template.pattern.fullmatch(form)) and (found := template.filled(match.groupdict())):
                return f"{found}{end if form != text else ''}"
    return None


def _capitalised(text: str) -> str | None:
    """A value at the beginning of a sentence: "The CNA"."""
    small = f"{text[:1].lower()}{text[1:]}"
    found = _exact(small) if small != text else None
    return found and f"{found[0].upper()}{found[1:]}"


def _bracketed(text: str) -> str | None:
    """A text with another one in brackets: "Versions are stated as commits (the CNA)."."""
    if (match := _BRACKETS.fullmatch(text)) is None:
        return None
    found = [_exact(part) or _whole(part) for part in match.group(1, 2)]
    first, second = (known or part for known, part in zip(found, match.group(1, 2), strict=True))
    return f"{first} ({second}){match[3]}" if any(found) else None


def _listed(text: str) -> str | None:
    """A list of values, of which some are known: "before 2.0, 2.1"."""
    if _SEPARATOR not in text:
        return None
    parts = text.split(_SEPARATOR)
    found = [_exact(part) or _whole(part) for part in parts]
    return _SEPARATOR.join(known or part for known, part in zip(found, parts, strict=True)) if any(found) else None


def _in_parts(text: str) -> str | None:
    """Several texts one after the other; what is between known ones stays."""
    ends = [match.start() for match in _ENDS.finditer(text)]
    for end in reversed(ends):
        first = text[:end]
        if found := _exact(first) or _whole(first) or _before_colon(first):
            return f"{found} {in_language(text[end + 1 :])}"
    if not ends:
        return None
    rest = _translated(text[ends[0] + 1 :])
    return rest and f"{text[: ends[0]]} {rest}"


def _before_colon(text: str) -> str | None:
    title = text.removesuffix(":")
    found = (_exact(title) or _whole(title)) if title != text else None
    return found and f"{found}:"


def _in_catalogue(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text) if text else ""


@dataclass(frozen=True)
class _Known:
    plain: frozenset[str]
    templates: tuple[_Template, ...]
    """Those with the most letters first, none without any."""


@cache
def _known() -> _Known:
    lines = asset("translations/sentences.txt").read_text(encoding="utf-8").splitlines()
    templates = [template for line in lines if "{" in line and (template := _template(line)).letters]
    templates.sort(key=lambda template: -template.letters)
    return _Known(frozenset(line for line in lines if "{" not in line), tuple(templates))


def _template(text: str) -> _Template:
    pieces = list(Formatter().parse(text))
    letters = sum(map(str.isalpha, "".join(literal for literal, *_ in pieces)))
    pattern = "".join(
        re.escape(literal) + (f"(?P<{name}>.*?)" if name is not None else "") for literal, name, *_ in pieces
    )
    return _Template(text, re.compile(pattern, re.DOTALL), letters)
