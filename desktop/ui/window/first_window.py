"""The window of the very first start: one question, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from backend.contract.problems import Trouble
from backend.contract.settings import Stack
from desktop.ui.page_context import Desk
from desktop.ui.pages.first_start import FirstStartPage
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.mending import MendingBanner

_SIZE = (820, 620)


class FirstWindow(QMainWindow):
    closed = Signal()
    page_name = "first-start"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setWindowTitle("OpenThreat")
        self._desk, self._banner = desk, MendingBanner(desk, Tone.BAD)
        self._page, whole = FirstStartPage(desk), QWidget()
        self._page.chosen.connect(self._choose)
        column = QVBoxLayout(whole)
        column.addWidget(self._banner)
        column.addWidget(self._page, 1)
        self.setCentralWidget(whole)
        self.resize(*_SIZE)
        self._banner.tell_of(desk.view.settings_trouble)

    def raise_up(self) -> None:
        self.show()
        self.raise_()
        self.activateWindow()

    def has_tray(self, there: bool) -> None:
        """Nothing runs yet that could go on without it, so there is nothing to say."""

    def _choose(self, stack: str) -> None:
        settings = self._desk.view.settings.model_copy(update={"stack": Stack(stack)})
        self._desk.work(lambda: self._desk.actions.save_settings(settings), lambda _: None, self._refused, owner=self)

    def _refused(self, trouble: Trouble) -> None:
        self._banner.tell_of(trouble)
        self._page.offer_again()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        super().closeEvent(event)
        self.closed.emit()
