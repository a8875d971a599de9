"""A window is drawn, and measured by other tests, only when it has settled."""

from __future__ import annotations

import threading

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget

from backend.client.api import ApiClient
from backend.contract.problems import Problem
from desktop.state.app_state import StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page_context import PageContext
from desktop.ui.pictures import settle
from tests.fakes.actions import RecordingActions
from tests.ui.states import empty_view

LATE_MS = 600


def test_it_waits_for_late_answers_and_lays_them_out(qapp: QApplication, actions: RecordingActions) -> None:
    context = PageContext(StateStore(empty_view()), actions, lambda: ApiClient("http://127.0.0.1:1"), SystemClock())
    window, label, first_answer, second_answer = QWidget(), QLabel(), threading.Event(), threading.Event()
    QHBoxLayout(window).addWidget(label)

    def failed(problem: Problem) -> None:
        raise AssertionError(problem)

    def load_again(_: object) -> None:
        QTimer.singleShot(LATE_MS, second_answer.set)
        context.work(
            second_answer.wait, lambda _: label.setText("a text much wider than the window"), failed, owner=window
        )

    QTimer.singleShot(LATE_MS, first_answer.set)
    context.work(first_answer.wait, load_again, failed, owner=window)
    window.show()
    settle(context)
    assert label.text()
    assert label.width() >= label.sizeHint().width()
    context.close()
