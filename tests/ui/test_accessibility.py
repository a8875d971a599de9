"""Every page without a mouse and without a screen: names, cells as sentences, and the order of the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QTableView, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages import page_makers
from desktop.ui.window.main_window import MainWindow
from tests.ui import accessible_tree
from tests.ui.keyboard import focusable, named, walk

SIZE = QSize(1180, 760)


@pytest.fixture
def window(context: PageContext, memory: Memory, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(context, memory, page_makers())
    made.resize(SIZE)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()


def shown(window: MainWindow, page: PageName, context: PageContext, qtbot: QtBot) -> QWidget:
    window.show_page(page)
    qtbot.waitUntil(lambda: context.is_idle)
    QApplication.processEvents()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window.page


@pytest.mark.parametrize("page", list(PageName))
def test_every_control_has_a_name(page: PageName, window: MainWindow, context: PageContext, qtbot: QtBot) -> None:
    shown(window, page, context, qtbot)
    assert accessible_tree.unnamed(window) == []


@pytest.mark.parametrize("page", list(PageName))
def test_cells_of_tables_are_sentences(page: PageName, window: MainWindow, context: PageContext, qtbot: QtBot) -> None:
    made = shown(window, page, context, qtbot)
    for table in made.findChildren(QTableView):
        assert [cell for cell in cells(table) if ": " not in cell] == [], table.accessibleName()


def cells(table: QTableView) -> list[str]:
    model = table.model()
    return [
        str(model.index(row, column).data(Qt.ItemDataRole.AccessibleTextRole))
        for row in range(min(3, model.rowCount()))
        for column in range(model.columnCount())
    ]


@pytest.mark.parametrize("page", list(PageName))
def test_the_tab_key_reaches_every_control_in_the_order_in_which_they_stand(
    page: PageName, window: MainWindow, context: PageContext, qtbot: QtBot
) -> None:
    made = shown(window, page, context, qtbot)
    steps = walk(window, qtbot)
    again = walk(window, qtbot)  # a list that gets the focus selects a row, which enables the buttons before it
    reached = {step.target for step in (*steps, *again)}
    assert [named(widget) for widget in focusable(made) if widget not in reached] == []
    inside = [step for step in steps if made.isAncestorOf(step.origin) and made.isAncestorOf(step.target)]
    assert [str(step) for step in inside if step.leads_back] == []
