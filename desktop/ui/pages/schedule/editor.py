"""Edits the times of an entry, with a preview of the next runs; nothing changes until it is saved."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from backend.contract.names import UPDATE_TASKS
from backend.contract.problem_catalogue import Weight
from backend.contract.problems import Problem, failure
from backend.contract.schedule import ScheduleChange, ScheduledTask, SchedulePreview
from desktop.ui.formatting import clock_time, day, one_line, translate, until, weekday
from desktop.ui.page_context import PageContext, Request
from desktop.ui.pages.schedule.fields import RecurrenceChooser
from desktop.ui.pages.schedule.recurrence import recurrence_of, words_of
from desktop.ui.theme.tokens import Size, Space, Tone
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.text import Code, Muted, Plain, When

_PREVIEWED = 5
NVD_INTERVAL = timedelta(hours=2)
"""NVD asks for at least this time between two automated updates: https://nvd.nist.gov/developers/start-here."""
_TYPING_MS = 300


class Editor(QWidget):
    saved = Signal(object)
    """The ScheduledTask as saved."""
    left = Signal()
    """The user cancelled."""

    def __init__(self, context: PageContext, entry: ScheduledTask) -> None:
        super().__init__()
        self._context, self._name, self._is_update = context, entry.name, entry.task in UPDATE_TASKS
        self._request: Request | None = None
        self._chooser = RecurrenceChooser(entry.schedule)
        self._words, self._line = Plain(), Code()
        self._error, self._remark = Banner(Tone.BAD), Banner(Tone.NOTICE)
        self._runs = tuple((Plain(), When(until)) for _ in range(_PREVIEWED))
        self._save, self._cancel = QPushButton(self.tr("Save")), QPushButton(self.tr("Cancel"))
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._pause.timeout.connect(self._request_preview)
        self._chooser.changed.connect(self._line_changed)
        self._save.clicked.connect(self._request_save)
        self._cancel.clicked.connect(self.left)
        self._lay_out()
        self.setFocusProxy(self._chooser)
        self._line_changed(self._chooser.line)
        self._request_preview()

    def _line_changed(self, line: str) -> None:
        """Show the new expression; a request for the previous one is abandoned."""
        self._abandon_request()
        self._save.setEnabled(False)
        self._line.setText(line)
        self._show_words(words_of(recurrence_of(line), ""))
        self._pause.start()

    def _request_preview(self) -> None:
        line = self._chooser.line
        self._abandon_request()
        self._request = self._context.ask(
            lambda client: client.preview_schedule(line), self._show_preview, self._show_error, owner=self
        )

    def _show_preview(self, preview: SchedulePreview) -> None:
        self._save.setEnabled(True)
        self._error.show_problem(None)
        self._remark.show_problem(_too_often() if self._is_update and least_gap(preview) < NVD_INTERVAL else None)
        self._show_words(words_of(recurrence_of(preview.schedule), one_line(preview.schedule_in_words)))
        for (moment, distance), run in zip(self._runs, preview.next_runs, strict=False):
            moment.setText(_moment_words(run))
            distance.show_moment(run)
        self._answer.setCurrentIndex(0)

    def _show_words(self, words: str) -> None:
        self._words.setText(words)
        self._words.setVisible(bool(words))

    def _show_error(self, problem: Problem) -> None:
        self._error.show_problem(problem)
        self._remark.show_problem(None)
        self._answer.setCurrentIndex(1)

    def _not_saved(self, problem: Problem) -> None:
        self._show_error(problem)
        self._save.setEnabled(True)

    def _request_save(self) -> None:
        self._abandon_request()
        self._save.setEnabled(False)
        change = ScheduleChange(schedule=self._chooser.line)
        self._request = self._context.ask(
            lambda client: client.change_schedule(self._name, change), self.saved.emit, self._not_saved, owner=self
        )

    def _abandon_request(self) -> None:
        self._pause.stop()
        if self._request is not None:
            self._request.forget()

    def _lay_out(self) -> None:
        meaning = QHBoxLayout()
        meaning.setSpacing(Space.M)
        meaning.addWidget(self._words)
        meaning.addWidget(self._line)
        meaning.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self._save)
        buttons.addWidget(self._cancel)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Space.S, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self._chooser)
        column.addLayout(meaning)
        column.addWidget(self._remark)
        column.addLayout(self._preview())
        column.addLayout(buttons)

    def _preview(self) -> QStackedLayout:
        """Lay out preview and error in the same place, so that nothing moves while the user types."""
        runs, error = QWidget(), QWidget()
        grid = QGridLayout(runs)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.XS)
        grid.addWidget(Muted(self.tr("Next five runs"), Size.SMALL), 0, 0, 1, 2)
        for row, (moment, distance) in enumerate(self._runs, start=1):
            grid.addWidget(moment, row, 0)
            grid.addWidget(distance, row, 1)
        grid.setColumnStretch(1, 1)
        above = QVBoxLayout(error)
        above.setContentsMargins(0, 0, 0, 0)
        above.addWidget(self._error)
        above.addStretch(1)
        self._answer = QStackedLayout()
        self._answer.addWidget(runs)
        self._answer.addWidget(error)
        return self._answer


def least_gap(preview: SchedulePreview) -> timedelta:
    """Return the shortest time between two of the next runs."""
    return min((after - before for before, after in pairwise(preview.next_runs)), default=timedelta.max)


def _too_often() -> Problem:
    return failure(
        translate("schedule", "More often than NVD asks for"),
        translate("schedule", "NVD asks for two hours between updates and may refuse what comes sooner."),
        translate("schedule", "You can save it all the same."),
        weight=Weight.ATTENTION,
    )


def _moment_words(moment: datetime) -> str:
    return ", ".join((weekday(moment), day(moment), clock_time(moment)))
