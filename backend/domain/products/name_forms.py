"""The forms under which products are stored, and those by which a program's name asks for them.

A form is a name without spaces and signs. A handful of exact forms takes the place of a search through all names: what
may be dropped from an installed name (versions, publisher, edition) is dropped on the asking side, what may be dropped
from a product's name (the vendor, "client", "for Windows") on the side of the records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from typing import NamedTuple

from backend.domain.names import product_key
from backend.domain.products.product import ProductKey
from backend.domain.products.program_name import folded, readings
from backend.domain.products.publishers import name_words
from backend.domain.products.vocabulary import EDITIONS, PARTS, ROLES

MIN_FORM = 3  # characters of a form by which something may be found

_WORD = re.compile(r"[^\s()\[\],;:|/]+")
_SYSTEM = re.compile(
    r" (?:for |on )\(?(?:microsoft )?(?:windows|win32|x64-based systems|32-bit systems)"
    r"(?: (?:client|clients|desktop|pc|server))?\)?$"
    r"| \((?:windows|win|x64)\)$| windows$"
)
_STATE = re.compile(
    r" \((?:gdr|cu ?\d+|consumer|core|community|x\d+|\d+-bit edition)\)$"
    r"| service pack \d+$| cumulative update \d+$| cu ?\d+$"
    r"| version \d[\d.]*(?: \(includes [^()]*\))?$| \(?\d+-bit\)?$| for$"
)
_NUMBER = re.compile(r"\(?[vr]?\d(?![dk]\b)")  # "3D" and "4K" are words
_CUT = re.compile(r" - | \u2013 |: | \| | powered by ")


def words_of(name: str) -> frozenset[str]:
    return frozenset(_WORD.findall(folded(name)))


def part_words(name: str) -> frozenset[str]:
    """Words that make a part or an addition of a product: "plugin", "driver"; "for" means another product."""
    named = _SYSTEM.sub("", f" {folded(name)}").strip()
    words = frozenset(_WORD.findall(named))
    marks = {"for"} if "for" in words else set()
    return frozenset({word.replace("-", "").removesuffix("s") for word in words & PARTS} | marks)


def role_words(name: str) -> frozenset[str]:
    return words_of(name) & ROLES


class ProductForms(NamedTuple):
    """The forms under which a product is stored.

    complete: of the name as it stands; without the state of maintenance; without the vendor.
    short: of the name without the role of a client or server.
    """

    complete: tuple[str, ...]
    short: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.complete, *self.short)))


@lru_cache(maxsize=2**13)
def product_forms(key: ProductKey) -> ProductForms:
    stated = _without_states(f" {key.product}").strip()
    own = _without_vendor(stated, key.vendor)
    return ProductForms(
        _forms((key.product, stated, own)), _forms((_without_end(stated, ROLES), _without_end(own, ROLES)))
    )


def spelled_forms(key: ProductKey) -> tuple[str, ...]:
    """The forms under which further spellings of the same product are stored."""
    return _forms((key.product, _without_vendor(key.product, key.vendor)))


class NameForms(NamedTuple):
    """The forms by which an installed name asks for its product, each list from the least to the most shortened one.

    stated: of the name as it stands, without versions and the like.
    own: without the publisher in front.
    shortened: also without edition, and without what follows a number or a dash.
    """

    stated: tuple[str, ...]
    own: tuple[str, ...]
    shortened: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.stated, *self.own, *self.shortened)))


@lru_cache(maxsize=2**13)
def name_forms(name: str, publisher: str) -> NameForms:
    plain = readings(name)
    own = [_without_publisher(text, publisher) for text in plain]
    shortened = _shortenings([*plain[-1:], *own[-1:]], "".join(name_words(publisher)))
    return NameForms(_forms(plain), _forms(own), _forms(shortened))


def _shortenings(names: Iterable[str], company: str) -> Iterator[str]:
    for name in names:
        for text in (name, _before_dash(name, company), _without_numbers(name)):
            yield text
            yield _without_end(text, EDITIONS)


def _before_dash(name: str, company: str) -> str:
    """Cut a name at a dash or colon, unless nothing but the company is before it ("Ethereum - Geth")."""
    before = _CUT.split(name, maxsplit=1)[0]
    return name if product_key(before) == company else before


def _without_numbers(name: str) -> str:
    """Cut a name at its first number, unless words follow that may make another product of it."""
    words = name.split()
    first = next((place for place, word in enumerate(words) if place and _NUMBER.match(word)), len(words))
    further = (word.strip("()[],'\"") for word in words[first:])
    return name if any(_names_something(word) for word in further) else " ".join(words[:first])


def _names_something(word: str) -> bool:
    return bool(word) and not any(map(str.isdigit, word)) and word not in EDITIONS


def _without_publisher(name: str, publisher: str) -> str:
    """Drop the publisher in front of the name, unless the name is nothing more."""
    words, company = name.split(), name_words(publisher) if publisher else ()
    count = 0
    while count < len(words) and count < len(company) and product_key(words[count]) == company[count]:
        count += 1
    return " ".join(words[count:]) if 0 < count < len(words) else name


def _without_vendor(product: str, vendor: str) -> str:
    words, company = product.split(), vendor.split()
    rest = words[len(company) :]
    return " ".join(rest) if rest and words[: len(company)] == company else _without_publisher(product, vendor)


def _without_states(product: str) -> str:
    """Drop system and state of maintenance at the end ("for Windows", "(CU 12)", "Service Pack 1"), again and again."""
    shorter = _STATE.sub("", _SYSTEM.sub("", product))
    return product if shorter == product or not shorter.strip() else _without_states(shorter)


def _without_end(name: str, droppable: Set[str]) -> str:
    words = name.split()
    while len(words) > 1 and words[-1].strip("()") in droppable:
        words.pop()
    return " ".join(words)


def _forms(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for name in names if len(form := product_key(name)) >= MIN_FORM))
