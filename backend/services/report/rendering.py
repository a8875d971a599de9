"""A report in its formats. The PDF is made of the HTML by Qt, in a process of its own: the services know no windows."""

from __future__ import annotations

import subprocess
from datetime import tzinfo

from backend.contract.errors import ReportNotDelivered
from backend.contract.report import Report, ReportFormat
from backend.services.report.csv_table import as_csv
from backend.services.report.html import as_html
from backend.system.program import PDF_COMMAND, whole_program

MEDIA_TYPES = {
    ReportFormat.HTML: "text/html; charset=utf-8",
    ReportFormat.JSON: "application/json",
    ReportFormat.CSV: "text/csv; charset=utf-8",
    ReportFormat.PDF: "application/pdf",
}
_PDF_S = 300.0
"""Seconds that the PDF may take."""
_PDF_HEAD = b"%PDF-"


def render(report: Report, form: ReportFormat, zone: tzinfo) -> bytes:
    """Return the report as a file.

    Args:
        zone: In which the times of HTML and PDF are given.

    Raises:
        ReportNotDelivered: The PDF cannot be made.
    """
    match form:
        case ReportFormat.JSON:
            return report.model_dump_json(indent=1).encode()
        case ReportFormat.CSV:
            return as_csv(report)
        case ReportFormat.HTML:
            return as_html(report, zone).encode()
    return as_pdf(as_html(report, zone).encode())


def as_pdf(html: bytes) -> bytes:
    """Have the program print a page of HTML.

    Raises:
        ReportNotDelivered: It cannot.
    """
    command = [*whole_program(), PDF_COMMAND]
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command, input=html, capture_output=True, timeout=_PDF_S, check=False, creationflags=hidden
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _no_pdf(str(error)) from error
    if done.returncode or not done.stdout.startswith(_PDF_HEAD):
        raise _no_pdf(done.stderr.decode("utf-8", "replace").strip() or f"Exit code {done.returncode}.")
    return done.stdout


def _no_pdf(reason: str) -> ReportNotDelivered:
    return ReportNotDelivered("The PDF cannot be made", reason[-2000:], "HTML, CSV and JSON can be written.")
