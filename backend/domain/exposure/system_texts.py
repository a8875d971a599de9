"""The systems to which title and description limit a vulnerability, where nothing else in the record does.

"Use after free in Google Chrome on Mac prior to 104.0", "Firefox for iOS", "this issue only affects Linux": many CNAs
leave `platforms` empty and say it in words. Words are the last evidence, so they count only where they are plain: the
first mention of the product is followed by systems, or a sentence names the only ones, and no text of the record
mentions Windows or further systems.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec.structs import replace

from backend.domain.exposure.conditions import System, system_of
from backend.domain.exposure.statements import Condition
from backend.domain.products.product import ProductKey

_MIN_NAME = 3  # characters of a product's name that is looked for
_MAX_LENGTH = 5_000  # characters of a text that are read

_SYSTEM = (
    r"(?:mac ?os(?: x)?|macosx|mac|macintosh|os x|android|i(?:pad)?os|iphones?(?: os)?|ipads?|chrome ?os|watchos|tvos"
    r"|visionos|harmonyos|freebsd|openbsd|netbsd|solaris|aix|hp-ux|unix|(?:(?!and |or )[\w-]+ ){0,2}(?:gnu/)?linux)"
)
_KIND = r"(?: (?:systems?|platforms?|devices?|computers?|machines|hosts?|clients?|users?|builds?|distributions?))?"
_ONE = rf"(?:the )?(?:apple |google |apple's )?{_SYSTEM}\b(?!-)(?: [\d.]+x?)?{_KIND}"
_LIST = rf"({_ONE}(?:(?:, and |, or |, | and |, as well as | or |/| & )(?:for |on )?{_ONE})*)"
_NUMBER = r"(?:version |build |v)?\d[\w.+-]*"
_BOUND = r"(?:versions? )?(?:before|prior to|through|thru|up to(?: and including)?|until|from|<=?|>=?)(?: versions?)?"
_VERSION = (
    rf"(?: \(?(?:{_BOUND} ?)?{_NUMBER}(?: (?:and|or) (?:earlier|below|prior|later|older)(?: versions)?)?\)?){{1,2}}"
)
_ROLE = r"(?: (?:software|application|apps?|clients?|agent|desktop|mobile|browser|connector|edition|plugin))"
_RUNNING = r"(?: (?:when|if|as|is|are|while))?(?: (?:installed|running|run|used|executed|deployed))?"
_BEHIND_NAME = re.compile(
    rf"{_ROLE}*(?:{_VERSION})?,?{_RUNNING} (?:on|for|in) {_LIST}"
    rf"|{_ROLE}* \((?:on |for )?{_LIST}\)"
    rf"| ({_SYSTEM}){_ROLE}"
)
_VERSION_BEHIND_NAME = re.compile(_VERSION)
_NUMBER_BEHIND_NAME = re.compile(r" (?:<=? ?)?(\d+(?:\.\d+)*)")
_SENTENCE = re.compile(r"[.;] |\*| \|")
_ONLY = re.compile(
    r"\bonly (?:affect|impact|concern|appl|occur|happen|present|exploitable|reproducible|relevant)\w*"
    rf"(?: (?!not\b)[^\s.;]+){{0,5}}? (?:(?:on|for|to|in) )?{_LIST}"
    rf"|\b(?:affects|impacts) only (?:[^\s.;]+ ){{0,4}}?{_LIST}"
    rf"|\bonly {_LIST} (?:is|are) (?:affected|vulnerable|impacted)"
    rf"|\({_LIST} only\)"
)
_MENTION = re.compile(
    r"\b(?:mac|macos|macosx|macintosh|os x|android|ios|ipados|iphones?|ipads?|chrome ?os|watchos|tvos|visionos"
    r"|harmonyos|freebsd|openbsd|netbsd|solaris|aix|hp-ux|unix|linux)\b"
)
_FURTHER = re.compile(
    r"windows|win32|win64|\bwin(?:nt|xp|10|11)?\b|\.(?:exe|dll|msi)\b"
    r"|\b(?:all|any|every|multiple|various|several) (?:supported )?(?:operating |other )*(?:systems|platforms)"
    r"|\b(?:cross|multi)-?platform"
    r"|\bother (?:operating systems|platforms|systems)\b(?! (?:are|is|were) (?:un|not ))"
    r"|(?: and|,| or|/| &) (?:desktop|web|pcs?|others?|possibly|more|etc)\b"
    r"|\b(?:such as|including|e\.g\.,?|especially) (?:on |for )?(?:mac|os x|linux|android|ios)"
)
_SPLIT = re.compile(r", and |, or |, as well as |, | and | or |/(?!linux)| & ")
_UNIX = (System.LINUX, System.MACOS, System.OTHER)


class RecordTexts:
    """Titles and descriptions of a record. What they say of systems is read when a product asks for it."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = tuple(dict.fromkeys(text for text in texts if text))
        self._read: tuple[str, ...] | None = None

    def limited(self, condition: Condition, *names: ProductKey) -> Condition:
        """The condition with the systems of the texts, where it states none itself.

        names: of the product, the first that the texts limit counts.
        """
        if condition.platforms or condition.target or condition.running_on or condition.part in ("o", "h"):
            return condition
        systems = next((found for name in names if (found := self.systems_of(name))), ())
        return replace(condition, platforms=systems, in_words=True) if systems else condition

    def systems_of(self, product: ProductKey) -> tuple[System, ...]:
        """The only systems of which the texts speak for this product; none where they leave it open."""
        if system_of(product.product):
            return ()
        if self._read is None:
            self._read = _readable(self._texts)
        found: dict[System, None] = {}
        for text in self._read:
            behind = _behind_names(text, product)
            if behind is None:
                return ()
            found |= dict.fromkeys((*behind, *_only(text)))
        return tuple(found)

    def versions_behind(self, name: str) -> frozenset[str]:
        """The versions that directly follow a name: of "firefox esr" in "fixed in Firefox ESR 115.39"."""
        found = (
            _NUMBER_BEHIND_NAME.match(text, end)
            for text in (text.lower() for text in self._texts)
            for end in _ends_of(text, name)
        )
        return frozenset(number[1] for number in found if number)


def _readable(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts in one form; none of them if no system is mentioned, or Windows or further systems are."""
    plain = [" ".join(text[:_MAX_LENGTH].replace("_", " ").lower().split()) for text in texts]
    if not any(map(_MENTION.search, plain)) or any(map(_FURTHER.search, plain)):
        return ()
    return tuple(plain)


def _behind_names(text: str, product: ProductKey) -> Sequence[System] | None:
    """The systems behind the mentions of a product, if the first one has some.

    None where one sentence also names versions without a system: "Firefox for Android < 112, Firefox < 112".
    """
    found: list[System] = []
    for sentence in _SENTENCE.split(text):
        mentions = list(_mentions(sentence, product))
        limited = [system for systems, _ in mentions for system in systems]
        if limited and any(has_version for systems, has_version in mentions if not systems):
            return None
        if mentions and not found and not mentions[0][0]:
            return ()
        found += limited
    return found


def _mentions(sentence: str, product: ProductKey) -> Iterator[tuple[tuple[System, ...], bool]]:
    """Of each mention the systems behind it, and whether a version is there."""
    names = {product.product, product.product.removeprefix(f"{product.vendor} ")}
    for end in sorted({end for name in names for end in _ends_of(sentence, name)}):
        limited = _BEHIND_NAME.match(sentence, end)
        yield _listed(_first(limited)) if limited else (), bool(_VERSION_BEHIND_NAME.match(sentence, end))


def _ends_of(text: str, name: str) -> Iterator[int]:
    """Where the mentions of a name as whole words end."""
    start = text.find(name) if len(name) >= _MIN_NAME else -1
    while start >= 0:
        end = start + len(name)
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            yield end
        start = text.find(name, end)


def _first(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group)


def _only(text: str) -> tuple[System, ...]:
    """The systems that a sentence calls the only ones."""
    found = _ONLY.search(text) if "only" in text else None
    return _listed(_first(found)) if found else ()


@lru_cache(maxsize=2**10)
def _listed(systems: str) -> tuple[System, ...]:
    """The systems of a list in words; Unix stands for all that descend from it."""
    found: dict[System, None] = {}
    for part in _SPLIT.split(systems):
        if "unix" in part:
            found |= dict.fromkeys(_UNIX)
        elif system := system_of(part):
            found[system] = None
    return tuple(found)
