"""Asks where to, and exports in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.model.trouble import Trouble
from desktop.ui.desk import Desk
from desktop.ui.pages.vulnerabilities.export.files import Format
from desktop.ui.pages.vulnerabilities.export.records import MOST, Wanted, export
from desktop.ui.words import number


class Exporter(QObject):
    told = Signal(object)
    """A Trouble to show: how it went well."""
    failed = Signal(object)
    """A Trouble."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window

    def offer(self, wanted: Wanted, kind: Format) -> QFileDialog:
        """Asks where to; nobody is held up meanwhile."""
        dialog = QFileDialog(self._window, self.tr("Export vulnerabilities"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(
            self.tr("Spreadsheets (*.csv)") if kind is Format.CSV else self.tr("JSON documents (*.json)")
        )
        dialog.setDefaultSuffix(kind)
        dialog.selectFile(f"vulnerabilities.{kind}")
        dialog.fileSelected.connect(lambda name: self.save(wanted, Path(name), kind))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def save(self, wanted: Wanted, path: Path, kind: Format) -> None:
        self.told.emit(Trouble(self.tr("Exporting %Ln vulnerabilit(y|ies)", "", min(wanted.count, MOST))))
        self._desk.ask(
            lambda client: export(client, wanted, path, kind),
            lambda count: self._saved(count, wanted.count, path),
            self.failed.emit,
            owner=self,
        )

    def _saved(self, count: int, wanted: int, path: Path) -> None:
        title = self.tr("Exported %Ln vulnerabilit(y|ies)", "", count)
        hint = self.tr("These are the first of {0}: no more are exported at once.").format(number(wanted))
        self.told.emit(Trouble(title, str(path), hint if wanted > MOST else ""))
