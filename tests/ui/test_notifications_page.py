"""Notifications: what was shown, and where each leads to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from backend.contract.inbox import EventKind
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import problem
from backend.contract.wire import utc_now
from desktop.notifications.events import NotifiedEvent
from desktop.notifications.memory import Notification, NotificationKind, NotificationMemory, ShownNotification
from desktop.notifications.memory_file import NotificationFile
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.notifications import NotificationsPage
from desktop.ui.pages.notifications.model import NotificationColumn
from desktop.ui.widgets.text import Plain

NOW = utc_now()
EVENT = NotifiedEvent(7, EventKind.EXPLOITED, "CVE-2026-1", exploited=True, critical=False, program="Firefox")
SHOWN = (
    ShownNotification(Notification(NotificationKind.EVENTS, "events", events=(EVENT,)), NOW),
    ShownNotification(
        Notification(NotificationKind.PROBLEM, "run:update", problem(ProblemId.UPDATE_FAILED), key="run-1"),
        NOW - timedelta(hours=3),
    ),
)


@pytest.fixture
def page(context: PageContext, memory: Memory, qtbot: QtBot) -> NotificationsPage:
    made = NotificationsPage(context, memory, "Notifications")
    qtbot.addWidget(made)
    return made


def store(context: PageContext, *shown: ShownNotification) -> None:
    NotificationFile(context.actions.home).save(NotificationMemory(history=shown))


def titles(page: NotificationsPage) -> list[str]:
    column = NotificationColumn.TITLE
    return [page.model.index(row, column).data() for row in range(page.model.rowCount())]


def test_before_anything_was_notified_the_page_says_what_comes_here(page: NotificationsPage, qtbot: QtBot) -> None:
    page.show()
    qtbot.waitUntil(lambda: "No notifications yet" in [label.text() for label in page.findChildren(Plain)])
    assert not page.table.isVisible()


def test_what_was_shown_is_listed_and_opens_what_it_was_about(
    page: NotificationsPage, context: PageContext, qtbot: QtBot
) -> None:
    store(context, *SHOWN)
    page.show()
    qtbot.waitUntil(page.table.isVisible)
    assert titles(page) == ["Firefox", "The last update failed"]
    for row, place in enumerate(([PageName.INBOX, "7"], [PageName.TASKS, "run-1"])):
        page.table.setCurrentIndex(page.model.index(row, 0))
        with qtbot.waitSignal(context.wanted) as wanted:
            qtbot.keyClick(page.table, Qt.Key.Key_Return)
        assert wanted.args == place


def test_a_new_notification_appears_and_keeps_what_is_selected(
    page: NotificationsPage, context: PageContext, qtbot: QtBot
) -> None:
    store(context, SHOWN[1])
    page.show()
    qtbot.waitUntil(page.table.isVisible)
    page.table.selectRow(0)
    store(context, *SHOWN)
    context.notified.emit()
    qtbot.waitUntil(lambda: len(titles(page)) == 2)
    assert page.table.selected_rows() == [1]


def test_what_is_notified_is_chosen_in_the_settings(
    page: NotificationsPage, context: PageContext, qtbot: QtBot
) -> None:
    [settings] = [button for button in page.findChildren(QPushButton) if button.text() == "Settings"]
    with qtbot.waitSignal(context.wanted) as wanted:
        settings.click()
    assert wanted.args == [PageName.SETTINGS, "notifications"]
