"""What the search index holds of a vulnerability, and what a search text asks of the index.

The databases' own text parsers split words differently, so the program folds and splits text itself and the index only
stores the resulting tokens: words, and facets, which contain "=" and so differ from all words. A facet is an exact
value such as a vendor's key or a whole id. Besides its plain words a text has versions and names with signs as words of
their own ("2.17.1", ".net", "c++", "node.js"), and scripts without spaces (Chinese, Japanese, Thai) have pairs of
letters. A change to the tokens of a vulnerability needs a new `merge.MERGE_VERSION`, which builds all search documents
again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import msgspec

from backend.contract.vulnerability_ids import ids_in
from backend.domain.claims import RecordState
from backend.domain.cpe import vendor_and_product, vendor_and_product_of_uri
from backend.domain.names import product_key, vendor_key
from backend.domain.purl import package_key, package_name
from backend.domain.vulnerability import MergedVulnerability

MAX_WORD = 64  # characters; longer words (hashes, encoded data) are cut, in documents and in queries
MAX_QUERY_WORDS = 16
MAX_QUERY_IDS = 200
_MAX_NAME = 200  # characters of a facet; PostgreSQL accepts 2,046 bytes in one lexeme
_MAX_DOCUMENT = 200_000  # characters in total; PostgreSQL accepts 1 MiB of lexemes in one document


# -- folding and splitting --------------------------------------------------------------------------------------------
_WORD = re.compile(r"[^\W_]+")
_ASCII_WORDS = "".join(letter if letter.isalnum() else " " for letter in map(chr, range(128)))
"""Translation table for ASCII text: splitting the result at blanks takes a fifth of the time of the pattern."""
_NUMBERED = re.compile(r"\b(?:[a-z]{2,8}-)?\d+(?:-\d+)+\b")  # cve-2024-1234, 2024-12, 2024-12-31
_HYPHENATED = re.compile(r"-\d(?<=\d-\d)")  # starts with the hyphen, which the regex engine finds fastest
_SIGNED = re.compile(
    r"(?<![^\W_])(?<!\.)(?:v(?=\d+\.))?"  # "v2.17.1" is "2.17.1"
    r"(\.[^\W\d_][^\W_]*(?:\.[^\W_]+)*|[^\W_]+(?:\.[^\W_]+)+|[^\W_]+(?=\+\+|[+#](?!\w)))"
    r"((?:\+\+|[+#])(?!\w))?"
)
"""A name or version with signs. Groups: the name, the signs at its end."""
_SIGN = re.compile(r"\.[^\s.]|[+#]")
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003134f"
)
"""Thai to Tibetan, Burmese, Khmer, kana, Han and Hangul: scripts in which words are not, or not all, set apart."""
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_BLANK = re.compile(r"[\x00-\x20\x7f_]+|\s+")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"))


@lru_cache(maxsize=2**14)  # few names occur in many records
def _exact(value: str) -> str:
    return _single(value)


def _single(value: str) -> str:
    """One token in any case."""
    return _BLANK.sub("_", _fold(value).strip())[:_MAX_NAME]


def _fold(text: str) -> str:
    return (
        text.lower()
        if text.isascii()
        else unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_DASHES)
    )


def _words(folded: str) -> list[str]:
    return folded.translate(_ASCII_WORDS).split() if folded.isascii() else _WORD.findall(folded)


def _shortened(words: dict[str, None]) -> dict[str, None]:
    return dict.fromkeys([word[:MAX_WORD] for word in words]) if max(map(len, words), default=0) > MAX_WORD else words


# -- facets -----------------------------------------------------------------------------------------------------------
class Facet(StrEnum):
    ID = "i="  # the record's own ids: CVE, EUVD, GHSA
    VENDOR = "v="  # names.vendor_key
    PRODUCT = "p="  # names.product_key, of packages too
    PACKAGE = "u="  # purl.package_key
    CWE = "w="
    TAG = "t="
    NVD_STATUS = "n="
    STATE = "s="  # only of rejected records
    LETTER = "="  # first letter of any word: one lookup instead of the union of all words with that beginning

    def of(self, value: str) -> str:
        """The index token for one exact value in any case."""
        return self + _exact(value)


REJECTED = Facet.STATE.of(RecordState.REJECTED)


def id_facet(name: str) -> str:
    """The facet of an id. Not cached: every record has another one."""
    return Facet.ID + _single(name)


@lru_cache(maxsize=2**15)
def vendor_facet(name: str) -> str:
    return Facet.VENDOR.of(vendor_key(name))


@lru_cache(maxsize=2**15)
def product_facet(name: str) -> str:
    return Facet.PRODUCT.of(product_key(name))


def weakness_facet(text: str) -> str:
    """The facet of a CWE id, also as a bare number ("79", "cwe 79")."""
    number = _BARE_NUMBER.fullmatch(_fold(text).strip())
    return Facet.CWE.of(f"CWE-{int(number[1])}" if number else text)


# -- documents --------------------------------------------------------------------------------------------------------
def search_words(vulnerability: MergedVulnerability) -> str:
    """The search document: every facet and word once, in a fixed order, separated by spaces."""
    v = vulnerability
    packages = [entry.product for entry in v.details.affected_products if entry.product.package or entry.product.purl]
    tokens = [id_facet(name) for name in (v.cve_id, *v.details.aliases)]
    tokens += [REJECTED] if v.state is RecordState.REJECTED else []
    tokens += [Facet.CWE.of(cwe) for cwe in v.cwe_ids]
    tokens += [vendor_facet(vendor) for vendor in v.vendors]
    tokens += [product_facet(product) for product in v.products]
    tokens += [token for product in packages for token in _package_facets(product.package, product.purl)]
    tokens += [Facet.TAG.of(tag) for tag in v.tags]
    tokens += [Facet.NVD_STATUS.of(v.nvd_status)] if v.nvd_status else []
    numbered = _fold("\n".join(name for name in (v.cve_id, *v.details.aliases) if not name.lower().startswith("ghsa")))
    named = [name for product in packages for name in (product.package, product.purl)]
    text = _fold("\n".join((v.title, *v.vendors, v.description, *v.products, *v.details.other_names, *named)))
    words = _shortened(
        dict.fromkeys(
            (
                *_words(numbered),
                *_words(text),
                *_joined(text),
                *_signed(text),
                *(() if text.isascii() else _pairs_of(text)),
                *_advisories(v),
            )
        )
    )
    tokens += [Facet.LETTER + letter for letter in sorted({word[0] for word in words})]
    return _cut(" ".join((*dict.fromkeys(tokens), *words)))


def _package_facets(package: str, purl: str) -> Iterator[str]:
    """A package is found by its whole name, by its last part, and by its URL."""
    for name in dict.fromkeys((package, re.split("[:/]", package)[-1], package_name(purl))):
        if product_key(name):
            yield product_facet(name)
    if key := package_key(purl):
        yield Facet.PACKAGE.of(key)


def _joined(folded: str) -> Iterator[str]:
    """Also index an id that the text mentions: "cve-2024-1234" as "cve20241234" and "20241234"."""
    if _HYPHENATED.search(folded):
        for match in _NUMBERED.findall(folded):
            joined = match.replace("-", "")
            yield joined
            if not joined[0].isdigit():
                yield joined.lstrip("abcdefghijklmnopqrstuvwxyz")
    if "cwe-" in folded:
        yield from (f"cwe{number}" for number in _WEAKNESS.findall(folded))


def _signed(folded: str) -> Iterator[str]:
    """Versions and names with signs; of "www.example.com" also "example.com".

    Only the few words that can match are given to the pattern, which takes ten times as long as all else.
    """
    for name, signs in _SIGNED.findall(" ".join(_words_with_signs(folded.replace("\n", " ")))):
        yield name + signs
        if not name[0].isdigit():
            parts = name.split(".")
            for start in range(1, len(parts) - 1):
                yield ".".join(parts[start:])


def _words_with_signs(line: str) -> Iterator[str]:
    done = 0
    for sign in _SIGN.finditer(line):
        if sign.start() >= done:
            end = line.find(" ", sign.start())
            done = len(line) if end < 0 else end
            yield line[line.rfind(" ", 0, sign.start()) + 1 : done]


def _pairs_of(folded: str) -> Iterator[str]:
    """The pairs of letters, and the last letter, of each run of a script without spaces; and the words between."""
    for run in _UNSPACED_RUN.findall(folded):
        yield from _pairs(run)
        yield run[-1]
    if _UNSPACED_RUN.search(folded):
        yield from _WORD.findall(_UNSPACED_RUN.sub(" ", folded))


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)]


def _advisories(vulnerability: MergedVulnerability) -> Iterator[str]:
    """GitHub's ids in the addresses of references: they may be of related advisories, so they are no aliases."""
    for reference in vulnerability.details.references:
        if "ghsa-" in reference.url or "GHSA-" in reference.url:
            yield from _GHSA.findall(reference.url.lower())


def _cut(document: str) -> str:
    if len(document) <= _MAX_DOCUMENT:
        return document
    return document[: document.rindex(" ", 0, _MAX_DOCUMENT)]


# -- questions to the index -------------------------------------------------------------------------------------------
class Token(msgspec.Struct, frozen=True):
    """Documents with this token, or with one that begins with it."""

    text: str
    beginning: bool = False


class AllOf(msgspec.Struct, frozen=True):
    parts: tuple[Match, ...]


class AnyOf(msgspec.Struct, frozen=True):
    parts: tuple[Match, ...]


class Without(msgspec.Struct, frozen=True):
    match: Match
    excluded: Match


Match = Token | AllOf | AnyOf | Without


class TextSearch(NamedTuple):
    """What a text asks for.

    own: records whose own id the text has; None: it has no id. graded: kinds of matches, the best first; a document may
    be of several. matches: all matches.
    """

    own: Match | None
    graded: Sequence[Match]
    matches: Match


class _Term(NamedTuple):
    """One condition of a text. strict: as it is written; loose: also as the beginning of what is still being typed."""

    strict: Match
    loose: Match


_ID_BEGINNING = re.compile(
    r"(?<![a-z0-9])(?:cve-\d{4}-\d{1,3}(?!\d)|ghsa(?:-[23456789cfghjmpqrvwx]{4}){0,2}-[23456789cfghjmpqrvwx]{1,4}(?![a-z0-9]))"
)
_WITHOUT_KIND = ("cve-", "euvd-")
_GHSA = re.compile(r"ghsa(?:-[23456789cfghjmpqrvwx]{4}){3}(?![a-z0-9])")
_CPE_NAME = re.compile(r"cpe:2\.3:[aho*-]:(?:[^\s\\]|\\.)+")
_CPE_URI = re.compile(r"cpe:/[aho]:[^\s]+")
_PURL = re.compile(r"pkg:[a-z0-9.+-]+/[^\s]+")
_WEAKNESS = re.compile(r"(?<![a-z0-9])cwe-0*(\d{1,5})(?!\d)")
_TYPED_WEAKNESS = re.compile(
    r"(?:https?://)?cwe\.mitre\.org/data/definitions/(\d{1,5})(?:\.html)?|(?<![a-z0-9])cwe[-_: ]?0*(\d{1,5})(?![\w-])"
)
_BARE_NUMBER = re.compile(r"(?:cwe[-_: ]?)?0*(\d{1,5})")


def read_text(text: str) -> TextSearch | None:
    """Read a search text.

    Whole ids decide alone, wherever they stand in it (an address, a list); one id also finds longer ids that begin with
    it, and then the records whose text mentions it. Otherwise all of these must match: weaknesses ("CWE-79"), CPE names
    and package URLs by what they name, and words, whole ones better than the beginnings of words.

    Returns:
        None if the text asks for nothing findable: it is empty, or has only signs.
    """
    folded = _fold(text[:_MAX_DOCUMENT])
    ids = ids_in(folded)[:MAX_QUERY_IDS]
    if ids:
        return _search_by_ids(ids)
    terms, rest = _named_in(folded)
    terms += _word_terms(rest)
    if not terms:
        return None
    terms = terms[:MAX_QUERY_WORDS]
    strict, loose = _all_of([term.strict for term in terms]), _all_of([term.loose for term in terms])
    return TextSearch(None, (strict,) if strict == loose else (strict, loose), loose)


def _search_by_ids(ids: Sequence[str]) -> TextSearch:
    own = _any_of([Token(id_facet(name)) for name in ids])
    further: list[Match] = []
    if len(ids) == 1:
        (name,) = ids
        if name.startswith("ghsa"):  # of one length; the others also begin longer ones
            further = [Token(name)]
        else:
            further = [Token(id_facet(name), beginning=True), Token(_mention_of(name), beginning=True)]
    return TextSearch(own, (own, *further), _any_of([own, *further]))


def _named_in(folded: str) -> tuple[list[_Term], str]:
    """The weaknesses, CPE names and package URLs of a text, and the text without them."""
    terms = []
    for pattern, term_of in (
        (_CPE_NAME, lambda name: _product_term(*vendor_and_product(name))),
        (_CPE_URI, lambda uri: _product_term(*vendor_and_product_of_uri(uri))),
        (_PURL, _package_term),
    ):
        named = list(filter(None, map(term_of, pattern.findall(folded))))
        folded = pattern.sub(" ", folded)
        terms += [_either(named)] if named else []
    weaknesses = [address or number for address, number in _TYPED_WEAKNESS.findall(folded)]
    if weaknesses:
        facets = [Token(Facet.CWE.of(f"CWE-{int(number)}")) for number in weaknesses]
        mentions = [Token(f"cwe{int(number)}") for number in weaknesses]
        terms.append(_Term(_any_of(facets), _any_of([*facets, *mentions])))
    return terms, _TYPED_WEAKNESS.sub(" ", folded)


def _product_term(vendor: str, product: str) -> _Term | None:
    facets = [Token(vendor_facet(vendor))] if vendor_key(vendor) else []
    facets += [Token(product_facet(product))] if product_key(product) else []
    return _Term(_all_of(facets), _all_of(facets)) if facets else None


def _package_term(purl: str) -> _Term | None:
    key, name = package_key(purl), package_name(purl)
    if not key:
        return None
    exact = Token(Facet.PACKAGE.of(key))
    return _Term(exact, _any_of([exact, Token(product_facet(name))]) if product_key(name) else exact)


def _either(terms: Sequence[_Term]) -> _Term:
    return _Term(_any_of([term.strict for term in terms]), _any_of([term.loose for term in terms]))


def _word_terms(folded: str) -> list[_Term]:
    """The words of a text in the order: beginnings of ids, numbers with hyphens, names with signs, other words."""
    terms: dict[str, _Term] = {}
    for name in _ID_BEGINNING.findall(folded):
        terms[name] = _beginning_of_id(name)
    folded = _ID_BEGINNING.sub(" ", folded)
    for number in _NUMBERED.findall(folded):
        terms.setdefault(number, _numbered_term(number))
    folded = _NUMBERED.sub(" ", folded)
    for name, signs in _SIGNED.findall(folded):
        signed = (name + signs)[:MAX_WORD]
        terms[signed] = _signed_term(signed)
    words = _shortened(dict.fromkeys(_words(_SIGNED.sub(" ", folded))))
    for word in _without_beginnings(words):
        for part in [word] if word.isascii() else _parts_of(word):
            terms[part] = _word_term(part)
    return list(terms.values())


def _beginning_of_id(name: str) -> _Term:
    """The records whose own id begins so are better matches than those whose text mentions such an id."""
    own = Token(id_facet(name), beginning=True)
    return _Term(own, _any_of([own, Token(_mention_of(name), beginning=True)]))


def _mention_of(name: str) -> str:
    """The word of a document whose text, or the address of a reference, has this id."""
    return name if name.startswith("ghsa") else name.replace("-", "")


def _numbered_term(number: str) -> _Term:
    """A number with hyphens: a date, or a CVE or EUVD id without its kind, own or mentioned."""
    names = [number] if number[0].isalpha() else [kind + number for kind in _WITHOUT_KIND]
    joined = number.replace("-", "")[:MAX_WORD]
    strict = [Token(joined), *(Token(id_facet(name)) for name in names)]
    loose = [Token(joined, beginning=True), *(Token(id_facet(name), beginning=True) for name in names)]
    return _Term(_any_of(strict), _any_of(loose))


def _signed_term(signed: str) -> _Term:
    """Also find "nodejs" for "node.js", which is how many sources write it."""
    beginning = Token(signed, beginning=True)
    joined = signed.replace(".", "")
    if signed[0].isdigit() or signed[0] == "." or not joined.isalnum():
        return _Term(Token(signed), beginning)
    return _Term(Token(signed), _any_of([beginning, Token(joined, beginning=True)]))


def _parts_of(word: str) -> list[str]:
    """The runs of one script in a word."""
    return [part for run in re.split(f"([{_UNSPACED}]+)", word) if (part := run)]


def _word_term(word: str) -> _Term:
    if len(word) == 1:
        return _Term(Token(word), Token(Facet.LETTER + word))
    if _UNSPACED_RUN.fullmatch(word):
        return _Term(Token(word), _all_of([Token(pair) for pair in _pairs(word)][:MAX_QUERY_WORDS]))
    return _Term(Token(word), Token(word, beginning=True))


def _without_beginnings(words: Iterable[str]) -> list[str]:
    """Drop each word that begins another one: a document with a match for "linux" also matches "li"."""
    return [word for word in words if not any(other != word and other.startswith(word) for other in words)]


def _all_of(parts: Sequence[Match]) -> Match:
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _any_of(parts: Sequence[Match]) -> Match:
    distinct = tuple(dict.fromkeys(parts))
    return distinct[0] if len(distinct) == 1 else AnyOf(distinct)
