"""Parsing of FIRST's table: its first lines, and one row into a claim.

Columns are found by their names, since some were added and others may follow. A row becomes a record in the usual form
"id,score,percentile", so that a new column changes no record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from backend.connectors.connector import Parsed, ParseError, RawRecord
from backend.connectors.decoding import instant_or_none
from backend.domain.canonical import is_cve_id
from backend.domain.claims import Claim

PARSER_VERSION = 1

_MODEL_VERSION = re.compile(rb"model_version:([0-9A-Za-z._-]{1,40})")
_SCORE_DATE = re.compile(rb"score_date:([0-9T:.+Z-]+)")


@dataclass(frozen=True)
class ScoreColumns:
    """The places of the columns that are read. percentile: None if the table has no such column."""

    cve: int = 0
    score: int = 1
    percentile: int | None = 2

    def usual(self, row: bytes) -> bytes:
        """The row as "id,score,percentile"; what it lacks is empty."""
        fields = dict(enumerate(_fields(row)))
        places = (self.cve, self.score, self.percentile)
        return b",".join([fields.get(place, b"") if place is not None else b"" for place in places])


def columns_of(header: bytes) -> ScoreColumns | None:
    """The columns by the header; None if those of id and score are missing."""
    names = [name.lower() for name in _fields(header)]
    if b"cve" not in names or b"epss" not in names:
        return None
    percentile = names.index(b"percentile") if b"percentile" in names else None
    return ScoreColumns(names.index(b"cve"), names.index(b"epss"), percentile)


def is_row(line: bytes) -> bool:
    return is_cve_id(_fields(line)[0].decode("utf-8", "replace"))


def parse(record: RawRecord) -> Parsed:
    """Parse a row such as "CVE-2024-1234,0.00043,0.10115": id, probability, percentile.

    Raises:
        ParseError: it has no probability, which is all that a row is about.
    """
    _, score_text, percentile_text, *_ = [*record.raw.split(b","), b"", b""]
    score, percentile = _share(score_text), _share(percentile_text)
    if score is None:
        raise ParseError(f"not a probability: {record.raw[:60]!r}")
    mended = [] if percentile is not None else [f"percentile: not between 0 and 1: {percentile_text[:20]!r}"]
    return Parsed([(record.key, Claim(epss=score, epss_percentile=percentile))], mended)


def score_date(head: bytes) -> datetime | None:
    """The date in the table's first line, "#model_version:v2025.03.14,score_date:2026-01-30T12:55:00Z"."""
    found = _SCORE_DATE.search(head)
    return instant_or_none(found[1].decode("ascii")) if found else None


def model_version(head: bytes) -> str | None:
    """The version of FIRST's model in the same line ("v2025.03.14")."""
    found = _MODEL_VERSION.search(head)
    return found[1].decode("ascii") if found else None


def _fields(line: bytes) -> list[bytes]:
    """Ids, names and numbers need no quotes, but may have them."""
    return [field.strip().strip(b'"') for field in line.split(b",")]


def _share(text: bytes) -> float | None:
    """A number from 0 to 1; None for anything else."""
    try:
        share = float(text)
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None
