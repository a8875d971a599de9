"""The export that is under way: how far it is, and how it is ended."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from backend.contract.tasks import Progress
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.progress import ProgressStrip

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
