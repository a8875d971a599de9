"""Parsing of one row of FIRST's table into a claim."""

from __future__ import annotations

import re
from datetime import datetime

from backend.connectors.connector import Parsed, ParseError, RawRecord
from backend.connectors.decoding import instant_or_none
from backend.domain.claims import Claim

PARSER_VERSION = 1

_MODEL_VERSION = re.compile(rb"model_version:([0-9A-Za-z._-]{1,40})")
_SCORE_DATE = re.compile(rb"score_date:([0-9T:.+Z-]+)")


def parse(record: RawRecord) -> Parsed:
    """Parse a row such as "CVE-2024-1234,0.00043,0.10115": id, probability, percentile.

    Raises:
        ParseError: the row has another form.
    """
    try:
        _, score_text, percentile_text = record.raw.split(b",")
        score, percentile = float(score_text), float(percentile_text)
    except ValueError as error:
        raise ParseError(f"not a score and a percentile: {record.raw[:60]!r}") from error
    if not (0 <= score <= 1 and 0 <= percentile <= 1):
        raise ParseError(f"not between 0 and 1: {record.raw[:60]!r}")
    return Parsed([(record.key, Claim(epss=score, epss_percentile=percentile))])


def score_date(head: bytes) -> datetime | None:
    """The date in the table's first line, "#model_version:v2025.03.14,score_date:2026-01-30T12:55:00Z"."""
    found = _SCORE_DATE.search(head)
    return instant_or_none(found[1].decode("ascii")) if found else None


def model_version(head: bytes) -> str | None:
    """The version of FIRST's model in the same line ("v2025.03.14")."""
    found = _MODEL_VERSION.search(head)
    return found[1].decode("ascii") if found else None
