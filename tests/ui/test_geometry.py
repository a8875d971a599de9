"""Windows and the screens they are on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QMainWindow, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.window.geometry import ScreenFit, fitted, set_scrolling_content

LEAST = QSize(900, 600)
SCREENS = {
    "1080p at 200 %": QRect(0, 0, 960, 520),
    "800x600": QRect(0, 0, 800, 600),
    "1366x768 at 125 % above a taskbar": QRect(0, 0, 1092, 574),
    "720p at 150 %": QRect(0, 0, 853, 440),
    "a second screen on the left": QRect(-1280, 40, 1280, 680),
}


@pytest.mark.parametrize("available", SCREENS.values(), ids=SCREENS)
@pytest.mark.parametrize(
    "frame",
    [
        QRect(0, 0, 900, 600),
        QRect(100, 100, 1180, 780),
        QRect(-50, -50, 400, 300),
        QRect(5000, 3000, 700, 500),  # where another screen was
        QRect(-4000, 10, 2500, 1400),
    ],
    ids=str,
)
def test_a_window_is_wholly_on_the_screen(frame: QRect, available: QRect) -> None:
    place = fitted(frame, available)
    assert available.contains(place)
    assert place.size() == frame.size().boundedTo(available.size())


@given(st.integers(-9000, 9000), st.integers(-9000, 9000), st.integers(1, 9000), st.integers(1, 9000))
def test_a_window_that_fits_where_it_is_stays_there(left: int, top: int, width: int, height: int) -> None:
    available = QRect(-100, -200, 1920, 1080)
    frame = QRect(left, top, width, height)
    place = fitted(frame, available)
    assert available.contains(place)
    assert fitted(place, available) == place
    assert place == frame or not available.contains(frame)


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    set_scrolling_content(made, QWidget(), LEAST)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("size", [available.size() for available in SCREENS.values()] + [QSize(320, 240)], ids=str)
def test_what_does_not_fit_scrolls(qtbot: QtBot, window: QMainWindow, size: QSize) -> None:
    with qtbot.waitExposed(window):
        window.show()
    window.resize(size)
    area = window.centralWidget()
    assert isinstance(area, QScrollArea)
    bars = area.horizontalScrollBar(), area.verticalScrollBar()
    qtbot.waitUntil(lambda: window.size() == size)
    qtbot.waitUntil(lambda: area.widget().size() == area.viewport().size().expandedTo(LEAST))
    assert bars[0].maximum() == max(0, LEAST.width() - area.viewport().width())
    assert bars[1].maximum() == max(0, LEAST.height() - area.viewport().height())


def test_a_window_larger_than_its_screen_is_made_smaller_when_it_is_shown(qtbot: QtBot, window: QMainWindow) -> None:
    ScreenFit(window)
    available = window.screen().availableGeometry()
    window.setGeometry(available.right() - 100, available.bottom() - 100, 3 * available.width(), 3 * available.height())
    window.show()
    qtbot.waitUntil(lambda: available.contains(window.frameGeometry()))


def test_the_area_that_scrolls_is_no_stop_for_the_tab_key(window: QMainWindow) -> None:
    assert window.centralWidget().focusPolicy() == Qt.FocusPolicy.NoFocus
