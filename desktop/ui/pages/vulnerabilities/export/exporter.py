"""Asks where to, and exports in the background: one portion after the other, so that nobody else waits for long.

The export that is under way: how far it is, and how it is ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from backend.client.api import ApiClient
from backend.client.transport import ApiAbsent, ApiSilent
from backend.contract.problems import Problem, Weight, failure
from backend.contract.tasks import Progress
from desktop.ui.page_context import PageContext
from desktop.ui.pages.vulnerabilities.export.files import ExportFile, Format
from desktop.ui.pages.vulnerabilities.export.records import Wanted
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.progress import ProgressStrip

_AGAIN_MS = 2000
_MOST_MISSES = 30
"""In a row: an API that is started again, or busy for a moment, costs no export that has run for minutes."""


@dataclass(frozen=True)
class _Step:
    """mark: of the next portion; empty: that was all. missed: why this portion has to be asked for again."""

    mark: str
    missed: Problem | None = None


class Exporter(QObject):
    """One export at a time."""

    told = Signal(object)
    """A Problem to show: how it went well."""
    failed = Signal(object)
    """A Problem."""
    advanced = Signal(object)
    """The Progress; None: none is under way any more."""

    def __init__(self, context: PageContext, window: QWidget) -> None:
        super().__init__(window)
        self._context, self._window = context, window
        self._wanted: Wanted | None = None
        self._file: ExportFile | None = None
        self._cancelled, self._misses = False, 0

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
        if self._wanted is not None:
            self.failed.emit(failure(self.tr("Another export is still under way"), "", self.tr("Wait, or cancel it.")))
            return
        self._wanted, self._cancelled, self._misses = wanted, False, 0
        self._advance(path, 0)
        self._context.work(lambda: ExportFile(path, kind), self._begin, self._fail, owner=self)

    def cancel(self) -> None:
        """Takes hold between two portions."""
        self._cancelled = True

    def _begin(self, file: ExportFile) -> None:
        self._file = file
        self._ask("")

    def _ask(self, mark: str) -> None:
        wanted, file = self._wanted, self._file
        if wanted is None or file is None:
            return
        if self._cancelled:
            self._end()
            title, message = self.tr("The export was cancelled"), self.tr("Nothing was written.")
            self.told.emit(failure(title, message, weight=Weight.INFO))
            return
        self._context.ask(lambda client: _carry_on(client, wanted, mark, file), self._went_on, self._fail, owner=self)

    def _went_on(self, step: _Step) -> None:
        if self._file is None:
            return
        self._misses = self._misses + 1 if step.missed else 0
        if step.missed and self._misses > _MOST_MISSES:
            self._fail(step.missed)
        elif step.missed:
            QTimer.singleShot(_AGAIN_MS, self, lambda: self._ask(step.mark))
        elif step.mark:
            self._advance(self._file.path, self._file.count)
            self._ask(step.mark)
        else:
            self._finish(self._file)

    def _finish(self, file: ExportFile) -> None:
        self._end()
        title = self.tr("Exported %Ln vulnerabilit(y|ies)", "", file.count)
        self.told.emit(failure(title, str(file.path), weight=Weight.INFO))

    def _fail(self, problem: Problem) -> None:
        self._end()
        self.failed.emit(problem)

    def _end(self) -> None:
        """Whatever of the file is not in its place is not wanted."""
        file, self._wanted, self._file = self._file, None, None
        if file is not None:
            self._context.work(file.discard, lambda _: None, self.failed.emit, owner=self)
        self.advanced.emit(None)

    def _advance(self, path: Path, done: int) -> None:
        total = self._wanted.count if self._wanted else None
        phase = self.tr("Exporting to {0}").format(path.name)
        self.advanced.emit(Progress(phase=phase, done=done, total=total))


def _carry_on(client: ApiClient, wanted: Wanted, mark: str, file: ExportFile) -> _Step:
    """One portion, in the background. Raises ApiError and OSError."""
    try:
        portion = wanted.portion(client, mark)
    except (ApiAbsent, ApiSilent) as error:
        return _Step(mark, error.problem)
    file.add(portion.records)
    if not portion.mark:
        file.finish()
    return _Step(portion.mark)


_EVERY_S = 0.2
"""Nobody reads faster, and portions come by the dozen."""


class ExportStrip(QWidget):
    """Hidden while there is none."""

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
        """at: seconds of a steady clock."""
        if progress is not None and (not progress.done or at - self._shown_at >= _EVERY_S):
            self._strip.show_progress(progress, at)
            self._shown_at = at
        if self.isHidden() and progress is not None:
            self._offer_cancel(asked=False)
        self.setVisible(progress is not None)

    def _cancel(self) -> None:
        self._offer_cancel(asked=True)
        self.cancelled.emit()

    def _offer_cancel(self, *, asked: bool) -> None:
        self.cancel.setText(self.tr("Cancelling…") if asked else self.tr("Cancel"))
        self.cancel.setEnabled(not asked)
