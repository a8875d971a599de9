"""Under a contrast theme of the system, only its colours are used; if animations are off, nothing moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from backend.contract.settings import ThemeChoice
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages import page_makers
from desktop.ui.pictures import picture
from desktop.ui.theme.apply import Theme, colours_of, palette_of
from desktop.ui.theme.motion import set_motion
from desktop.ui.theme.tokens import DARK, LIGHT
from desktop.ui.widgets.progress_bar import ProgressBar
from desktop.ui.window.main_window import MainWindow
from tests.ui.contrast import YELLOW, contrast_palette

SIZE = QSize(1024, 700)
FUSION_GREY = 96
"""Fusion lays grey lines and arrows of at most this brightness on buttons, fields and headers."""
NEARLY, PALE = 10, 100


class System:
    contrast = False

    def __call__(self) -> bool:
        return self.contrast


@pytest.fixture
def system(qapp: QApplication, theme: Theme) -> Iterator[System]:
    yield System()
    theme._apply()


def test_the_systems_palette_is_left_alone_as_long_as_its_contrast_theme_is_on(
    qapp: QApplication, system: System
) -> None:
    system.contrast = True
    theme = Theme(qapp, ThemeChoice.DARK, system)
    systems = qapp.style().standardPalette()
    assert qapp.palette().color(QPalette.ColorRole.Window) == systems.color(QPalette.ColorRole.Window)
    system.contrast = False
    theme.follow(ThemeChoice.DARK)
    assert colours_of(qapp.palette()) is DARK
    system.contrast = True
    theme.follow(ThemeChoice.DARK)
    assert qapp.palette().color(QPalette.ColorRole.Window) == systems.color(QPalette.ColorRole.Window)
    theme.deleteLater()


def test_colours_are_those_of_the_palette(system: System) -> None:
    colours = colours_of(contrast_palette())
    assert (colours.window, colours.text, colours.muted, colours.on_accent) == (
        "#000000", "#ffff00", "#ffff00", "#000000",
    )  # fmt: skip
    assert {(pair.ink, pair.wash) for pair in colours.tones.values()} == {("#ffff00", "#000000")}
    for own in (LIGHT, DARK):
        assert colours_of(palette_of(own)) is own


@pytest.mark.parametrize("page", list(PageName))
def test_pages_have_no_colours_of_their_own(
    page: PageName, qapp: QApplication, system: System, context: PageContext, memory: Memory, tmp_path: Path
) -> None:
    system.contrast = True
    theme = Theme(qapp, ThemeChoice.SYSTEM, system, contrast_palette)
    window = MainWindow(context, memory, page_makers())
    window.show_page(page)
    picture(window, tmp_path / "page.png", context, SIZE)
    drawn = QImage(str(tmp_path / "page.png"))
    window.close()
    window.deleteLater()
    theme.deleteLater()
    colours = {drawn.pixelColor(x, y).name() for x in range(0, SIZE.width(), 2) for y in range(0, SIZE.height(), 2)}
    foreign = [name for name in colours if is_foreign(QColor(name))]
    assert sorted(foreign) == []
    assert YELLOW.name() in colours


def is_foreign(colour: QColor) -> bool:
    """Whether a colour is neither yellow, pale or dark, nor a dark grey. All our own greys are bluish."""
    red, green, blue = colour.red(), colour.green(), colour.blue()
    return abs(red - green) > NEARLY or blue > red + NEARLY or (blue > FUSION_GREY and red - blue < PALE)


def test_a_bar_of_unknown_length_stays_still_where_nothing_is_to_move(qapp: QApplication, qtbot: QtBot) -> None:
    set_motion(qapp, wanted=False)
    try:
        bar = ProgressBar()
        qtbot.addWidget(bar)
        bar.show()
        assert not bar._frames.isActive()
        begin, end = bar.filled()
        assert 0 < begin < end < 1
    finally:
        set_motion(qapp, wanted=True)
    bar.hide()
    bar.show()
    assert bar._frames.isActive()
