"""Exports vulnerabilities to a file in the background, in small requests so that others do not wait for the API."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QPushButton, QWidget

from backend.client.api import ApiClient
from backend.client.transport import ApiAbsent, ApiSilent
from backend.contract.problems import Problem, failure
from backend.contract.tasks import Progress
from desktop.ui.page_context import PageContext
from desktop.ui.pages.vulnerabilities.export.files import ExportFile, Format
from desktop.ui.pages.vulnerabilities.export.records import ExportScope
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.progress import ProgressStrip
from desktop.ui.widgets.text import Plain

_RETRY_MS = 2000
_MAX_MISSES = 30
"""In a row: an API that restarts or is busy for a moment does not fail an export that has run for minutes."""


def start_folder() -> Path:
    """The folder that the dialog opens first: the person's documents, or the home folder where there is none."""
    documents = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return documents if documents.is_dir() else Path.home()


@dataclass(frozen=True)
class _Step:
    """mark: of the next portion; empty after the last. missed: why this portion has to be requested again."""

    mark: str
    missed: Problem | None = None


class Exporter(QObject):
    """Runs one export at a time."""

    completed = Signal(str, object)
    """A sentence about the finished or cancelled export, and the Path of its file; None: no file was written."""
    failed = Signal(object)
    """A Problem."""
    advanced = Signal(object)
    """The Progress; None once the export has ended."""

    def __init__(self, context: PageContext, window: QWidget) -> None:
        super().__init__(window)
        self._context, self._window = context, window
        self._scope: ExportScope | None = None
        self._file: ExportFile | None = None
        self._cancelled, self._misses = False, 0

    def offer(self, scope: ExportScope, kind: Format) -> QFileDialog:
        """Open a dialog for the file name; does not block."""
        dialog = QFileDialog(self._window, self.tr("Export vulnerabilities"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("CSV files (*.csv)") if kind is Format.CSV else self.tr("JSON files (*.json)"))
        dialog.setDefaultSuffix(kind)
        dialog.setDirectory(str(start_folder()))
        dialog.selectFile(f"vulnerabilities.{kind}")
        dialog.fileSelected.connect(lambda name: self.save(scope, Path(name), kind))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def save(self, scope: ExportScope, path: Path, kind: Format) -> None:
        if self._scope is not None:
            self.failed.emit(
                failure(self.tr("Another export is running"), "", self.tr("Wait until it has finished, or cancel it."))
            )
            return
        self._scope, self._cancelled, self._misses = scope, False, 0
        self._advance(path, 0)
        self._context.work(lambda: ExportFile(path, kind), self._file_created, self._fail, owner=self)

    def cancel(self) -> None:
        """Cancel the export; takes effect before the next portion."""
        self._cancelled = True

    def _file_created(self, file: ExportFile) -> None:
        self._file = file
        self._request_portion("")

    def _request_portion(self, mark: str) -> None:
        scope, file = self._scope, self._file
        if scope is None or file is None:
            return
        if self._cancelled:
            self._end()
            self.completed.emit(self.tr("The export was cancelled. No file was written."), None)
            return
        self._context.ask(
            lambda client: _export_portion(client, scope, mark, file), self._portion_done, self._fail, owner=self
        )

    def _portion_done(self, step: _Step) -> None:
        if self._file is None:
            return
        self._misses = self._misses + 1 if step.missed else 0
        if step.missed and self._misses > _MAX_MISSES:
            self._fail(step.missed)
        elif step.missed:
            QTimer.singleShot(_RETRY_MS, self, lambda: self._request_portion(step.mark))
        elif step.mark:
            self._advance(self._file.path, self._file.count)
            self._request_portion(step.mark)
        else:
            self._finish(self._file)

    def _finish(self, file: ExportFile) -> None:
        self._end()
        words = self.tr("Exported %Ln vulnerabilit(y|ies) to {0}", "", file.count)
        self.completed.emit(words.format(file.path), file.path)

    def _fail(self, problem: Problem) -> None:
        self._end()
        self.failed.emit(problem)

    def _end(self) -> None:
        """Discard the file unless it is finished."""
        file, self._scope, self._file = self._file, None, None
        if file is not None:
            self._context.work(file.discard, lambda _: None, self.failed.emit, owner=self)
        self.advanced.emit(None)

    def _advance(self, path: Path, done: int) -> None:
        total = self._scope.count if self._scope else None
        message = self.tr("Exporting to {0}").format(path.name)
        self.advanced.emit(Progress(message=message, done=done, total=total))


def _export_portion(client: ApiClient, scope: ExportScope, mark: str, file: ExportFile) -> _Step:
    """Fetch one portion and write it; runs in the background.

    Raises:
        ApiError: the API refused the request.
        OSError: the file cannot be written.
    """
    try:
        portion = scope.portion(client, mark)
    except (ApiAbsent, ApiSilent) as error:
        return _Step(mark, error.problem)
    file.add(portion.records)
    if not portion.mark:
        file.finish()
    return _Step(portion.mark)


_UPDATE_S = 0.2
"""The least time between updates; portions arrive by the dozen."""


class ExportStrip(QWidget):
    """The progress of the export, with a button that cancels it; hidden while there is none."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._strip, self.cancel = ProgressStrip(), QPushButton(self.tr("Cancel"))
        self._shown_at = 0.0
        self.cancel.clicked.connect(self._cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        row.addWidget(self._strip, 1)
        row.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setVisible(False)

    def show_progress(self, progress: Progress | None, at: float) -> None:
        """Show progress. at: seconds of a monotonic clock."""
        if progress is not None and (not progress.done or at - self._shown_at >= _UPDATE_S):
            self._strip.show_progress(progress, at)
            self._shown_at = at
        if self.isHidden() and progress is not None:
            self._show_cancel(cancelled=False)
        self.setVisible(progress is not None)

    def _cancel(self) -> None:
        self._show_cancel(cancelled=True)
        self.cancelled.emit()

    def _show_cancel(self, *, cancelled: bool) -> None:
        self.cancel.setText(self.tr("Cancelling…") if cancelled else self.tr("Cancel"))
        self.cancel.setEnabled(not cancelled)


class ExportDone(QFrame):
    """Says what became of the export, and opens its file or its folder; hidden until there is something to say."""

    def __init__(self) -> None:
        super().__init__()
        self._path = Path()
        self.words = Plain()
        self.words.setWordWrap(True)
        self.open_file = QPushButton(icon("open-in-new"), self.tr("Open"))
        self.open_folder = QPushButton(icon("folder-open-outline"), self.tr("Open folder"))
        self.close_button = QPushButton(icon("close"), "")
        self.close_button.setFlat(True)
        self.close_button.setToolTip(self.tr("Dismiss"))
        self.close_button.setAccessibleName(self.tr("Dismiss"))
        self.open_file.clicked.connect(lambda: _open(self._path))
        self.open_folder.clicked.connect(lambda: _open(self._path.parent))
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.words, 1)
        for button in (self.open_file, self.open_folder, self.close_button):
            row.addWidget(button)
        self.hide()

    def show_done(self, words: str, path: Path | None) -> None:
        """Say what was done. path: of the written file; None: there is none."""
        self.words.setText(words)
        self._path = path or Path()
        self.open_file.setVisible(path is not None)
        self.open_folder.setVisible(path is not None)
        self.show()


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
