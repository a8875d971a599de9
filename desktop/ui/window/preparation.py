"""What would hold up the first use of a page is done beforehand, bit by bit, while nothing happens."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module

from PySide6.QtCore import QTimer

from desktop.ui.page_context import PageName
from desktop.ui.window.main_window import MainWindow

_PAUSE_MS = 300


class Preparation(QTimer):
    """Imports and makes the pages that were not shown yet. Then everything that is there counts as permanent: looking
    through all of it for garbage takes Python up to 200 ms, at moments of its own choice.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, interval=_PAUSE_MS)
        self._steps = _steps(window)
        self.timeout.connect(self._go_on)
        self.start()

    def _go_on(self) -> None:
        step = next(self._steps, None)
        if step is None:
            self.stop()
            gc.freeze()
        else:
            step()


def _steps(window: MainWindow) -> Iterator[Callable[[], object]]:
    for page in PageName:
        yield partial(import_module, f"desktop.ui.pages.{page}")
        yield partial(window.prepare, page)
