"""Ids and addresses in the canonical form in which they are compared and stored.

A record's id is a CVE id, or an EUVD id (ENISA) for a vulnerability without one; GHSA ids (GitHub) are aliases.
"""

from __future__ import annotations

import re
from functools import lru_cache

CVE_PATTERN = r"CVE-[0-9]{4}-[0-9]{4,19}"  # the CVE record format, cveMetadata.cveId
EUVD_PATTERN = r"EUVD-[0-9]{4}-[0-9]{1,19}"  # ENISA numbers from 1, without leading zeros
GHSA_PATTERN = r"GHSA(-[23456789cfghjmpqrvwx]{4}){3}"  # GitHub's advisory database, README

_CVE = re.compile(CVE_PATTERN)
_EUVD = re.compile(EUVD_PATTERN)
_GHSA = re.compile(GHSA_PATTERN)
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(.*)", re.DOTALL)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def is_cve_id(text: str) -> bool:
    return _CVE.fullmatch(text) is not None


def is_euvd_id(text: str) -> bool:
    return _EUVD.fullmatch(text) is not None


def is_ghsa_id(text: str) -> bool:
    return _GHSA.fullmatch(text) is not None


def is_vulnerability_id(text: str) -> bool:
    """Whether records may have this id: as their own, or as an alias."""
    return is_cve_id(text) or is_euvd_id(text) or is_ghsa_id(text)


def normalise_id(text: str) -> str:
    """Turn a typed id into the form that sources write. The result may still be no id: see `is_vulnerability_id`."""
    name = text.strip().upper()
    return f"GHSA-{name.removeprefix('GHSA-').lower()}" if name.startswith("GHSA-") else name


def year_of(vulnerability_id: str) -> int:
    """The year in an id: when the id was reserved, not when it was published.

    Raises:
        ValueError: the text is not an id.
    """
    return sort_key(vulnerability_id)[0]


def id_rank(vulnerability_id: str) -> str:
    """What sorts before the id itself so that numbers sort as numbers: its kind, its year and its length.

    Numbers have no leading zeros beyond four digits, so of the same length the text decides. The store computes the
    same in SQL (`store.tables.id_rank`).
    """
    return vulnerability_id[:9] + chr(ord("A") + len(vulnerability_id) - 10)


RANKED = 40
"""Characters of titles and names by which lists are sorted."""
_LOWER = {capital: capital + ord("a") - ord("A") for capital in range(ord("A"), ord("Z") + 1)}


def text_rank(text: str) -> str | None:
    """What lists sort a title or names by: the beginning in lower case (ASCII only); None: the text is empty.

    The store computes the same in SQL (`store.tables.TextRank`).
    """
    return text[:RANKED].translate(_LOWER) or None


def sort_key(vulnerability_id: str) -> tuple[int, int]:
    """Year and number of an id; as text, CVE-2024-10000 would sort before CVE-2024-9999.

    Raises:
        ValueError: the text is not an id.
    """
    _, year, number = vulnerability_id.split("-")
    return int(year), int(number)


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
