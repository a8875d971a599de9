"""Layouts that adapt to the room there is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.layout import Columns, EmptyState, FlowLayout


class Box(QLabel):
    def __init__(self, width: int, height: int = 20) -> None:
        super().__init__()
        self._least = QSize(width, height)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self._least

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self._least


def shown(qtbot: QtBot, widget: QWidget, width: int) -> QWidget:
    outer = QWidget()
    column = QVBoxLayout(outer)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    qtbot.addWidget(outer)
    outer.resize(width, 400)
    outer.show()
    return outer


@pytest.mark.parametrize(("width", "in_a_line"), [(900, 4), (460, 4), (400, 2), (215, 2), (150, 1)])
def test_columns_use_more_lines_where_there_is_less_room_and_cut_nothing_off(
    qtbot: QtBot, width: int, in_a_line: int
) -> None:
    boxes = [Box(100) for _ in range(4)]
    outer = shown(qtbot, Columns(*boxes), width)
    qtbot.waitUntil(lambda: sum(box.y() == boxes[0].y() for box in boxes) == in_a_line)
    assert all(box.width() >= 100 for box in boxes)
    assert max(box.geometry().right() for box in boxes) < outer.width()


def test_columns_follow_a_window_that_grows_and_shrinks(qtbot: QtBot) -> None:
    boxes = [Box(300), Box(200)]
    outer = shown(qtbot, Columns(*boxes), 600)
    qtbot.waitUntil(lambda: boxes[0].y() == boxes[1].y())
    outer.resize(400, 400)
    qtbot.waitUntil(lambda: boxes[0].y() < boxes[1].y())
    outer.resize(700, 400)
    qtbot.waitUntil(lambda: boxes[0].y() == boxes[1].y())


def test_a_flow_wraps_and_centres_each_line(qtbot: QtBot) -> None:
    inner = QWidget()
    flow = FlowLayout(inner)
    boxes = [Box(100, 20), Box(100, 30), Box(100, 20)]
    for box in boxes:
        flow.addWidget(box)
    outer = shown(qtbot, inner, 250)
    assert boxes[0].geometry().center().y() == pytest.approx(boxes[1].geometry().center().y(), abs=1)
    assert boxes[2].y() > boxes[1].geometry().bottom()
    assert outer.width() == 250


@pytest.mark.parametrize("width", [300, 700, 1920, 3840])
@pytest.mark.parametrize("sentence", ["Short.", "A sentence that is much longer than the widest line of text. " * 4])
def test_the_texts_of_an_empty_state_are_in_the_middle_below_its_icon(qtbot: QtBot, width: int, sentence: str) -> None:
    empty = EmptyState("history", "No runs yet", sentence, "Show all")
    outer = shown(qtbot, empty, width)
    parts = [
        part for part in empty.findChildren(QWidget) if isinstance(part, QLabel | QPushButton) and part.isVisible()
    ]
    middles = [part.mapTo(outer, part.rect().center()).x() for part in parts]
    assert len(middles) == 4
    assert all(middle == pytest.approx(outer.width() / 2, abs=2) for middle in middles)
