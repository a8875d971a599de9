"""Search queries, and the words by which the search index finds a vulnerability.

The databases' own text parsers split words differently, so the program folds and splits text itself and the index only
stores the result. Besides words the index holds facets: exact values such as a vendor's whole name, which contain "="
and so differ from all words. A change to the words of a vulnerability needs a new `merge.MERGE_VERSION`, which
builds all search documents again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

import msgspec

from backend.contract.names import Severity, Source
from backend.domain.claims import RecordState
from backend.domain.vulnerability import MergedVulnerability

MAX_PAGE_SIZE = 500
TEXT_TOTAL_CAP = 1000
"""Matches of a text are counted up to this number: counting all takes longer than the search itself."""


class SortKey(StrEnum):
    CVE_ID = "cve_id"
    PUBLISHED = "published_at"
    MODIFIED = "modified_at"
    CVSS = "cvss_score"
    PRIORITY = "priority_score"
    EPSS = "epss"
    SEVERITY = "severity"
    KEV_ADDED = "kev_date_added"
    FIRST_SEEN = "first_seen_at"
    UPDATED = "updated_at"


class SortOrder(StrEnum):
    ASCENDING = "asc"
    DESCENDING = "desc"


class Position(msgspec.Struct, frozen=True):
    """A row's place in the sort order: its sort value (None: unknown; for a severity its rank) and its id."""

    value: datetime | date | float | str | None
    cve_id: str


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A search; all given conditions must hold.

    Unknown values sort last in both orders, ties by cve_id in the same order.

    Args:
        text: each word must be the beginning of a word of the id, title, description, vendors, products or aliases.
        vendor, product, cwe: one whole name, in any case.
        published_after: inclusive.
        published_before: exclusive.
        exploited_after: known exploited, and recorded as such in this database after that moment.
        after: only rows after this one, which need not exist any more; for walks without page numbers.

    Raises:
        ValueError: a value is out of range, or an instant has no time zone.
    """

    text: str = ""
    severity: tuple[Severity, ...] = ()  # any of these
    exploited: bool | None = None
    exploited_after: datetime | None = None
    vendor: str = ""
    product: str = ""
    cwe: str = ""
    source: Source | None = None
    state: RecordState | None = None
    min_cvss: float | None = None  # 0-10
    min_priority: float | None = None  # 0-1
    published_after: datetime | None = None
    published_before: datetime | None = None
    sort_by: SortKey = SortKey.PRIORITY
    sort_order: SortOrder = SortOrder.DESCENDING
    page: int = 1
    page_size: int = 50
    after: Position | None = None

    def __post_init__(self) -> None:
        if self.page < 1:
            raise ValueError("page counts from 1")
        if not 1 <= self.page_size <= MAX_PAGE_SIZE:
            raise ValueError(f"page_size is 1 to {MAX_PAGE_SIZE}")
        if self.min_cvss is not None and not 0 <= self.min_cvss <= 10:
            raise ValueError("min_cvss is 0 to 10")
        if self.min_priority is not None and not 0 <= self.min_priority <= 1:
            raise ValueError("min_priority is 0 to 1")
        for name in ("exploited_after", "published_after", "published_before"):
            instant: datetime | None = getattr(self, name)
            if instant is not None and instant.tzinfo is None:
                raise ValueError(f"{name} has no time zone")

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size


MAX_WORD = 64  # characters; longer words (hashes, encoded data) are cut, in documents and in queries
MAX_QUERY_WORDS = 16
_MAX_NAME = 200  # characters of a facet; PostgreSQL accepts 2,046 bytes in one lexeme
_MAX_DOCUMENT = 200_000  # characters in total; PostgreSQL accepts 1 MiB of lexemes in one document

_WORD = re.compile(r"[^\W_]+")
_ASCII_WORDS = "".join(letter if letter.isalnum() else " " for letter in map(chr, range(128)))
"""Translation table for ASCII text: splitting the result at blanks takes a fifth of the time of the pattern."""
_NUMBERED = re.compile(r"\b(?:[a-z]{2,8}-)?\d+(?:-\d+)+\b")  # cve-2024-1234, 2024-12, 2024-12-31
_HYPHENATED = re.compile(r"-\d(?<=\d-\d)")  # starts with the hyphen, which the regex engine finds fastest
_BLANK = re.compile(r"[\x00-\x20\x7f_]+|\s+")


class Facet(StrEnum):
    VENDOR = "v="
    PRODUCT = "p="
    CWE = "w="
    LETTER = "="  # first letter of any word: one lookup instead of the union of all words with that beginning

    def of(self, value: str) -> str:
        """The index token for one exact value in any case."""
        return self + _exact(value)

    def value_in(self, token: str) -> str:
        """The folded value of a token of this facet."""
        return token.removeprefix(self.value).replace("_", " ")


def search_words(vulnerability: MergedVulnerability) -> str:
    """The search document: every facet and word once, in a fixed order, separated by spaces."""
    v = vulnerability
    tokens = [Facet.CWE.of(cwe) for cwe in v.cwe_ids]
    tokens += [Facet.VENDOR.of(vendor) for vendor in v.vendors]
    tokens += [Facet.PRODUCT.of(product) for product in v.products]
    names = _fold("\n".join((v.cve_id, *v.details.aliases)))
    text = _fold("\n".join((v.title, *v.vendors, v.description, *v.products)))
    words = _shortened(dict.fromkeys((*_words(names), *_joined(names), *_words(text), *_joined(text))))
    tokens += [Facet.LETTER + letter for letter in sorted({word[0] for word in words})]
    return _cut(" ".join((*dict.fromkeys(tokens), *words)))


def query_words(text: str) -> tuple[str, ...]:
    """The words to search for, each as the beginning of a word in the index.

    An id or a date is one word: "CVE-2024-12", "2024-12". Words that begin another word of the query add nothing and
    are left out, as are those after the first 16.
    """
    folded = _fold(text[:_MAX_DOCUMENT])
    joined = [match.replace("-", "") for match in _NUMBERED.findall(folded)]
    words = _shortened(dict.fromkeys([*joined, *_words(_NUMBERED.sub(" ", folded))]))
    return tuple(_without_beginnings(words))[:MAX_QUERY_WORDS]


@lru_cache(maxsize=2**14)  # few names occur in many records
def _exact(value: str) -> str:
    return _BLANK.sub("_", _fold(value).strip())[:_MAX_NAME]


def _fold(text: str) -> str:
    return (
        text.lower()
        if text.isascii()
        else unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    )


def _words(folded: str) -> list[str]:
    return folded.translate(_ASCII_WORDS).split() if folded.isascii() else _WORD.findall(folded)


def _joined(folded: str) -> Iterable[str]:
    """Also index "cve-2024-1234" as "cve20241234" and "20241234", which few other documents contain."""
    if not _HYPHENATED.search(folded):
        return
    for match in _NUMBERED.findall(folded):
        joined = match.replace("-", "")
        yield joined
        if not joined[0].isdigit():
            yield joined.lstrip("abcdefghijklmnopqrstuvwxyz")


def _shortened(words: dict[str, None]) -> dict[str, None]:
    return dict.fromkeys([word[:MAX_WORD] for word in words]) if max(map(len, words), default=0) > MAX_WORD else words


def _without_beginnings(words: Iterable[str]) -> list[str]:
    """Drop each word that begins another one: a document with a match for "linux" also matches "li"."""
    return [word for word in words if not any(other != word and other.startswith(word) for other in words)]


def _cut(document: str) -> str:
    if len(document) <= _MAX_DOCUMENT:
        return document
    return document[: document.rindex(" ", 0, _MAX_DOCUMENT)]
