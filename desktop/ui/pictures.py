"""Render windows and pages as PNG files, light and dark."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from backend.client.api import ApiClient
from backend.contract.settings import ThemeChoice
from desktop.host import OFFSCREEN_PLATFORM
from desktop.state.app_state import StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.actions import Actions
from desktop.ui.language import Language
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages import page_makers
from desktop.ui.theme.apply import Theme
from desktop.ui.window.main_window import MainWindow

WINDOW = QSize(1180, 780)
_TURN_MS = 50
_QUIET_TURNS = 4
_LONGEST_MS = 15_000


def picture(widget: QWidget, path: Path, context: PageContext, size: QSize = WINDOW) -> None:
    """Show the widget, wait until it has settled, and write it as PNG in the screen's resolution.

    Args:
        widget: a window or page.
        path: its folder is created.
        context: what the widget's requests go through.
        size: in logical pixels.

    Raises:
        OSError: the file cannot be written.
    """
    widget.resize(size)
    widget.show()
    settle(context)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not widget.grab().save(str(path), "PNG"):
        raise OSError(f"{path} cannot be written")


def settle(context: PageContext) -> None:
    """Run the event loop until no request is pending and its answers are laid out; at most 15 s.

    Counted in turns of the event loop, not in time: Qt dispatches posted events, which deliver answers and lay out,
    before it fires a timer. So the last turns find a window without work left, however slow the machine is.
    """
    loop, turn, quiet = QEventLoop(), QTimer(interval=_TURN_MS), 0

    def count() -> None:
        nonlocal quiet
        quiet = quiet + 1 if context.is_idle else 0
        if quiet == _QUIET_TURNS:
            loop.quit()

    turn.timeout.connect(count)
    turn.start()
    QTimer.singleShot(_LONGEST_MS, loop, loop.quit)
    loop.exec()


_THEMES = (ThemeChoice.LIGHT, ThemeChoice.DARK)


def draw_gallery(
    store: StateStore,
    actions: Actions,
    client_of: Callable[[], ApiClient],
    folder: Path,
    *,
    keys: Mapping[PageName, str],
    scale: float,
) -> Iterator[Path]:
    """Render every page in both themes, without a screen, and yield each file as it is written.

    Creates the QApplication, so it can be called once in a process.

    Args:
        store: the state that is shown.
        actions: what pages can make the program do.
        client_of: makes an API client for a background thread.
        folder: where the files are written.
        keys: the item that a page shows.
        scale: pixels for each logical pixel.

    Raises:
        OSError: a picture cannot be written.
    """
    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN_PLATFORM
    os.environ["QT_SCALE_FACTOR"] = str(scale)
    application = QApplication(["openthreat"])
    Language(application, store.state.settings.language)
    theme = Theme(application, ThemeChoice.LIGHT)
    context = PageContext(store, actions, client_of, SystemClock())
    with tempfile.TemporaryDirectory() as empty_folder:
        memory = Memory(Path(empty_folder))
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
            picture(window, path, context)
            yield path
        window.close()
        window.deleteLater()
