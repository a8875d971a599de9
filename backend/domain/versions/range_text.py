"""Ranges written as text: "< 1.2.3", "1.0 through 1.5", "2.x before 2.4.1", "4.1 and earlier", ">= 1.0, < 1.4.2"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from backend.domain.versions.doubt import CannotCompare, Doubt
from backend.domain.versions.order import LIMIT, order_surely
from backend.domain.versions.ranges import VersionRange, next_after
from backend.domain.versions.schemes import Scheme
from backend.domain.versions.windows import parse


class Sign(StrEnum):
    """What a version is in a statement."""

    EXACT = "="
    BEFORE = "<"
    UP_TO = "<="
    AFTER = ">"
    FROM = ">="
    END = ","  # no version: the end of one of several statements


class Mark(NamedTuple):
    sign: Sign
    version: str = ""


_LOWER = r"(?:earlier|prior|below|lower|older|before|previous|under)"
_HIGHER = r"(?:later|above|newer|higher|greater|up|upwards?|after)"
_NOUN = r"(?:\s+(?:versions?|releases?|builds?))?"
_ALONE = r"(?!\s+(?:to\s+|than\s+)?(?:versions?\s+)?v?\d)"  # "1.0 and before", not "1.0 and before 2.0"
_SUFFIX = (
    r"(?:sp|service\s?pack|updates?|upd|patch|hotfix|hf|cu|cumulative\s+update|rc|beta|alpha|build|rev|mr|pl|fp|fix\s?pack"
    r"|preview|u|p|r|ap)"
)
_NOISE = (
    r"(?:all|any|versions?|vers?|v|releases?|firmware|software|the|affected|is|are|of|in|supported|golden|gold|rtm|ltsr"
    r"|(?:32|64)[ -]?bit|x64|x86)"
)
_PATTERNS = {
    "up_to_it": rf"\(?(?:and|or|&)\s+(?:all\s+|any\s+)?{_LOWER}\b{_NOUN}{_ALONE}\)?"
    rf"|\(?\b{_LOWER}{_NOUN}\b\s*\)?(?=\s*$)",
    "from_it": rf"\(?(?:and|or|&)\s+(?:all\s+|any\s+)?{_HIGHER}\b{_NOUN}{_ALONE}\)?|\bonwards?\b",
    "up_to": r"\b(?:up|prior)\s+to(?:\s+and\s+including|\s+including|\s*\(including\))\b|\bthrough\b|\bthru\b|\buntil\b"
    r"|\bup\s+to\b(?!,?\s+(?:but\s+)?(?:not\s|excluding))|\bto\b(?!\s+before)|\bless\s+than\s+or\s+equal(?:\s+to)?\b"
    r"|\s[-~]\s|\s?[\u2013\u2014]\s?",
    "before": r"\bup\s+to,?\s+(?:but\s+)?(?:not\s+including|excluding)\b|\bto\s+before\b|\bprior\s+to\b|\bbefore\b"
    r"|\b(?:earlier|lower|less|older)\s+than\b|\bbelow\b|\bunder\b",
    "from": r"\bfrom\b|\bsince\b|\bstart(?:s|ing)?\s+(?:from|with|at|in)\b|\bgreater\s+than\s+or\s+equal(?:\s+to)?\b",
    "after": r"\b(?:later|newer|higher|greater)\s+than\b|\babove\b|\bafter\b",
    "sign": r"<=|=<|>=|=>|==|[<>\u2264\u2265=]",
    "end": r"[,;|\n]+|\band\b|\bor\b|&",
    "noise": rf"\b{_NOISE}\b[:.]?(?!\d)|\(?\b(?:including|inclusive|included|only)\b\)?",
    "suffix": rf"\(?\b{_SUFFIX}[\s.#-]*\d[\w.-]*\)?|\([0-9]+\)|\b(?:alpha|beta|rc|preview|snapshot|lts|esr|final|ga)\b",
    "version": r"(?:version|release)?[a-z]{0,4}[-.]?\d[^\s,;|<>=\u2264\u2265\u2013\u2014]*",
    "word": r"\S+",
}
_TOKEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()), re.IGNORECASE)
_UPPER = frozenset({Sign.BEFORE, Sign.UP_TO})
_PHRASES = {"before": Sign.BEFORE, "up_to": Sign.UP_TO, "after": Sign.AFTER, "from": Sign.FROM}
_SIGNS = {"\u2264": Sign.UP_TO, "=<": Sign.UP_TO, "\u2265": Sign.FROM, "=>": Sign.FROM, "==": Sign.EXACT}
_EVERYTHING = frozenset(
    {"*", "-", "n/a", "na", "none", "unspecified", "unknown", "undefined", "various", "multiple", "not specified"}
)
_SINGLE = re.compile(r"v?[0-9]+(?:\.[0-9]+)*[a-z]?", re.IGNORECASE)
_VERSION = re.compile(r"v?[0-9][^\s,;|<>=&:\u2264\u2265\u2013\u2014]*", re.IGNORECASE)
_INTERVAL = re.compile(r"\s*([\[(])\s*([^,\s]*)\s*,\s*([^,\s]*)\s*([\])])\s*")  # "[1.0, 2.0)" of Maven and NuGet
_REMARK = re.compile(
    r"\s\((?!and\b|or\b|incl|prior\b|earlier\b|below\b|build\b|update\b|[0-9]+\))[^()]*\)\s*\Z", re.IGNORECASE
)
_LABEL = re.compile(
    r"(?:\A|;)\s*([a-z][^:;,<>]{1,60}):\s*(?=[<>=\u2264\u2265\s]*\S*\d)"  # "Java SE: 8u121; Java SE Embedded: 8u121"
    r"|\A\s*([a-z][a-z -]{1,60})(?=[<>\u2264\u2265])",  # "stable < 3.1.1"
    re.IGNORECASE,
)
_USUAL_LABELS = frozenset(["all", "any", "version", "versions", "firmware", "software", "stable", "lts", "esr"])
BRANCH = re.compile(r"(.*?[0-9]+)(?:[.][x*]+)+", re.IGNORECASE)
_HYPHENATED = re.compile(r"v?(([0-9]+)(?:\.[0-9]+)+)-v?(\2(?:\.[0-9]+)+)", re.IGNORECASE)
_CODE = re.compile(r"(?!v[0-9])[a-z]{1,6}[0-9]\w*", re.IGNORECASE)  # "9.97 CDI3B4B", "511.5 TCU4"
_NAMED = re.compile(r"[a-z]{2,}-?[0-9]+[a-z]*", re.IGNORECASE)  # "QCA6390" is a product


class _Reading(NamedTuple):
    """What a text says if its words and labels are names of the product."""

    ranges: tuple[VersionRange, ...] | Doubt
    words: frozenset[str] = frozenset()
    labels: tuple[frozenset[str], ...] = ()  # the words of each


def read_range_text(text: str, names: str = "", scheme: Scheme = Scheme.WINDOWS) -> tuple[VersionRange, ...] | Doubt:
    """Read a statement about versions.

    Args:
        text: the statement.
        names: vendor and product. Their words are left out, and a label of another product is not understood.
        scheme: of its versions.

    Returns:
        The ranges that it names, a single version as an exact one; `Doubt.NO_BOUNDS` for "all versions" and the like,
        `Doubt.UNREADABLE` for a text that is not understood as a whole.
    """
    if len(text) > LIMIT:
        return Doubt.TOO_LONG
    reading = _read(text, scheme)
    if not reading.words and not reading.labels:
        return reading.ranges
    known = frozenset(re.findall(r"\w+", names.lower()))
    foreign = known and any(known.isdisjoint(label) for label in reading.labels)
    return Doubt.UNREADABLE if foreign or not reading.words <= known else reading.ranges


@lru_cache(maxsize=2**14)  # the same texts recur in many records
def _read(text: str, scheme: Scheme) -> _Reading:
    if _SINGLE.fullmatch(text):
        return _Reading((VersionRange.exactly(text, scheme),))
    if _VERSION.fullmatch(text):  # most texts; neither remark nor label is in it
        return _reading((("version", text),), (), scheme)
    if text.strip().lower() in _EVERYTHING:
        return _Reading(Doubt.NO_BOUNDS)
    if interval := _INTERVAL.fullmatch(text):
        return _Reading(_interval(interval, scheme))
    plain = _REMARK.sub("", text)
    labels = [frozenset(re.findall(r"\w+", str(label[1] or label[2]).lower())) for label in _LABEL.finditer(plain)]
    pieces = ((str(token.lastgroup), token[0].strip()) for token in _TOKEN.finditer(_LABEL.sub(";", plain)))
    return _reading(pieces, [label for label in labels if _USUAL_LABELS.isdisjoint(label)], scheme)


def _reading(pieces: Iterable[tuple[str, str]], labels: Iterable[frozenset[str]], scheme: Scheme) -> _Reading:
    reader = _Reader()
    if not all(reader.read(kind, piece) for kind, piece in pieces) or reader.sign:
        return _Reading(Doubt.UNREADABLE)
    ranges = tuple(_ranges(_lower_first(reader.marks), scheme)) or Doubt.NO_BOUNDS
    return _Reading(ranges, frozenset(reader.words), tuple(labels))


def _interval(interval: re.Match[str], scheme: Scheme) -> tuple[VersionRange, ...] | Doubt:
    opening, low, high, closing = interval.groups()
    if not all(_is_version(version) for version in (low, high) if version):
        return Doubt.UNREADABLE
    if not low and not high:
        return Doubt.NO_BOUNDS
    start = Mark(Sign.FROM if opening == "[" else Sign.AFTER, low) if low else None
    end = Mark(Sign.UP_TO if closing == "]" else Sign.BEFORE, high) if high else None
    return (range_between(start, end, scheme),)


class _Reader:
    """Collects marks, and words that are not understood. A sign stands before its version, "and earlier" behind it."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.words: set[str] = set()
        self.sign: Sign | None = None
        self._open = False  # whether the last token was a version, which a suffix goes on

    def read(self, kind: str, piece: str) -> bool:
        """Take one token; False if it makes no sense here."""
        went_on, self._open = self._open, kind in ("version", "suffix")
        if kind in _PHRASES or kind == "sign":
            self.sign = _PHRASES[kind] if kind in _PHRASES else _SIGNS.get(piece) or Sign(piece)
        elif kind == "end":
            self.marks.append(Mark(Sign.END))
        elif kind in ("up_to_it", "from_it"):
            return self._turn_last(Sign.UP_TO if kind == "up_to_it" else Sign.FROM)
        elif went_on and (kind == "suffix" or _CODE.fullmatch(piece)):
            self.marks[-1] = Mark(self.marks[-1].sign, f"{self.marks[-1].version} {piece}")
        elif kind in ("version", "suffix"):
            return self._take_version(piece)
        elif kind == "word":
            self.words.add(piece.strip("\"'().,:").lower())
        return True

    def _take_version(self, piece: str) -> bool:
        version = piece.rstrip(".,:'\"").lstrip(".'\"(")
        version = version.rstrip(")") if version.count("(") < version.count(")") else version
        sign, self.sign = self.sign or Sign.EXACT, None
        if sign in _UPPER and self.marks and self.marks[-1].sign in _UPPER:  # "before 1.0 before 2.0"
            return False
        if version.endswith("+") and sign is Sign.EXACT:
            sign, version = Sign.FROM, version.rstrip("+")
        if (pair := _HYPHENATED.fullmatch(version)) and order_surely(pair[1], pair[3]) == -1:
            self.marks += [Mark(sign, pair[1]), Mark(Sign.UP_TO, pair[3])]
        else:
            self.marks.append(Mark(sign, version))
        return _is_version(version)

    def _turn_last(self, sign: Sign) -> bool:
        while self.marks and self.marks[-1].sign is Sign.END:
            self.marks.pop()
        if not self.marks or self.sign or self.marks[-1].sign not in (Sign.EXACT, sign):
            return False
        self.marks[-1] = Mark(sign, self.marks[-1].version)
        return True


def _is_version(text: str) -> bool:
    if _NAMED.fullmatch(text):
        return False
    try:
        return bool(parse(BRANCH.sub(r"\1", text)))
    except CannotCompare:
        return False


def _lower_first(marks: Sequence[Mark]) -> Sequence[Mark]:
    """Turn "< 2.0, >= 1.0" around, which is one range; "< 1.0, >= 2.0" is two."""
    bounds = [mark for mark in marks if mark.sign is not Sign.END]
    turned = [mark.sign in (Sign.AFTER, Sign.FROM) for mark in bounds] == [False, True]
    one_range = turned and bounds[0].sign is not Sign.EXACT and order_surely(bounds[1].version, bounds[0].version) == -1
    return bounds[::-1] if one_range else marks


def _ranges(marks: Sequence[Mark], scheme: Scheme) -> Iterator[VersionRange]:
    """Join lower and upper bounds. "1.0 < 2.0" and ">= 1.0, < 2.0" are one range; "1.0, 2.0" are two versions."""
    start: Mark | None = None
    for place, mark in enumerate(marks):
        if mark.sign in (Sign.AFTER, Sign.FROM) or (mark.sign is Sign.EXACT and _is_followed_by_end(marks, place)):
            if start:
                yield range_between(start, None, scheme)
            start = mark
        elif mark.sign in _UPPER:
            yield range_between(start, mark, scheme)
            start = None
        elif mark.sign is Sign.EXACT:
            yield range_between(mark, mark, scheme)
    if start:
        yield range_between(start, None, scheme)


def _is_followed_by_end(marks: Sequence[Mark], place: int) -> bool:
    """Whether a version is the start of a range. "1.0 and before 2.0" is one, since 1.0 is below 2.0 anyway."""
    following = marks[place + 1 : place + 3]
    if not following or following[0].sign is not Sign.END:
        return bool(following) and following[0].sign in _UPPER
    end = following[-1]
    return end.sign is Sign.BEFORE and order_surely(BRANCH.sub(r"\1", marks[place].version), end.version) == -1


def range_between(low: Mark | None, high: Mark | None, scheme: Scheme) -> VersionRange:
    """The range between two marks, of which one may be missing. "1.2.x" stands for all versions of 1.2.

    From 0 on is no bound. Neither is a start that is the end as well: CVE records of version 4 were so converted.
    """
    if low and high and low is not high and _is_no_start(low.version, high.version):
        low = None
    start, start_inclusive = _start(low) if low else ("", True)
    end, end_inclusive = _end(high) if high else ("", False)
    return VersionRange(start, end, start_inclusive, end_inclusive, scheme)


def _start(mark: Mark) -> tuple[str, bool]:
    branch = BRANCH.fullmatch(mark.version)
    if not branch:
        return mark.version, mark.sign is not Sign.AFTER
    return (next_after(branch[1]) if mark.sign is Sign.AFTER else branch[1]), True


def _end(mark: Mark) -> tuple[str, bool]:
    branch = BRANCH.fullmatch(mark.version)
    if not branch:
        return mark.version, mark.sign is not Sign.BEFORE
    return (branch[1] if mark.sign is Sign.BEFORE else next_after(branch[1])), False


def _is_no_start(start: str, end: str) -> bool:
    return not start.strip("0.") or (start == end and not BRANCH.fullmatch(start))
