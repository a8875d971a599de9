"""Reports as files in a folder, each complete or not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from errno import EACCES, EDQUOT, ENOENT, ENOSPC, ENOTDIR, EPERM, EROFS
from pathlib import Path

from backend.config import Settings
from backend.contract.errors import ReportNotDelivered
from backend.contract.report import Report, ReportFormat
from backend.contract.settings import report_folder
from backend.services.report.rendering import render
from backend.system.files import write_atomically

_GONE, _FULL, _REFUSED = (ENOENT, ENOTDIR), (ENOSPC, EDQUOT), (EACCES, EPERM, EROFS)
_LATER = "The next report covers this time as well."


class FolderDelivery:
    name = "folder"

    def __init__(self, settings: Settings, zone: tzinfo) -> None:
        self._folder, self._is_own = report_folder(settings.home, settings.user), not settings.user.report.folder
        self._format, self._zone = settings.user.report.format, zone

    def deliver(self, report: Report, handing_over: Callable[[], None]) -> str:  # noqa: ARG002 - it may be done again
        """Write the file. Its name has the end of the period, so that a repetition replaces it."""
        content = render(report, self._format, self._zone)
        path = self._folder / file_name(report, self._format, self._zone)
        try:
            if self._is_own:
                self._folder.mkdir(exist_ok=True)
            write_atomically(path, content, durable=True)
        except OSError as error:
            raise _not_written(self._folder, error) from error
        return str(path)


def file_name(report: Report, form: ReportFormat, zone: tzinfo) -> str:
    return f"openthreat-report-{report.until.astimezone(zone):%Y-%m-%d-%H%M%S}.{form}"


def _not_written(folder: Path, error: OSError) -> ReportNotDelivered:
    """Say what is wrong with the folder. A folder that was chosen is not made: its drive may not be connected."""
    message = f"{folder}: {error.strerror or error}. {_LATER}"
    if error.errno in _GONE:
        return ReportNotDelivered(
            "The folder for reports is not there",
            message,
            "Create it, connect its drive, or choose another one under Reports in the settings.",
        )
    if error.errno in _FULL:
        return ReportNotDelivered(
            "There is no room for the report", message, "Free some space, or choose another folder in the settings."
        )
    if error.errno in _REFUSED:
        return ReportNotDelivered(
            "The folder for reports cannot be written to",
            message,
            "Allow this account to write there, or choose another folder under Reports in the settings.",
        )
    return ReportNotDelivered(
        "The report cannot be written",
        message,
        "Look at the folder, or choose another one under Reports in the settings.",
    )
