"""The dialog and the confirmation for saving the report, and the card with facts about the machine."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QStandardPaths, Qt, QUrl, qVersion
from PySide6.QtGui import QColor, QDesktopServices, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from backend.contract.wire import utc_now
from desktop.diagnostics.machine import MachineFacts
from desktop.ui.formatting import number, plain, size
from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import LARGE_ICON, Radius, Space, Tone
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.text import Muted, Plain


class SavedNote(QFrame):
    """The confirmation with the path of the report; hidden until one was saved."""

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

    def show_saved(self, path: Path) -> None:
        self._folder = path.parent
        self._icon.setPixmap(icon("check-circle", Tone.GOOD).pixmap(LARGE_ICON, LARGE_ICON))
        self._words.setText(self.tr("Saved as {0}. Passwords and keys were removed.").format(plain(str(path))))
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
    """Make a dialog that does not block the window; its signal `fileSelected` has the path."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog = QFileDialog(parent, title, folder, "ZIP (*.zip)")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("zip")
    dialog.selectFile(f"openthreat-report-{utc_now():%Y-%m-%d}.zip")
    dialog.setModal(False)
    return dialog


_FACTS_A_ROW = 2


class MachineCard(Card):
    def __init__(self) -> None:
        super().__init__(self.tr("This PC"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.S)
        for pair in range(_FACTS_A_ROW):
            self._grid.setColumnStretch(2 * pair + 1, 1)
        self._values: dict[str, Plain] = {}
        self.body.addLayout(self._grid)

    def show_machine(self, machine: MachineFacts) -> None:
        for place, (name, text) in enumerate(self._facts(machine).items()):
            if name not in self._values:
                self._add(name, *divmod(place, _FACTS_A_ROW))
            self._values[name].setText(plain(text))

    def _add(self, name: str, row: int, pair: int) -> None:
        value = self._values[name] = Plain()
        value.setAccessibleName(name)
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(Muted(name), row, 2 * pair, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 2 * pair + 1, Qt.AlignmentFlag.AlignTop)

    def _facts(self, machine: MachineFacts) -> dict[str, str]:
        of = self.tr("{0} of {1} free")
        origin = self.tr("{0} (installed)") if machine.packaged else self.tr("{0} (from source)")
        return {
            self.tr("OpenThreat"): origin.format(machine.version),
            self.tr("System"): machine.system,
            self.tr("Python and Qt"): f"{machine.python}, {qVersion()}",
            self.tr("CPUs"): number(machine.processors),
            self.tr("Memory"): of.format(size(machine.free_memory), size(machine.memory)),
            self.tr("Disk"): of.format(size(machine.free_disk), size(machine.disk)),
            self.tr("Time zone"): machine.time_zone,
            self.tr("Data folder"): machine.home,
        }
