"""Dates, times and numbers have one style in all windows, because one module formats them."""

from __future__ import annotations

import re
from pathlib import Path

WINDOWS = Path(__file__).resolve().parents[2] / "desktop" / "ui"
OTHER_FORMATS = re.compile(r"QLocale|strftime|strptime|:%[A-Za-z]|:,[}d]|ctime\(")
MAY_FORMAT = ("formatting.py", "language.py")
"""The one that formats, and the one that chooses the locale for it."""
FILE_NAME = 'f"openthreat-'
"""The name of a file is no text of a window."""


def test_no_other_module_of_the_windows_formats_dates_or_numbers() -> None:
    found = [
        f"{path.relative_to(WINDOWS)}: {line.strip()}"
        for path in WINDOWS.rglob("*.py")
        if path.name not in MAY_FORMAT
        for line in path.read_text(encoding="utf-8").splitlines()
        if OTHER_FORMATS.search(line) and FILE_NAME not in line
    ]
    assert found == []
