"""Import of a list of installed programs from a file, chosen or dropped on the page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from backend.client.api import ApiClient
from backend.client.inventory.entries import Skipped, SkipReason
from backend.client.inventory.reading import read_inventory_file
from desktop.ui.formatting import number, one_line
from desktop.ui.page_context import PageContext
from desktop.ui.sentences import translated


@dataclass(frozen=True)
class Imported:
    """machine: its id. skipped: the first skipped entries; skip_counts counts all."""

    machine: str
    programs: int
    skipped: tuple[Skipped, ...]
    skip_counts: dict[SkipReason, int]


class Importer(QObject):
    """Reads and sends one file at a time, in the background."""

    began = Signal()
    done = Signal(object)
    """An Imported."""
    failed = Signal(object)
    """A Problem; nothing was stored."""

    def __init__(self, context: PageContext, page: QWidget) -> None:
        super().__init__(page)
        self._context, self._page = context, page

    def choose(self) -> None:
        """Let the user choose a file."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        name, _ = QFileDialog.getOpenFileName(self._page, self.tr("Import a list of installed programs"), folder)
        if name:
            self.read(Path(name))

    def read(self, path: Path) -> None:
        self.began.emit()
        self._context.ask(lambda client: _import(client, path), self.done.emit, self.failed.emit, owner=self)

    def words(self, imported: Imported) -> str:
        imports = self.tr("{0}: %Ln program(s) imported.", "", imported.programs).format(one_line(imported.machine))
        skipped = sum(imported.skip_counts.values())
        return f"{imports} {self.tr('%Ln skipped.', '', skipped)}" if skipped else imports


def dropped_file(event: QDropEvent) -> Path | None:
    """The one local file that is dragged; None for anything else."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


def _import(client: ApiClient, path: Path) -> Imported:
    read = read_inventory_file(path)
    stored = client.put_inventory(read.machine_id(path), read.inventory)
    return Imported(stored.machine, stored.programs, read.skipped, dict(read.skip_counts))


def skipped_lines(counts: dict[SkipReason, int], skipped: tuple[Skipped, ...]) -> str:
    """What was not used and why, as text: the sums first, then single entries."""
    sums = [f"{number(count)}: {translated(reason.sentence)}" for reason, count in counts.items()]
    single = [
        one_line(f"{entry.name or '—'} ({entry.where}): {translated(entry.reason.sentence)}") for entry in skipped
    ]
    return "\n".join([*sums, *(["", *single] if single else [])])
