"""Names of installed programs: what of them names the program, and what is its version, architecture or language.

"Mozilla Firefox 78.4.0 ESR (x64 en-US)" is Mozilla Firefox, or Mozilla Firefox ESR. How much may be dropped is
uncertain ("PowerShell 7", "Camtasia 2020"), so a name has several readings, from the least to the most shortened.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from backend.domain.products.vocabulary import ADDITIONS, LANGUAGES, SCOPES, STAGES, USERS, VERSION_WORDS

MAX_LENGTH = 200  # characters of a name that are read

_MARKS = re.compile(r"[™®©℠]|\((?:tm|r)\)", re.IGNORECASE)
_UNSEEN = re.compile(r"[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_JOINED = re.compile(r"(?<=[a-z0-9+)])-(?=v?\d{1,9}\.\d|x(?:64|86)\b)")  # "maxima-5.43.2", "PowerShell 7-x64"
_BRACKETS = re.compile(r"\(([^()]{0,80})\)|\[([^\[\]]{0,80})\]")
_BETWEEN = re.compile(r"[\s,;/\\]+")
_VERSION = re.compile(
    r"(?:version|release|build|ver|go|rev|[vr])?[.-]?\d{1,9}(?:\.[\dx]{1,9})+(?:[-+.~a-z][-+.~a-z\d]{0,20})?"
)
_STAGED = re.compile(r"(?:alpha|beta|rc|preview)[-.]?\d[\d.]{0,20}")  # "beta-1.1.6"
_INTEGER = re.compile(r"[vr]?\d{1,12}")
_ARCHITECTURE = re.compile(
    r"(?:win-?|x)?(?:64|32|86)-?bits?|win-?(?:32|64)|x(?:64|86|32)|x86-64|amd64|arm64|aarch64|ia64|i[3-6]86"
)
_SMALL_NUMBER = re.compile(r" (\d{1,2})$")  # years and builds are versions in another numbering
_MAJOR = re.compile(r"\d{1,9}")
_WIDTHS = frozenset({"32", "64"})
_SLASH = re.compile(r"[/\\]")
_LOCALE = re.compile(r"[a-z]{2,3}-(?:[a-z]{4}-)?(?:[a-z]{2}|\d{3})")
_LANGUAGE = re.compile(r"[a-z]{2}")
_FOR_WINDOWS = re.compile(r" (?:(?:for|für|pour|para|per) )?\(?(?:microsoft )?windows(?: (?:desktop|pc))?\)?$")


@lru_cache(maxsize=2**14)
def folded(name: str) -> str:
    """The name in lower case on one line, without trademark signs and unseen characters."""
    visible = _UNSEEN.sub(" ", _MARKS.sub("", name[: 2 * MAX_LENGTH]))
    return " ".join(unicodedata.normalize("NFKC", visible).replace("_", " ").casefold().split())[:MAX_LENGTH]


@lru_cache(maxsize=2**14)
def readings(name: str) -> tuple[str, ...]:
    """The folded name and what is left of it, step by step.

    First versions and architectures go, then words for stage, scope and language at the end, then "for Windows" and
    whole numbers at the end.
    """
    whole = folded(name)
    words = _unversioned_words(whole)
    named = _without_end(words, _is_stage)
    numberless = _without_end(_FOR_WINDOWS.sub("", " ".join(named)).split() or named, _is_stage_or_number)
    texts = (" ".join(reading) for reading in (words, named, numberless))
    return tuple(dict.fromkeys(text for text in (whole, *texts) if text))


def unversioned(name: str) -> str:
    """The folded name without versions and architectures; words for stage, scope and language at the end stay."""
    return " ".join(_unversioned_words(folded(name)))


def with_own_number(name: str, version: str) -> str:
    """Join a small number at the end to the name if the version begins with another one: "Half-Life 2", version 1.0."""
    found, major = _SMALL_NUMBER.search(unversioned(name)), _MAJOR.match(version)
    is_own = found and major and int(found[1]) != int(major[0])
    return _SMALL_NUMBER.sub(r"\1", unversioned(name)) if is_own else name


def version_in(name: str) -> str:
    """The version that stands in a name: the first one with a dot, else the last whole number, else ""."""
    words = [word.strip("()[],;") for word in _JOINED.sub(" ", folded(name)).split()]
    dotted = (word.lstrip("versionlagbud.") for word in words if _VERSION.fullmatch(word))
    numbers = (word.lstrip("vr") for word in reversed(words) if _INTEGER.fullmatch(word))
    return next(dotted, "") or next(numbers, "")


def _unversioned_words(whole: str) -> list[str]:
    return _without_versions(_BRACKETS.sub(_other_brackets, _JOINED.sub(" ", whole)).split())


def _other_brackets(found: re.Match[str]) -> str:
    """Text in brackets, unless it is version, architecture, language, stage or scope only."""
    words = [word for word in _BETWEEN.split((found[1] or found[2] or "").strip()) if word]
    return " " if all(_is_decoration(word) or _LANGUAGE.fullmatch(word) for word in words) else found[0]


def _without_versions(words: list[str]) -> list[str]:
    kept = [word for word in words if not _is_version_or_architecture(word.rstrip(",;"))]
    return _without_end(kept, lambda word: word in VERSION_WORDS) if kept else words


def _without_end(words: list[str], droppable: Callable[[str], bool]) -> list[str]:
    """The words without those at the end that may go, or are punctuation only, but never without all."""
    left = len(words)
    while left > 1 and (droppable(words[left - 1].strip(",;")) or not words[left - 1].strip(",;:")):
        left -= 1
    return [*words[: left - 1], words[left - 1].rstrip(",;:")] if words else words


def _is_version_or_architecture(word: str) -> bool:
    return bool(_VERSION.fullmatch(word) or _STAGED.fullmatch(word) or _is_architecture(word))


def _is_architecture(word: str) -> bool:
    """Also "32/64"; a lone "64" may be a number of the name."""
    return word not in _WIDTHS and all(_ARCHITECTURE.fullmatch(part) or part in _WIDTHS for part in _SLASH.split(word))


def _is_stage(word: str) -> bool:
    if word in STAGES or word in SCOPES or word in LANGUAGES or word in VERSION_WORDS:
        return True
    return word not in ADDITIONS and bool(_LOCALE.fullmatch(word))  # "add-in" looks like "de-at"


def _is_stage_or_number(word: str) -> bool:
    return _is_stage(word) or bool(_INTEGER.fullmatch(word))


def _is_decoration(word: str) -> bool:
    return _is_version_or_architecture(word) or _is_stage_or_number(word) or word in USERS
