"""The update that runs: how far it is, and how it is ended."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from backend.contract.tasks import TaskRun
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.progress import ProgressStrip


class UpdateCard(Card):
    """Hidden while none runs."""

    cancelled = Signal(str)
    """A task id."""
    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._run: TaskRun | None = None
        self.setAccessibleName(self.tr("Update"))
        self._strip = ProgressStrip()
        self.cancel, self._details = QPushButton(self.tr("Cancel")), QPushButton(self.tr("Details"))
        self.cancel.clicked.connect(self._cancel)
        self._details.clicked.connect(lambda: self._run and self.opened.emit(self._run.task_id))
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self._strip, 1)
        row.addWidget(self._details, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)
        self.setVisible(False)

    def show_run(self, run: TaskRun | None, at: float) -> None:
        """at: seconds of a steady clock."""
        if run is not None and (self._run is None or run.task_id != self._run.task_id or run.cancel_requested):
            self._offer_cancel(asked=run.cancel_requested)
        self._run = run
        if run is not None:
            self._strip.show_progress(run.progress, at)
        self.setVisible(run is not None)

    def not_cancelled(self) -> None:
        self._offer_cancel(asked=False)

    def _cancel(self) -> None:
        if self._run is not None:
            self._offer_cancel(asked=True)
            self.cancelled.emit(self._run.task_id)

    def _offer_cancel(self, *, asked: bool) -> None:
        self.cancel.setText(self.tr("Cancelling…") if asked else self.tr("Cancel"))
        self.cancel.setEnabled(not asked)
