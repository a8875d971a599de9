"""Versions of Windows programs, and all whose scheme is not stated.

The order is that of winget (microsoft/winget-cli, Versions.cpp): parts are numbers, 1.0 equals 1.0.0, text before the
first number is left out, pre-releases are below their release, "unknown" is below and "latest" above all. What winget
does not distinguish follows the usage of vendors: updates, service packs and patch letters are above the release.

A version becomes a tuple of tokens (class, value) without superfluous zeros; tuples compare as the versions do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from backend.domain.versions.doubt import CannotCompare, Doubt

Token: TypeAlias = tuple[int, int | str]

_LOWEST, _PRE, _END, _POST, _REVISION, _NUMBER, _HIGHEST = range(7)
"""Classes of tokens, in the order of tokens at the same place: 1-rc < 1 < 1 SP1 < 1-1 < 1.0.1."""

_STAGES = {
    "nightly": 0,
    "canary": 0,
    "snapshot": 0,
    "alpha": 1,
    "beta": 2,
    "milestone": 3,
    "preview": 4,
    "pre": 4,
    "prerelease": 4,
    "rc": 5,
    "cr": 5,
}
_ORDERED_STAGES = frozenset({1, 2, 5})  # the others are used in several orders
_LETTERS = {"a": 1, "b": 2}  # behind a separator: alpha and beta
_UPDATES = frozenset({"update", "upd", "u"})
_CORRECTION_WORDS = """
    sp cu su ru fp mp mr sr h hp hf chf hotfix ifix efix fix patch p pl post r rev revision rollup
"""
_NEUTRAL_WORDS = "v ver version release final ga stable gold lts esr"
_CORRECTIONS, _NEUTRAL = frozenset(_CORRECTION_WORDS.split()), frozenset(_NEUTRAL_WORDS.split())
_PLACEHOLDERS = frozenset({"", "*", "-", "n/a", "na", "none", "null", "any", "all", "unspecified", "undefined", "tbd"})
_EXTREMES: dict[str, Token] = {"unknown": (_LOWEST, ""), "latest": (_HIGHEST, "")}
_LONG_NAMES = {
    "cumulative update": "cu",
    "service pack": "sp",
    "release candidate": "rc",
    "feature pack": "fp",
    "fix pack": "fp",
    "maintenance release": "mr",
    "security update": "su",
    "update rollup": "ru",
}

_ACROBAT = re.compile(r"(?:20)?[0-9]{2}\.[0-9]{3}\.([23])[0-9]{4}")
PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_APPROXIMATE = re.compile(r"([<>])\s*(?!=)")
_DATE = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9](?![0-9])")
_COMMIT = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]{12,64}")
_JAVA = re.compile(r"([5-9])u(?=[0-9])")  # 8u351 is 1.8.0_351
_LONG_NAME = re.compile(
    r"(cumulative|service|release|feature|fix|maintenance|security|update)[ _-]?"
    r"(update|pack|candidate|release|rollup)"
)
_ARCHITECTURE = re.compile(r"\b(?:x86|x64|amd64|arm64|win(?:dows|32|64)?|(?:32|64)[ -]?bit)\b")
_PREAMBLE = re.compile(r"\A[^\d.]+(?=\d)")  # "v1.0", "Version 1.0", "foo1"
_PIECE = re.compile(r"\d+|[^\W\d_]+")


class WindowsVersion(NamedTuple):
    """A version as a key that compares.

    numbers: of a version with a suffix, how many numbers stand before it, zeros included.
    sure: for each token of the key, whether its place below or above the end of the other version is usage.
    approximate: -1 for winget's "< 1.0", 1 for "> 1.0", else 0.
    track: "2" for the continuous and "3" for the classic track of Adobe Acrobat, which cannot be compared; else "".
    """

    key: tuple[Token, ...]
    numbers: int = 0
    approximate: int = 0
    sure: tuple[bool, ...] = ()
    is_date: bool = False
    track: str = ""


def parse(text: str) -> WindowsVersion:
    """Read a version.

    Raises:
        CannotCompare: a placeholder, words without a number, or a commit.
    """
    if PLAIN.fullmatch(text):
        numbers: list[Token] = [(_NUMBER, int(part)) for part in text.split(".")]
        return WindowsVersion(_closed(numbers), track=_track(text))
    folded = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip().lower()
    approximate = 0
    if sign := _APPROXIMATE.match(folded):
        approximate, folded = -1 if sign[1] == "<" else 1, folded[sign.end() :]
    if folded in _EXTREMES:
        return WindowsVersion((_EXTREMES[folded],), approximate=approximate)
    return _parse_text(folded)._replace(approximate=approximate)


def compare(a: WindowsVersion, b: WindowsVersion) -> int:
    """Order two versions: -1, 0 or 1.

    Raises:
        CannotCompare: one is a date and the other is not.
    """
    if a.is_date != b.is_date:
        raise CannotCompare(Doubt.DATE, "a date and a number")
    left, right = (a.key, a.approximate), (b.key, b.approximate)
    return (left > right) - (left < right)


def order_or_doubt(a: WindowsVersion, b: WindowsVersion) -> int | Doubt:
    """Order two versions where usage leaves no doubt, else say why it does."""
    if a.is_date != b.is_date:
        return Doubt.DATE
    if a.approximate or b.approximate:
        return Doubt.NOT_A_VERSION
    if a.track != b.track and a.track and b.track:
        return Doubt.OTHER_TRACK
    for place, (x, y) in enumerate(zip(a.key, b.key, strict=False)):
        if x != y:
            return (_doubt(place, a, b) or -1) if x < y else (_doubt(place, b, a) or 1)
    return 0


def _track(text: str) -> str:
    """The first digit of the build of Adobe Acrobat ("23.008.20470", "20.005.30574")."""
    match = _ACROBAT.fullmatch(text) if len(text) in (12, 14) else None
    return match[1] if match else ""


def _parse_text(folded: str) -> WindowsVersion:
    if folded in _PLACEHOLDERS:
        raise CannotCompare(Doubt.NO_VERSION, folded)
    if _COMMIT.fullmatch(folded):
        raise CannotCompare(Doubt.REVISION, folded)
    is_date = bool(_DATE.match(folded))
    tokens = list(_tokens(_in_short(_PREAMBLE.sub("", _ARCHITECTURE.sub("", folded)))))
    if not any(kind in (_NUMBER, _REVISION) for (kind, _), _ in tokens) and folded not in _STAGES:
        raise CannotCompare(Doubt.NOT_A_VERSION, folded)
    numbers = next((place for place, ((kind, _), _) in enumerate(tokens) if kind != _NUMBER), len(tokens))
    tokens = _without_zeros(tokens)
    key = (*[token for token, _ in tokens], (_END, 0))
    return WindowsVersion(key, numbers, sure=tuple([sure for _, sure in tokens]), is_date=is_date)


def _in_short(text: str) -> str:
    """Long names of updates by their abbreviations, and Java's short versions by the long ones."""
    text = _LONG_NAME.sub(lambda name: _LONG_NAMES.get(f"{name[1]} {name[2]}", name[0]), text)
    return f"1.{java[1]}.0_{text[java.end() :]}" if (java := _JAVA.match(text)) else text


def _tokens(text: str) -> Iterator[tuple[Token, bool]]:
    """Each token, and whether its place below or above the end of a version is usage."""
    pieces = [(match[0], match.start(), match.end()) for match in _PIECE.finditer(text)]
    end, previous, underscored = 0, "", False
    for place, (piece, start, stop) in enumerate(pieces):
        separator = text[end:start]
        if piece[0].isdecimal():
            underscored = underscored or separator == "_"
            yield _number(int(piece), separator, previous)
        elif piece in _UPDATES and place + 1 < len(pieces) and pieces[place + 1][0].isdecimal():
            pass  # its number is the revision
        elif piece not in _NEUTRAL:
            numbered = place + 1 < len(pieces) and pieces[place + 1][0].isdecimal()
            yield _word(piece, separator, numbered=numbered, build=underscored)
        end, previous = stop, piece


def _number(value: int, separator: str, previous: str) -> tuple[Token, bool]:
    if previous in _UPDATES:
        return (_REVISION, value), True
    after_number = previous[:1].isdecimal()
    if not after_number or "." in separator:
        return (_NUMBER, value), True
    return (_REVISION, value), separator == "_"


def _word(word: str, separator: str, *, numbered: bool, build: bool) -> tuple[Token, bool]:
    if "+" in separator:  # build metadata
        return (_POST, word), False
    if word in _STAGES:
        return (_PRE, _STAGES[word]), True
    if word in _LETTERS and separator and not build:  # in "1.8.0_20-b26" the letter names a build
        return (_PRE, _LETTERS[word]), False
    patch_letter = len(word) <= 2 and not separator and not (numbered and word in _LETTERS)
    return (_POST, word), (numbered and word in _CORRECTIONS) or (patch_letter and not numbered)


def _closed(numbers: list[Token]) -> tuple[Token, ...]:
    while len(numbers) > 1 and numbers[-1][1] == 0:
        numbers.pop()
    return (*numbers, (_END, 0))


def _without_zeros(tokens: list[tuple[Token, bool]]) -> list[tuple[Token, bool]]:
    """Leave out zeros at the end and before a word: 1.0.0-rc is 1-rc."""
    kept: list[tuple[Token, bool]] = []
    for token in tokens:
        if token[0][0] != _NUMBER:
            _drop_zeros(kept)
        kept.append(token)
    _drop_zeros(kept)
    return kept


def _drop_zeros(tokens: list[tuple[Token, bool]]) -> None:
    while len(tokens) > 1 and tokens[-1][0] == (_NUMBER, 0):
        tokens.pop()


def _is_sure(version: WindowsVersion, place: int) -> bool:
    return place >= len(version.sure) or version.sure[place]


def _doubt(place: int, lower: WindowsVersion, higher: WindowsVersion) -> Doubt | None:
    """Why the order of the first tokens that differ is not usage."""
    low, high = lower.key[place], higher.key[place]
    if low[0] == high[0] == _NUMBER:
        return _doubt_of_numbers(place, int(low[1]), int(high[1]))
    if low[0] == _LOWEST or high[0] == _HIGHEST:
        return Doubt.NOT_A_VERSION
    if low[0] == high[0]:
        return None if _same_series(low, high) else Doubt.SUFFIX
    if low[0] == _PRE or _END in (low[0], high[0]):
        return None if _is_sure(lower, place) and _is_sure(higher, place) else Doubt.SUFFIX
    return None if _has_zero_there(lower, higher, place) else Doubt.SUFFIX


def _has_zero_there(lower: WindowsVersion, higher: WindowsVersion, place: int) -> bool:
    """Whether a version with a suffix is lower by its numbers: 1.1.0k and 1.1.1 differ in the third one."""
    rest = enumerate(higher.key[place:], place)
    counted = next((at for at, token in rest if token != (_NUMBER, 0)), place)
    return higher.key[counted][0] == _NUMBER and counted < lower.numbers


def _doubt_of_numbers(place: int, low: int, high: int) -> Doubt | None:
    """Numbers that count different things: a year or a build beside a release, a date beside a number."""
    if _like_a_date(high) and 0 < low < 100_000:
        return Doubt.DATE
    return Doubt.SHAPE if place == 0 and 0 < low < 1000 <= high else None


def _like_a_date(number: int) -> bool:
    return 19_900_101 <= number <= 20_991_231 and 1 <= number // 100 % 100 <= 12 and 1 <= number % 100 <= 31


def _same_series(x: Token, y: Token) -> bool:
    """Whether the order of two tokens of one class is usage."""
    if x[0] == _REVISION:
        return True
    if x[0] == _PRE:
        return x[1] in _ORDERED_STAGES and y[1] in _ORDERED_STAGES
    return len(str(x[1])) <= 2 and len(str(y[1])) <= 2 and not {x[1], y[1]} & _CORRECTIONS
