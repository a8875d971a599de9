"""Logs: shows one log at a time, follows it, and counts its errors and warnings."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget

from backend.contract.problems import Problem
from desktop.logs.log_lines import Level
from desktop.logs.log_reader import NewLines
from desktop.state.app_state import AppState
from desktop.ui.formatting import number
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.logs.feed import LogFeed, LogLines, at_least
from desktop.ui.pages.logs.finder import Finder
from desktop.ui.pages.logs.text import LogText
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import EmptyState
from desktop.ui.widgets.problem_texts import problem_message, problem_title, service_word
from desktop.ui.widgets.text import Muted

SUPERVISOR = "supervisor"
"""The log of the supervisor, which is shown beside those of the services."""


class LogsPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._names: list[str] = []
        self._lines = LogLines()
        self.log, self.level = QComboBox(), QComboBox()
        self.text, self._nothing = LogText(), EmptyState("text-box-outline", "")
        self.finder = Finder(self.text)
        self.search_field = self.finder.field
        self.waiting = Muted()
        self._shown = QStackedWidget()
        self._feed = LogFeed(context, self)
        self.folder = self.add_action(self.tr("Open folder"))
        self.copy = self.add_action(self.tr("Copy"))
        self.follow = self.add_action("", primary=True)
        self._fill_level()
        self._lay_out_body()
        self._connect()
        self._show_following(self.text.following)

    def show_state(self, state: AppState) -> None:
        services = (service for service in state.supervision.services if service.service.has_process)
        titles = {service.name: service_word(service.name) for service in services}
        titles[SUPERVISOR] = self.tr("OpenThreat")
        if list(titles) != self._names:
            self._offer(titles)

    def open_item(self, key: str) -> None:
        """Show the log of a service by its name."""
        if key in self._names:
            self.log.setCurrentIndex(self._names.index(key))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._feed.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._feed.set_active(False)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_lines()  # in the colours of the other theme

    def _offer(self, titles: dict[str, str]) -> None:
        """Offer each log by its title; keep the current one if it still exists."""
        wanted = self.memory.text("logs/service", next(iter(titles)))
        self._names = list(titles)
        with QSignalBlocker(self.log):
            self.log.clear()
            self.log.addItems(list(titles.values()))
            self.log.setCurrentIndex(self._names.index(wanted) if wanted in self._names else 0)
        self._switch(self.log.currentIndex())

    def _switch(self, index: int) -> None:
        name = self._names[index]
        self.memory.save("logs/service", name)
        self._lines.clear()
        self.text.show_lines(())
        self.text.follow(True)
        self._feed.follow(self.context.actions.log_folder / f"{name}.log")

    def _add_lines(self, new_lines: NewLines) -> None:
        self.text.add_lines(at_least(self._lines.add(new_lines), self._level()))
        self._show_summary()

    def _failed(self, problem: Problem) -> None:
        self.say(self.tr("This log could not be read"))
        self._nothing.show_message("text-box-remove-outline", problem_title(problem), problem_message(problem))
        self._shown.setCurrentWidget(self._nothing)

    def _show_lines(self) -> None:
        self.text.show_lines(self._lines.from_level(self._level()))
        self._show_summary()

    def _show_summary(self) -> None:
        errors, warnings = self._lines.entries(Level.ERROR), self._lines.entries(Level.WARNING)
        if not len(self._lines):
            self.say(self.tr("Nothing logged yet"))
        elif errors or warnings:
            found = [self.tr("%n error(s)", "", errors)] if errors else []
            found += [self.tr("%n warning(s)", "", warnings)] if warnings else []
            self.say(self.tr("{0} in the last {1} lines").format(", ".join(found), number(len(self._lines))))
        else:
            self.say(self.tr("No errors or warnings in the last {0} lines").format(number(len(self._lines))))
        self._show_text_or_reason()
        self._count_waiting()

    def _show_text_or_reason(self) -> None:
        """Show the text, or why there are no lines at this level."""
        if self._lines.from_level(self._level()):
            self._shown.setCurrentWidget(self.text)
            return
        if len(self._lines):
            self._nothing.show_message("check-circle-outline", self.tr("No lines at this level"), "")
        else:
            sentence = self.tr("Lines appear here as soon as this service writes them.")
            self._nothing.show_message("text-box-outline", self.tr("Nothing logged yet"), sentence)
        self._shown.setCurrentWidget(self._nothing)

    def _count_waiting(self) -> None:
        count = 0 if self.text.following else self.text.waiting
        self.waiting.setText(self.tr("%n new line(s)", "", count))
        self.waiting.setVisible(bool(count))

    def _show_following(self, on: bool) -> None:
        self.follow.setText(self.tr("Pause") if on else self.tr("Follow"))
        self._count_waiting()

    def _copy(self) -> None:
        """Copy the selection, or everything that is shown."""
        chosen = self.text.textCursor().selection().toPlainText() or self.text.toPlainText()
        QGuiApplication.clipboard().setText(chosen)

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.context.actions.log_folder)))

    def _level(self) -> Level:
        return Level(self.level.currentData())

    def _level_chosen(self) -> None:
        self.memory.save("logs/level", self._level().name)
        self._show_lines()

    def _fill_level(self) -> None:
        for level, words in (
            (Level.DEBUG, self.tr("All levels")),
            (Level.INFO, self.tr("Information and above")),
            (Level.WARNING, self.tr("Warnings and above")),
            (Level.ERROR, self.tr("Errors only")),
        ):
            self.level.addItem(words, int(level))
        remembered = self.memory.text("logs/level")
        self.level.setCurrentIndex(list(Level.__members__).index(remembered) if remembered in Level.__members__ else 0)
        self.level.setAccessibleName(self.tr("Level"))

    def _connect(self) -> None:
        self.log.currentIndexChanged.connect(self._switch)
        self.level.currentIndexChanged.connect(lambda _: self._level_chosen())
        self._feed.came.connect(self._add_lines)
        self._feed.failed.connect(self._failed)
        self.text.following_changed.connect(self._show_following)
        self.follow.clicked.connect(lambda: self.text.follow(not self.text.following))
        self.copy.clicked.connect(self._copy)
        self.folder.clicked.connect(self._open_folder)

    def _lay_out_body(self) -> None:
        self.log.setAccessibleName(self.tr("Log"))
        tools = QHBoxLayout()
        tools.setSpacing(Space.S)
        tools.addWidget(self.log)
        tools.addWidget(self.level)
        tools.addWidget(self.finder, 1)
        tools.addWidget(self.waiting)
        for widget in (self.text, self._nothing):
            self._shown.addWidget(widget)
        self.body.setSpacing(Space.S)
        self.body.addLayout(tools)
        self.body.addWidget(self._shown, 1)
