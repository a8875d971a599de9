"""Affected products and their versions as people write them, without the signs of CPE's notation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend.contract.vulnerabilities import AffectedProduct, name_of
from desktop.ui.formatting import one_line, translate

_CPE_PARTS = re.compile(r"(?<!\\):")
_ESCAPED = re.compile(r"\\(.)")
_VERSION, _UPDATE, _EDITION = 5, 6, 7
_SOFTWARE_EDITION, _TARGET_SOFTWARE = 9, 10
_NOT_SAID = ("", "*", "-")
_UPDATE_WORDS = re.compile(
    r"(?P<word>cumulative_update|cu|service_pack|sp|update|beta|alpha|rc|p)[ _]?(?P<number>[0-9].*)"
)
_SHORT_WORDS = {"cumulative_update": "CU", "cu": "CU", "service_pack": "SP", "sp": "SP", "rc": "RC", "p": "p"}


def product_words(entry: AffectedProduct) -> str:
    """Give vendor and product, with edition and platforms."""
    parts = _CPE_PARTS.split(entry.cpe)
    named = name_of(*entry.named) if entry.vendor or entry.product or entry.cpe else ""
    words = one_line(" ".join(dict.fromkeys(name for name in (named, entry.package, entry.purl) if name)))
    for edition in dict.fromkeys((_part(parts, _EDITION), _part(parts, _SOFTWARE_EDITION))):
        if edition:
            words = translate("vulnerability", "{0} ({1})").format(words, one_line(edition))
    if target := _part(parts, _TARGET_SOFTWARE):
        words = translate("vulnerability", "{0} for {1}").format(words, one_line(target))
    if entry.platforms:
        words = translate("vulnerability", "{0} on {1}").format(words, one_line(", ".join(entry.platforms)))
    return words if entry.vulnerable else translate("vulnerability", "{0} (not affected)").format(words)


def version_words(entry: AffectedProduct) -> str:
    """Give the affected versions: ">= 1.0, < 2.3", "2013 CU23"."""
    parts = _CPE_PARTS.split(entry.cpe)
    version, update = _part(parts, _VERSION), _update(parts)
    of_end = "" if version else update
    bounds = (
        (">=", entry.version_start_including, ""),
        (">", entry.version_start_excluding, ""),
        ("<=", entry.version_end_including, of_end),
        ("<", entry.version_end_excluding, of_end),
    )
    ranges = [_joined(f"{sign} {_bound(bound)}", rest) for sign, bound, rest in bounds if bound]
    if ranges or entry.versions:
        return one_line(", ".join((*ranges, *entry.versions)), limit=_LONGEST)
    if version:
        return one_line(_joined(version, update))
    return translate("vulnerability", "all versions") if entry.default_status != "unaffected" else ""


_LONGEST = 20_000
"""Characters of a list of versions: nothing that records contain is cut off."""


def _bound(text: str) -> str:
    """A bound may have its update behind a colon: "1.8.0:update_361"."""
    version, _, update = _ESCAPED.sub(r"\1", text).partition(":")
    return _joined(version, update_words(update))


def _update(parts: Sequence[str]) -> str:
    return update_words(_ESCAPED.sub(r"\1", parts[_UPDATE])) if len(parts) > _UPDATE else ""


def update_words(update: str) -> str:
    """Give an update of CPE's notation as vendors write it: "cumulative_update_23" is CU23, "update_361" Update 361."""
    if update in _NOT_SAID:
        return ""
    found = _UPDATE_WORDS.fullmatch(update)
    if found is None:
        return update.replace("_", " ")
    word, number = found["word"], found["number"].replace("_", " ")
    return f"{_SHORT_WORDS[word]}{number}" if word in _SHORT_WORDS else f"{word.capitalize()} {number}"


def _part(parts: Sequence[str], place: int) -> str:
    return _plain(parts[place]) if len(parts) > place and parts[place] not in _NOT_SAID else ""


def _plain(part: str) -> str:
    return _ESCAPED.sub(r"\1", part).replace("_", " ")


def _joined(first: str, second: str) -> str:
    return f"{first} {second}".rstrip()
