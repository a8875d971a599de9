"""One run in full: how it stands, what it did with each source, why it failed, and what can be done with it.

The button of an action that a menu offers too: both always say and allow the same.
"""

from __future__ import annotations

import json

from pydantic import JsonValue
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from backend.contract.names import ACTIVE_STATES, FINAL_STATES
from backend.contract.tasks import TaskRun
from desktop.ui.formatting import duration, now, one_line
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.tasks.outcome import problem_lines, problem_of, source_facts
from desktop.ui.pages.tasks.rows import look_of, took_s
from desktop.ui.pages.tasks.sources import SourceTable
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.folded_text import FoldedText
from desktop.ui.widgets.layout import Card, Scroll
from desktop.ui.widgets.looks import task_word, trigger_word
from desktop.ui.widgets.progress import ProgressStrip
from desktop.ui.widgets.text import Code, Muted, Plain, VisibleTicker, When


class ActionButton(QPushButton):
    """parent: what it is shown in; without one it would be a window of its own for a moment."""

    def __init__(self, action: QAction, parent: QWidget) -> None:
        super().__init__(action.icon(), action.text(), parent)
        self._action = action
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setText(self._action.text())
        self.setToolTip(self._action.toolTip())
        self.setEnabled(self._action.isEnabled())
        self.setVisible(self._action.isVisible())


_NOTHING = "—"


class RunDetail(Card):
    again_wanted = Signal(object)
    """The TaskRun that is to be run once more."""
    cancel_wanted = Signal(object)
    """The TaskRun."""
    offers: tuple[QAction, ...]
    """What can be done with the run that is shown."""

    def __init__(self, context: PageContext, memory: Memory) -> None:
        super().__init__()
        self._context = context
        self._run: TaskRun | None = None
        self._badge, self._title, self._id = Badge(), Plain("", Size.LARGE, bold=True), Code()
        self._again = QAction(icon("refresh"), self.tr("Run again"), self)
        self._cancel = QAction(icon("cancel"), self.tr("Cancel"), self)
        self._copy = QAction(icon("content-copy"), self.tr("Copy id"), self)
        self.offers = (self._copy, self._again, self._cancel)
        self._trigger, self._duration, self._worker = Plain(), Plain(), Plain()
        self._queued, self._started, self._finished = When(), When(otherwise=_NOTHING), When(otherwise=_NOTHING)
        self._strip, self._error, self._sources = ProgressStrip(), Banner(), SourceTable(memory)
        self._trace = FoldedText(self.tr("Technical details"))
        self._problems = FoldedText(self.tr("Records that were mended or left out"))
        self._result = FoldedText(self.tr("Result"))
        self._again.triggered.connect(lambda: self.again_wanted.emit(self._run))
        self._cancel.triggered.connect(lambda: self.cancel_wanted.emit(self._run))
        self._copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self._id.text()))
        VisibleTicker(self, self._tell_duration)
        self._lay_out()
        self.setVisible(False)

    @property
    def run(self) -> TaskRun | None:
        """The one that is shown."""
        return self._run

    def show_run(self, run: TaskRun) -> None:
        if run == self._run:
            return
        self._run = run
        self._badge.show_look(look_of(run))
        self._title.setText(one_line(task_word(run.name)))
        self._id.setText(one_line(run.task_id))
        self._tell_facts(run)
        self._tell_progress(run)
        self._tell_outcome(run)
        self.setVisible(True)

    def forget(self) -> None:
        self._run = None
        self.setVisible(False)

    def allow_again(self, why_not: str) -> None:
        """why_not: empty where it may be run again."""
        self._again.setEnabled(not why_not)
        self._again.setToolTip(why_not)

    def _tell_facts(self, run: TaskRun) -> None:
        self._trigger.setText(trigger_word(run.trigger))
        self._worker.setText(one_line(run.worker or "") or _NOTHING)
        self._queued.show_moment(run.queued_at)
        self._started.show_moment(run.started_at)
        self._finished.show_moment(run.finished_at)
        self._tell_duration()
        self._again.setVisible(run.status in FINAL_STATES)
        self._cancel.setVisible(run.status in ACTIVE_STATES)
        self._cancel.setEnabled(not run.cancel_requested)
        self._cancel.setText(self.tr("Cancelling …") if run.cancel_requested else self.tr("Cancel"))

    def _tell_duration(self) -> None:
        took = took_s(self._run, now()) if self._run else None
        text = _NOTHING if took is None else duration(took)
        if text != self._duration.text():
            self._duration.setText(text)

    def _tell_progress(self, run: TaskRun) -> None:
        if run.status in ACTIVE_STATES:
            self._strip.show_progress(run.progress, self._context.clock.read().steady)
        self._strip.setVisible(run.status in ACTIVE_STATES)

    def _tell_outcome(self, run: TaskRun) -> None:
        facts = source_facts(run)
        self._error.tell(problem_of(run))
        self._sources.show_facts(facts)
        self._problems.tell("\n".join(problem_lines(facts)))
        self._result.tell("" if facts or run.result is None else _as_text(run.result))
        self._trace.tell(run.traceback or "")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        for widget in (self._badge, self._title, self._id):
            head.addWidget(widget)
        head.addStretch(1)
        for offer in self.offers:
            head.addWidget(ActionButton(offer, self))
        scroll = Scroll()
        scroll.content.addLayout(self._facts())
        for part in (self._strip, self._error, self._sources, self._problems, self._result, self._trace):
            scroll.content.addWidget(part)
        self.body.addLayout(head)
        self.body.addWidget(scroll, 1)

    def _facts(self) -> QGridLayout:
        """Captions above their values, side by side."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.XL)
        grid.setVerticalSpacing(0)
        facts = (
            (self.tr("Started by"), self._trigger),
            (self.tr("Asked for"), self._queued),
            (self.tr("Started"), self._started),
            (self.tr("Finished"), self._finished),
            (self.tr("Duration"), self._duration),
            (self.tr("Worker"), self._worker),
        )
        for column, (caption, value) in enumerate(facts):
            grid.addWidget(Muted(caption, Size.SMALL), 0, column)
            grid.addWidget(value, 1, column)
        grid.setColumnStretch(len(facts), 1)
        return grid


def _as_text(result: JsonValue) -> str:
    return json.dumps(result, indent=2, ensure_ascii=False)
