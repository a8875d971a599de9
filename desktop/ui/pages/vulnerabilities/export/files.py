"""Writes records as CSV or JSON to a file that is either complete or does not exist."""

from __future__ import annotations

import csv
import os
import tempfile
import weakref
from collections.abc import Sequence
from contextlib import suppress
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
"""Columns of a CSV file, named as in the API."""
_ENCODINGS = {Format.CSV: "utf-8-sig", Format.JSON: "utf-8"}
"""Without a byte order mark, Excel reads a file in the legacy encoding of the system."""
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""First characters that a spreadsheet takes for a formula (OWASP: CSV Injection)."""


class ExportFile:
    """A temporary file beside the target, which it replaces once it is complete.

    An unfinished file is removed, also when the program ends first. All methods are called in the background.
    """

    def __init__(self, path: Path, kind: Format) -> None:
        """Create the temporary file.

        Raises:
            OSError: as of all methods, the file cannot be written.
        """
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        file = os.fdopen(handle, "w", encoding=_ENCODINGS[kind], newline="")
        self.path, self.count = path, 0
        self._file, self._temporary = file, Path(name)
        self._finalizer = weakref.finalize(self, _discard, file, self._temporary)
        self._form: _Csv | _Json = _Csv(file) if kind is Format.CSV else _Json(file)

    def add(self, records: Sequence[Vulnerability]) -> None:
        for record in records:
            self._form.put(record)
        self.count += len(records)

    def finish(self) -> None:
        self._form.end()
        self._file.close()
        self._temporary.replace(self.path)
        self._finalizer.detach()

    def discard(self) -> None:
        self._finalizer()


def _discard(file: TextIO, temporary: Path) -> None:
    with suppress(OSError):  # flushing fails on a full disk
        file.close()
    temporary.unlink(missing_ok=True)


def escape_formula(text: str) -> str:
    """Prefix text that a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


class _Csv:
    def __init__(self, file: TextIO) -> None:
        self._rows = csv.writer(file)
        self._rows.writerow(COLUMNS)

    def put(self, record: Vulnerability) -> None:
        self._rows.writerow([_cell(record, column) for column in COLUMNS])

    def end(self) -> None:
        """CSV has no end mark."""


class _Json:
    """An array with one record per line."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._before = file, "[\n"

    def put(self, record: Vulnerability) -> None:
        self._file.write(self._before)
        self._file.write(record.model_dump_json())
        self._before = ",\n"

    def end(self) -> None:
        self._file.write("[\n]\n" if self._before == "[\n" else "\n]\n")


def _cell(record: Vulnerability, column: str) -> str:
    value = getattr(record, column)
    if column == "references":
        value = tuple(reference.url for reference in record.references)
    if isinstance(value, tuple):
        return escape_formula("; ".join(value))
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else escape_formula(str(value))
