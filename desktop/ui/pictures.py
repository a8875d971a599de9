"""Pictures of windows and pages, as they look with the data that they are given.

Every page as a picture, light and dark, with whatever data the context is given.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEventLoop, QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget

from backend.client.api import ApiClient
from backend.contract.settings import ThemeChoice as Choice
from desktop.host import OFFSCREEN_PLATFORM
from desktop.state.app_state import StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.actions import Actions
from desktop.ui.formatting import install_translation
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages import page_makers
from desktop.ui.theme.apply import Theme
from desktop.ui.window.main_window import MainWindow

WINDOW = QSize(1180, 780)
_TURN_MS = 50
_QUIET_MS = 400


def picture(widget: QWidget, path: Path, *, size: QSize = WINDOW, settled: Callable[[], bool] | None = None) -> None:
    """Shows the widget, waits for what it asks for, and writes it as PNG.

    settled: whether there is nothing more to wait for; without it a moment has to do. At twice the size of pixels where
    the screen has them. Raises OSError where the file cannot be written.
    """
    widget.resize(size)
    widget.show()
    wait(settled)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not widget.grab().save(str(path), "PNG"):
        raise OSError(f"{path} cannot be written")


def wait(settled: Callable[[], bool] | None = None, longest_ms: int = 15_000) -> None:
    """Lets the windows work until they have settled, and a moment more."""
    clock, quiet = QElapsedTimer(), QElapsedTimer()
    clock.start()
    quiet.start()
    while clock.elapsed() < longest_ms and quiet.elapsed() < _QUIET_MS:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, _TURN_MS)
        if settled is not None and not settled():
            quiet.restart()


_THEMES = (Choice.LIGHT, Choice.DARK)


def draw_gallery(
    store: StateStore,
    actions: Actions,
    client_of: Callable[[], ApiClient],
    folder: Path,
    *,
    keys: Mapping[PageName, str],
    scale: float,
) -> Iterator[Path]:
    """Makes the process's one QApplication, without a screen. scale: pixels for each logical pixel.

    keys: the item that a page shows.

    Raises OSError where a picture cannot be written.
    """
    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN_PLATFORM
    os.environ["QT_SCALE_FACTOR"] = str(scale)
    application = QApplication(["openthreat"])
    install_translation(application)
    theme = Theme(application, Choice.LIGHT)
    context = PageContext(store, actions, client_of, SystemClock())
    with tempfile.TemporaryDirectory() as nothing_remembered:
        memory = Memory(Path(nothing_remembered))
        yield from _draw_pages(context, memory, theme, folder, keys)
    context.close()


def _draw_pages(
    context: PageContext, memory: Memory, theme: Theme, folder: Path, keys: Mapping[PageName, str]
) -> Iterator[Path]:
    for choice in _THEMES:
        theme.follow(choice)
        window = MainWindow(context, memory, page_makers())
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        for page in PageName:
            window.turn_to(page, keys.get(page, ""))
            path = folder / f"{page}-{choice}.png"
            picture(window, path, settled=lambda: context.is_idle)
            yield path
        window.close()
        window.deleteLater()
