"""What would hold up the first use of a page is done beforehand, bit by bit, while nothing happens."""

from __future__ import annotations

import gc
from importlib import import_module

from PySide6.QtCore import QObject, QTimer

from desktop.ui.desk import PageName

_PAUSE_MS = 300


class Preparation(QObject):
    """Imports the pages that were not shown yet. Then everything that is there counts as permanent: looking through all
    of it for garbage takes Python up to 200 ms, at moments of its own choice.
    """

    def __init__(self, window: QObject) -> None:
        super().__init__(window)
        self._left = [f"desktop.ui.pages.{page}" for page in PageName]
        self._timer = QTimer(self, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()

    def _go_on(self) -> None:
        if self._left:
            import_module(self._left.pop(0))
            return
        self._timer.stop()
        gc.freeze()
