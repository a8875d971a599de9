"""Writes records as CSV or JSON, one after the other, to a file that is either whole or not there. Knows no window."""

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
"""Of the CSV form, named as in the API."""
_ENCODINGS = {Format.CSV: "utf-8-sig", Format.JSON: "utf-8"}
"""Excel takes a file without the mark for one in the system's old encoding."""
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would compute rather than show: OWASP, CSV Injection."""


class ExportFile:
    """Stands beside the file that is meant, and takes its place once it is complete; until then nobody sees any of it.

    What is not finished leaves nothing, also where the program ends first. All but `count` is for the background.
    """

    def __init__(self, path: Path, kind: Format) -> None:
        """Raises OSError, as all methods do."""
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        file = os.fdopen(handle, "w", encoding=_ENCODINGS[kind], newline="")
        self.path, self.count = path, 0
        self._file, self._beside = file, Path(name)
        self._gone = weakref.finalize(self, _discard, file, self._beside)
        self._form: _Csv | _Json = _Csv(file) if kind is Format.CSV else _Json(file)

    def add(self, records: Sequence[Vulnerability]) -> None:
        for record in records:
            self._form.put(record)
        self.count += len(records)

    def finish(self) -> None:
        self._form.end()
        self._file.close()
        self._beside.replace(self.path)
        self._gone.detach()

    def discard(self) -> None:
        self._gone()


def _discard(file: TextIO, beside: Path) -> None:
    with suppress(OSError):  # a full disk took not all of it, and need not
        file.close()
    beside.unlink(missing_ok=True)


def defused(text: str) -> str:
    """As text in every spreadsheet, whatever it begins with."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


class _Csv:
    def __init__(self, file: TextIO) -> None:
        self._rows = csv.writer(file)
        self._rows.writerow(COLUMNS)

    def put(self, record: Vulnerability) -> None:
        self._rows.writerow([_cell(record, column) for column in COLUMNS])

    def end(self) -> None:
        """A table may end anywhere."""


class _Json:
    """An array, a record each line."""

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
        return defused("; ".join(value))
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else defused(str(value))
