"""Logs: live from real files, written by another thread as services do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QAbstractSlider
from pytestqt.qtbot import QtBot

from backend.contract.settings import ThemeChoice as Choice
from desktop.logs.log_file import LogFile
from desktop.logs.log_reader import MAX_LINES
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.logs import LogsPage
from desktop.ui.theme.apply import Theme
from desktop.ui.theme.tokens import DARK, LIGHT, Tone
from desktop.ui.widgets.text import Muted
from tests.fakes.actions import RecordingActions

INFO = "2026-03-01 12:00:00,000 INFO    backend.x: "
WARNING = "2026-03-01 12:00:00,000 WARNING backend.x: "
ERROR = "2026-03-01 12:00:00,000 ERROR   backend.x: "
ENOUGH_TO_SCROLL = 300
FLOODS = 200


@pytest.fixture
def logs(actions: RecordingActions) -> Path:
    return actions.log_folder


@pytest.fixture
def page(qtbot: QtBot, context: PageContext, memory: Memory) -> Iterator[LogsPage]:
    made = LogsPage(context, memory, "Logs")
    qtbot.addWidget(made)
    made.resize(900, 500)
    yield made
    made.hide()


def write(path: Path, *lines: str) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


def shown(page: LogsPage) -> list[str]:
    return page.text.toPlainText().splitlines()


def inks(page: LogsPage) -> list[str]:
    blocks = (page.text.document().findBlockByNumber(number) for number in range(page.text.blockCount()))
    cursors = (QTextCursor(block) for block in blocks if block.text())
    return [colour_at(cursor) for cursor in cursors]


def colour_at(cursor: QTextCursor) -> str:
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    return cursor.charFormat().foreground().color().name().upper()


def answer(page: LogsPage) -> str:
    return page.findChild(Muted).text()


def chosen_level(page: LogsPage, words: str) -> None:
    page.level.setCurrentIndex(page.level.findText(words))


def scroll_up(page: LogsPage) -> None:
    page.text.verticalScrollBar().triggerAction(QAbstractSlider.SliderAction.SliderToMinimum)


def filled(page: LogsPage, logs: Path, qtbot: QtBot) -> None:
    write(logs / "api.log", *(f"{INFO}{number}" for number in range(ENOUGH_TO_SCROLL)))
    page.show()
    qtbot.waitUntil(lambda: len(shown(page)) == ENOUGH_TO_SCROLL)


def test_shows_what_is_there_and_what_comes(qtbot: QtBot, page: LogsPage, logs: Path) -> None:
    write(logs / "api.log", f"{INFO}started")
    page.show()
    qtbot.waitUntil(lambda: shown(page) == [f"{INFO}started"])
    write(logs / "api.log", f"{ERROR}broken", "Traceback", f"{WARNING}careful")
    qtbot.waitUntil(lambda: len(shown(page)) == 4)
    qtbot.waitUntil(lambda: "1 error" in answer(page) and "1 warning" in answer(page))


def test_a_service_that_said_nothing_yet_says_so_until_it_says_something(
    qtbot: QtBot, page: LogsPage, logs: Path
) -> None:
    page.show()
    qtbot.waitUntil(lambda: answer(page) == "Nothing logged yet")
    assert not page.text.isVisible()
    write(logs / "api.log", f"{INFO}hello")
    qtbot.waitUntil(page.text.isVisible)


def test_each_service_and_the_program_itself_has_a_log(qtbot: QtBot, page: LogsPage, logs: Path) -> None:
    write(logs / "beat.log", "of beat")
    write(logs / "supervisor.log", "of the program")
    page.show()
    titles = [page.log.itemText(number) for number in range(page.log.count())]
    assert titles == ["API", "Updates", "Jobs", "Schedule", "OpenThreat"]
    page.open_item("beat")
    qtbot.waitUntil(lambda: shown(page) == ["of beat"])
    page.log.setCurrentIndex(4)
    qtbot.waitUntil(lambda: shown(page) == ["of the program"])


def test_lines_below_the_level_are_left_out_and_the_choice_is_remembered(
    qtbot: QtBot, page: LogsPage, logs: Path, context: PageContext, memory: Memory
) -> None:
    write(logs / "api.log", f"{INFO}fine", f"{ERROR}broken", "Traceback", f"{WARNING}careful")
    page.show()
    qtbot.waitUntil(lambda: len(shown(page)) == 4)
    chosen_level(page, "Errors only")
    qtbot.waitUntil(lambda: shown(page) == [f"{ERROR}broken", "Traceback"])
    write(logs / "api.log", f"{INFO}fine again", f"{ERROR}broken again")
    qtbot.waitUntil(lambda: shown(page)[-1] == f"{ERROR}broken again")
    assert len(shown(page)) == 3
    again = LogsPage(context, memory, "Logs")
    qtbot.addWidget(again)
    assert again.level.currentText() == "Errors only"


def test_while_somebody_reads_further_up_nothing_moves(qtbot: QtBot, page: LogsPage, logs: Path) -> None:
    filled(page, logs, qtbot)
    assert page.text.verticalScrollBar().value() == page.text.verticalScrollBar().maximum()
    scroll_up(page)
    qtbot.waitUntil(lambda: not page.text.following)
    cursor = QTextCursor(page.text.document().findBlockByNumber(3))
    cursor.select(QTextCursor.SelectionType.LineUnderCursor)
    page.text.setTextCursor(cursor)
    write(logs / "api.log", f"{INFO}new")
    qtbot.waitUntil(lambda: page.text.waiting == 1)
    qtbot.waitUntil(page.waiting.isVisible)
    assert page.text.verticalScrollBar().value() == 0
    assert page.text.textCursor().selectedText() == f"{INFO}3"
    page.follow.click()
    qtbot.waitUntil(lambda: shown(page)[-1] == f"{INFO}new")
    assert page.text.verticalScrollBar().value() == page.text.verticalScrollBar().maximum()
    assert not page.waiting.isVisible()
    assert page.text.textCursor().selectedText() == f"{INFO}3"


def test_scrolling_to_the_end_follows_again(qtbot: QtBot, page: LogsPage, logs: Path) -> None:
    filled(page, logs, qtbot)
    scroll_up(page)
    qtbot.waitUntil(lambda: page.follow.text() == "Follow")
    page.text.verticalScrollBar().triggerAction(QAbstractSlider.SliderAction.SliderToMaximum)
    qtbot.waitUntil(lambda: page.follow.text() == "Pause")


def test_finds_round_and_round_and_marks_what_is_in_view(qtbot: QtBot, page: LogsPage, logs: Path) -> None:
    filled(page, logs, qtbot)
    qtbot.keyClicks(page.search_field, ": 29")
    qtbot.waitUntil(lambda: page.finder.on.isEnabled())
    qtbot.keyClick(page.search_field, Qt.Key.Key_Return)
    first = page.text.textCursor().blockNumber()
    for _ in range(11):  # 29 and 290-299
        page.finder.find_next()
    assert page.text.textCursor().blockNumber() == first
    qtbot.keyClick(page.search_field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert page.text.textCursor().blockNumber() != first
    assert 0 < len(page.text.extraSelections()) <= 11
    assert not page.text.following


def test_what_is_not_there_is_said_not_to_be(qtbot: QtBot, page: LogsPage, logs: Path) -> None:
    filled(page, logs, qtbot)
    qtbot.keyClicks(page.search_field, "no such words")
    qtbot.waitUntil(lambda: any(label.text() == "No matches" for label in page.finder.findChildren(Muted)))


def test_copies_the_selection_or_everything(qtbot: QtBot, page: LogsPage, logs: Path) -> None:
    write(logs / "api.log", "one", "two")
    page.show()
    qtbot.waitUntil(lambda: len(shown(page)) == 2)
    page.copy.click()
    assert QGuiApplication.clipboard().text() == "one\ntwo"
    page.text.moveCursor(QTextCursor.MoveOperation.Start)
    page.text.moveCursor(QTextCursor.MoveOperation.EndOfLine, QTextCursor.MoveMode.KeepAnchor)
    page.copy.click()
    assert QGuiApplication.clipboard().text() == "one"


def test_a_log_that_cannot_be_read_says_so_until_it_can(qtbot: QtBot, page: LogsPage, logs: Path) -> None:
    (logs / "api.log").mkdir()
    page.show()
    qtbot.waitUntil(lambda: answer(page) == "This log could not be read")
    (logs / "api.log").rmdir()
    qtbot.waitUntil(lambda: answer(page) == "Nothing logged yet")


def test_lines_have_the_inks_of_the_theme(qtbot: QtBot, page: LogsPage, logs: Path, theme: Theme) -> None:
    write(logs / "api.log", f"{INFO}fine", f"{ERROR}broken")
    theme.follow(Choice.DARK)
    page.show()
    qtbot.waitUntil(lambda: inks(page) == [DARK.text, DARK.tones[Tone.BAD].ink])
    theme.follow(Choice.LIGHT)
    qtbot.waitUntil(lambda: inks(page) == [LIGHT.text, LIGHT.tones[Tone.BAD].ink])
    assert len(shown(page)) == 2


def test_a_flood_leaves_out_its_middle_and_says_so(qtbot: QtBot, page: LogsPage, logs: Path) -> None:
    write(logs / "api.log", "before")
    page.show()
    qtbot.waitUntil(lambda: shown(page) == ["before"])
    write(logs / "api.log", *(f"{INFO}{number}" for number in range(100_000)))
    qtbot.waitUntil(lambda: shown(page)[-1] == f"{INFO}99999")
    gaps = [line for line in shown(page) if "skipped" in line]
    assert gaps
    assert len(shown(page)) < 10_000


def last_line(page: LogsPage) -> str:
    return page.text.document().lastBlock().text()


def test_the_window_gets_its_turn_again_and_again_while_a_service_floods_its_log(
    qtbot: QtBot, page: LogsPage, logs: Path
) -> None:
    write(logs / "api.log", *(f"{INFO}{number}" for number in range(MAX_LINES)))
    turns = Turns()
    page.show()
    qtbot.waitUntil(lambda: last_line(page) == f"{INFO}{MAX_LINES - 1}", timeout=30_000)
    assert turns.count > MAX_LINES / 1000
    flood, turns.count = Flood(logs / "api.log"), 0
    qtbot.waitUntil(flood.ended, timeout=30_000)
    assert turns.count > FLOODS
    qtbot.waitUntil(lambda: last_line(page) == "the end")
    assert len(shown(page)) <= MAX_LINES


class Turns:
    """Counts how often the GUI thread is idle."""

    def __init__(self) -> None:
        self.count = 0
        self._timer = QTimer(interval=0)
        self._timer.timeout.connect(self._turn)
        self._timer.start()

    def _turn(self) -> None:
        self.count += 1


class Flood:
    """A service that writes 20 MB, through the supervisor's own rotating log."""

    def __init__(self, path: Path) -> None:
        self._pause = threading.Event()
        self._thread = threading.Thread(target=self._write, args=(path,))
        self.ended: Callable[[], bool] = lambda: not self._thread.is_alive()
        self._thread.start()

    def _write(self, path: Path) -> None:
        log = LogFile(path)
        line = f"{WARNING}{'flood ' * 15}\n".encode()
        for _ in range(FLOODS):
            log.write(line * 1000)
            log.flush()
            self._pause.wait(0.002)
        log.write(b"the end\n")
        log.close()
