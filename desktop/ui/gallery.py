"""Every page as a picture, light and dark, with whatever data the desk is given."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from backend.client.api import ApiClient
from backend.contract.settings import Theme as Choice
from desktop.application.actions import Actions
from desktop.host import UNSEEN
from desktop.state.app_state import Board
from desktop.supervision.supervisor import SystemClock
from desktop.ui.desk import Desk, PageName
from desktop.ui.memory import Memory
from desktop.ui.pages import page_makers
from desktop.ui.pictures import picture
from desktop.ui.theme.apply import Theme
from desktop.ui.translation import install_translation
from desktop.ui.window.main_window import MainWindow

_THEMES = (Choice.LIGHT, Choice.DARK)


def draw_gallery(
    board: Board,
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
    os.environ["QT_QPA_PLATFORM"] = UNSEEN
    os.environ["QT_SCALE_FACTOR"] = str(scale)
    application = QApplication(["openthreat"])
    install_translation(application)
    theme = Theme(application, Choice.LIGHT)
    desk = Desk(board, actions, client_of, SystemClock())
    with tempfile.TemporaryDirectory() as nothing_remembered:
        memory = Memory(Path(nothing_remembered))
        yield from _draw_pages(desk, memory, theme, folder, keys)
    desk.close()


def _draw_pages(desk: Desk, memory: Memory, theme: Theme, folder: Path, keys: Mapping[PageName, str]) -> Iterator[Path]:
    for choice in _THEMES:
        theme.follow(choice)
        window = MainWindow(desk, memory, page_makers())
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        for page in PageName:
            window.turn_to(page, keys.get(page, ""))
            path = folder / f"{page}-{choice}.png"
            picture(window, path, settled=lambda: desk.is_idle)
            yield path
        window.close()
        window.deleteLater()
