"""Ids, names, addresses and titles in the canonical form in which they are compared and stored.

An id is a CVE id, or an EUVD id (ENISA) for a vulnerability without one.
"""

from __future__ import annotations

import re
from functools import lru_cache

CVE_PATTERN = r"CVE-[0-9]{4}-[0-9]{4,19}"  # the CVE record format, cveMetadata.cveId
EUVD_PATTERN = r"EUVD-[0-9]{4}-[0-9]{1,19}"  # ENISA numbers from 1, without leading zeros

TITLE_LENGTH = 200  # characters

_CVE = re.compile(CVE_PATTERN)
_EUVD = re.compile(EUVD_PATTERN)
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(.*)", re.DOTALL)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_SENTENCE_END = re.compile(r"[.?] (?=[^a-z])")  # not "!", which ends the names of products ("Joomla!")
_ABBREVIATION = re.compile(r"(?:[a-z]|e\.g|i\.e|etc|vs|inc|corp|co|ltd|no|ver)\.", re.IGNORECASE)


def is_cve_id(text: str) -> bool:
    return _CVE.fullmatch(text) is not None


def is_euvd_id(text: str) -> bool:
    return _EUVD.fullmatch(text) is not None


def is_vulnerability_id(text: str) -> bool:
    return is_cve_id(text) or is_euvd_id(text)


def normalise_id(text: str) -> str:
    """Turn a typed id into the form that sources write. The result may still be no id: see `is_vulnerability_id`."""
    return text.strip().upper()


def year_of(vulnerability_id: str) -> int:
    """The year in an id: when the id was reserved, not when it was published.

    Raises:
        ValueError: the text is not an id.
    """
    return sort_key(vulnerability_id)[0]


def sort_key(vulnerability_id: str) -> tuple[int, int]:
    """Year and number of an id; as text, CVE-2024-10000 would sort before CVE-2024-9999.

    Raises:
        ValueError: the text is not an id.
    """
    _, year, number = vulnerability_id.split("-")
    return int(year), int(number)


@lru_cache(maxsize=2**16)
def fold(name: str) -> str:
    """Fold a vendor or product name for comparison: lower case, white space and "_" as one space, "n/a" as ""."""
    folded = " ".join(name.replace("_", " ").lower().split())
    return "" if folded == "n/a" else folded


@lru_cache(maxsize=2**13)  # NVD and MITRE mostly list the same addresses, and many records the same advisory
def canonical_address(url: str) -> str:
    """Reduce spellings of one address to one: scheme and host in lower case, no default port, no final "/" or "#".

    A fragment is kept: on many sites it selects the page ("#!/advisory/7"). Text that is no address is only stripped.
    """
    trimmed = url.strip().removesuffix("#")
    match = _ADDRESS.fullmatch(trimmed)
    if match is None:
        return trimmed
    scheme, host, path, rest = match.groups()
    scheme = scheme.lower()
    host = host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ":"))
    return f"{scheme}://{host}{path.rstrip('/')}{rest}"


def first_sentence(text: str) -> str:
    """The first sentence on one line, cut between words to at most 200 characters, then with an ellipsis."""
    line = " ".join(text[: 4 * TITLE_LENGTH].split())
    ends = (match.start() + 1 for match in _SENTENCE_END.finditer(line))
    sentence = next((line[:end] for end in ends if not _ABBREVIATION.fullmatch(_last_word(line[:end]))), line)
    if len(sentence) <= TITLE_LENGTH:
        return sentence
    head, _, _ = sentence[:TITLE_LENGTH].rpartition(" ")
    return (head or sentence[: TITLE_LENGTH - 1]).rstrip(" ,;:") + "…"


def _last_word(text: str) -> str:
    return text.rpartition(" ")[2]
