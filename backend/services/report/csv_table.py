"""A report as CSV: one line for each thing that happened, with the fields of ReportItem as columns."""

from __future__ import annotations

import csv
import io

from backend.contract.formatting import clean
from backend.contract.report import Report, ReportItem

_FORMULAS = ("=", "+", "-", "@")
"""First characters that a spreadsheet takes for a formula (OWASP: CSV Injection)."""
_COLUMNS = tuple(ReportItem.model_fields)


def as_csv(report: Report) -> bytes:
    """Return UTF-8 with a byte order mark, without which Excel reads the legacy encoding of the system."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(_COLUMNS)
    for item in report.items:
        fields = item.model_dump(mode="json")
        rows.writerow([_cell(fields[name]) for name in _COLUMNS])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    if not isinstance(value, str):
        return "" if value is None else str(value)
    text = clean(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text
