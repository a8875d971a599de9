"""Publishers of programs and vendors of records: whether two names may be the same company or project."""

from __future__ import annotations

import re
from functools import lru_cache

from backend.domain.names import fold, product_key, vendor_key
from backend.domain.products.vocabulary import COMPANY_WORDS

MIN_SHARED = 4  # characters of a first word that names a company without the rest
MAX_INITIALS = 4  # characters of a name that are initials; longer ones are rarely written out

_ADDRESS = re.compile(
    r"^(?:https?://)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*?)\.(?:com|org|net|de|io|dev|eu|at|fr|co|app|me|info)(?:/.*)?$"
)
_WORD = re.compile(r"[^\W_]+")
_JOINING = re.compile(r"[.'\u2019]")


@lru_cache(maxsize=2**14)
def name_words(name: str) -> tuple[str, ...]:
    """The words of a company's or project's name that tell it apart: "The GIMP Team" is gimp."""
    text = fold(name)
    if address := _ADDRESS.fullmatch(text):
        text = address[1].rpartition(".")[2]
    words = _WORD.findall(_JOINING.sub("", text.replace("+", " plus ").replace("#", " sharp ")))
    return tuple(word for word in words if word not in COMPANY_WORDS) or tuple(words)


def may_be_same(publisher: str, vendor: str) -> bool:
    """Whether a publisher's name agrees with a vendor's.

    They have the same key, all telling words of one are in the other, or one is the initials of the other ("AMD").
    """
    if vendor_key(publisher) == vendor_key(vendor):
        return True
    if _is_short_for(vendor, publisher) or _is_short_for(publisher, vendor):
        return True
    here, there = name_words(publisher), name_words(vendor)
    if not here or not there:
        return False
    return (
        set(here) <= set(there) or set(there) <= set(here) or _begin_alike("".join(here), "".join(there), here, there)
    )


def named_like(vendor: str, product: str) -> bool:
    """Whether a vendor is named after its product: "winscp", "calibre_project", "getgreenshot", "caddyserver"."""
    company, thing = "".join(name_words(vendor)), _letters(product)
    if len(company) < MIN_SHARED or len(thing) < MIN_SHARED:
        return bool(company) and company == thing
    return (
        thing.startswith(company) or (len(thing) > MIN_SHARED and company.startswith(thing)) or company == f"get{thing}"
    )


def _is_short_for(short: str, long: str) -> bool:
    """Whether a name is the initials of another one, which legal forms may follow: "hp", "Hewlett-Packard Company"."""
    words, count = _WORD.findall(fold(long)), len(short)
    initials = "".join(word[0] for word in words[:count])
    return 1 < count <= MAX_INITIALS and initials == fold(short) and COMPANY_WORDS.issuperset(words[count:])


def _letters(product: str) -> str:
    return product_key(product).replace("+", "plus").replace("#", "sharp").lstrip(".")


def _begin_alike(one: str, other: str, here: tuple[str, ...], there: tuple[str, ...]) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= MIN_SHARED and longer.startswith(shorter):
        return True
    return here[0] == there[0] and len(here[0]) > MIN_SHARED
