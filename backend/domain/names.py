"""Names of vendors and products: their display form, and the key under which spellings of one name unite."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LEGAL_FORMS = """
    ab ag aps as asa bhd bv co company corp corporation gmbh inc incorporated kg kgaa kk limited llc llp lp ltd mbh
    nv oy oyj plc pte pty pvt sa sarl sas sdn se spa srl sro
"""
_FOUNDATIONS = ("software foundation", "foundation")
_NAMED_FOUNDATION = frozenset({"linux foundation", "free software foundation", "document foundation"})
"""Vendors whose name without the word "foundation" is that of another one, or a common word."""
_PLACEHOLDERS = """
    na none null unknown unspecified undefined unidentified tbd various multiple notapplicable notavailable
    notspecified notaproduct unknownvendor unknownproduct variousvendors variousproducts multiplevendors
    multipleproducts anyvendor anyproduct
"""
_FORMS, _NO_NAMES = frozenset(_LEGAL_FORMS.split()), frozenset(_PLACEHOLDERS.split())
_MARKS = re.compile("[™®©℠]")
_JOINING = re.compile(r"[.'/\u2019]")  # "S.p.A.", "A/S", "McAfee's": one word
_WORD = re.compile(r"[^\W_]+")
_MEANINGFUL = re.compile(r"^\.(?=\w)|[^\W_]+|[+#]+")  # ".net", "c++" and "c#" differ from "net" and "c"


@lru_cache(maxsize=2**16)
def fold(name: str) -> str:
    """Fold a vendor or product name for display: lower case, white space and "_" as one space, a placeholder as ""."""
    folded = " ".join(name.replace("_", " ").lower().split())
    return "" if not (key := _compact(folded)) or key in _NO_NAMES else folded


@lru_cache(maxsize=2**16)
def vendor_key(name: str) -> str:
    """The key of a vendor: spellings that differ by legal form, case, spaces or punctuation only have the same one.

    "Apache Software Foundation" is "apache", "SAP_SE" is "sap", "Trend Micro, Inc." is "trendmicro". Empty for a
    placeholder such as "n/a".
    """
    words = _WORD.findall(_JOINING.sub("", _folded(name)))
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    while len(words) > 1 and words[-1] in _FORMS:
        words = words[:-1]
    whole = " ".join(words)
    for form in _FOUNDATIONS:
        if whole.endswith(f" {form}") and whole not in _NAMED_FOUNDATION:
            whole = whole.removesuffix(f" {form}")
    return _named(whole.replace(" ", ""))


@lru_cache(maxsize=2**16)
def product_key(name: str) -> str:
    """The key of a product: spellings that differ by case, spaces or punctuation only have the same one.

    "wp-file-manager" is "wpfilemanager"; signs that make another product of it stay: "c++", "c#", ".net".
    """
    return _named("".join(_MEANINGFUL.findall(_folded(name).strip())))


def _named(key: str) -> str:
    return "" if key in _NO_NAMES else key


def _compact(folded: str) -> str:
    return "".join(_WORD.findall(folded))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", _MARKS.sub("", name)).casefold()
