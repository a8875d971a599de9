"""Saving the report: asks where, and says where it is then."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from desktop.ui.formatting import now, plain
from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import LARGE_ICON, Radius, Space, Tone
from desktop.ui.widgets.text import Plain


class SavedNote(QFrame):
    """Hidden until something was saved."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path()
        self._icon, self._words = QLabel(), Plain()
        self._words.setWordWrap(True)
        self.open = QPushButton(self.tr("Open folder"))
        self.open.clicked.connect(self._open_folder)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        row.setSpacing(Space.M)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        row.addWidget(self.open)
        self.setVisible(False)

    def tell(self, path: Path) -> None:
        self._folder = path.parent
        self._icon.setPixmap(icon("check-circle", Tone.GOOD).pixmap(LARGE_ICON, LARGE_ICON))
        self._words.setText(self.tr("Saved as {0}. Passwords and keys were taken out of it.").format(plain(str(path))))
        self.setVisible(True)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours_of(self.palette()).tones[Tone.GOOD].wash))
        painter.drawRoundedRect(QRectF(self.rect()), Radius.CARD, Radius.CARD)
        painter.end()

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))


def target_dialog(parent: QWidget, title: str) -> QFileDialog:
    """Not modal: the window goes on meanwhile. `fileSelected` names the file."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog = QFileDialog(parent, title, folder, "ZIP (*.zip)")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("zip")
    dialog.selectFile(f"openthreat-report-{now():%Y-%m-%d}.zip")
    dialog.setModal(False)
    return dialog
