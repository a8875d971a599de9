"""Writes records as CSV or JSON, one after the other, to a file that is either whole or not there. Knows no window."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from backend.contract.vulnerabilities import Vulnerability


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


COLUMNS = (
    "cve_id",
    "state",
    "severity",
    "cvss_score",
    "cvss_version",
    "cvss_vector",
    "exploited_in_the_wild",
    "kev_date_added",
    "cisa_due_date",
    "known_ransomware",
    "eu_exploited",
    "ssvc_exploitation",
    "epss",
    "epss_percentile",
    "priority_score",
    "title",
    "description",
    "cwe_ids",
    "vendors",
    "products",
    "aliases",
    "references",
    "sources",
    "published_at",
    "modified_at",
)
"""Of the CSV form, named as in the API."""
_ENCODINGS = {Format.CSV: "utf-8-sig", Format.JSON: "utf-8"}
"""Excel takes a file without the mark for one in the system's old encoding."""
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would compute rather than show: OWASP, CSV Injection."""


def write(path: Path, kind: Format, records: Iterable[Vulnerability]) -> int:
    """Gives how many were written. Raises OSError, and whatever reading the records raises; then nothing is left."""
    with _whole(path, _ENCODINGS[kind]) as file:
        return _write_csv(file, records) if kind is Format.CSV else _write_json(file, records)


def defused(text: str) -> str:
    """As text in every spreadsheet, whatever it begins with."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _write_csv(file: TextIO, records: Iterable[Vulnerability]) -> int:
    rows, count = csv.writer(file), 0
    rows.writerow(COLUMNS)
    for record in records:
        rows.writerow([_cell(record, column) for column in COLUMNS])
        count += 1
    return count


def _cell(record: Vulnerability, column: str) -> str:
    value = getattr(record, column)
    if column == "references":
        value = tuple(reference.url for reference in record.references)
    if isinstance(value, tuple):
        return defused("; ".join(value))
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else defused(str(value))


def _write_json(file: TextIO, records: Iterable[Vulnerability]) -> int:
    count = 0
    file.write("[")
    for record in records:
        file.write(",\n" if count else "\n")
        file.write(record.model_dump_json())
        count += 1
    file.write("\n]\n")
    return count


@contextmanager
def _whole(path: Path, encoding: str) -> Iterator[TextIO]:
    """A file beside the one that is meant, which takes its place once it is complete."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding=encoding, newline="") as file:
            yield file
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
