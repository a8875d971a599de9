"""Ids of vulnerabilities: CVE's, and ENISA's for a vulnerability that has no CVE id."""

from __future__ import annotations

import re

CVE_PATTERN = r"CVE-[0-9]{4}-[0-9]{4,19}"  # the CVE record format, cveMetadata.cveId
EUVD_PATTERN = r"EUVD-[0-9]{4}-[0-9]{1,19}"  # ENISA counts from 1 without leading zeros

_CVE = re.compile(CVE_PATTERN)
_EUVD = re.compile(EUVD_PATTERN)


def is_cve_id(text: str) -> bool:
    return _CVE.fullmatch(text) is not None


def is_euvd_id(text: str) -> bool:
    return _EUVD.fullmatch(text) is not None


def is_vulnerability_id(text: str) -> bool:
    return is_cve_id(text) or is_euvd_id(text)


def normalise(text: str) -> str:
    """An id as sources write it, from one as a person types it. What is no id stays none: ask `is_vulnerability_id`."""
    return text.strip().upper()


def year_of(vulnerability_id: str) -> int:
    """The year in an id, which is when it was reserved, not published. Raises ValueError for text of another form."""
    return sort_key(vulnerability_id)[0]


def sort_key(vulnerability_id: str) -> tuple[int, int]:
    """Year and number: text sorts CVE-2024-10000 before CVE-2024-9999. Raises ValueError for text of another form."""
    _, year, number = vulnerability_id.split("-")
    return int(year), int(number)
