"""The details of one run: state, progress, results by source, error, and actions."""

from __future__ import annotations

import json

from pydantic import JsonValue
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from backend.contract.names import ACTIVE_STATES, FINAL_STATES
from backend.contract.tasks import TaskRun
from backend.contract.wire import utc_now
from desktop.ui.formatting import duration, one_line
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
    """A button that mirrors an action of a menu: text, tooltip, whether enabled and visible.

    Args:
        action: what the button triggers.
        parent: without one, the button would briefly be shown as a window.
    """

    def __init__(self, action: QAction, parent: QWidget) -> None:
        super().__init__(action.icon(), action.text(), parent)
        self._action = action
        self.clicked.connect(action.trigger)
        action.changed.connect(self._mirror)
        self._mirror()

    def _mirror(self) -> None:
        self.setText(self._action.text())
        self.setToolTip(self._action.toolTip())
        self.setEnabled(self._action.isEnabled())
        self.setVisible(self._action.isVisible())


_NOTHING = "—"


class RunDetail(Card):
    again_wanted = Signal(object)
    """The TaskRun to repeat."""
    cancel_wanted = Signal(object)
    """The TaskRun to cancel."""
    run_actions: tuple[QAction, ...]
    """Actions on the run that is shown."""

    def __init__(self, context: PageContext, memory: Memory) -> None:
        super().__init__()
        self._context = context
        self._run: TaskRun | None = None
        self._badge, self._title, self._id = Badge(), Plain("", Size.LARGE, bold=True), Code()
        self._again = QAction(icon("refresh"), self.tr("Run again"), self)
        self._cancel = QAction(icon("cancel"), self.tr("Cancel"), self)
        self._copy = QAction(icon("content-copy"), self.tr("Copy ID"), self)
        self.run_actions = (self._copy, self._again, self._cancel)
        self._trigger, self._duration, self._worker = Plain(), Plain(), Plain()
        self._queued, self._started, self._finished = When(), When(placeholder=_NOTHING), When(placeholder=_NOTHING)
        self._strip, self._error, self._sources = ProgressStrip(), Banner(), SourceTable(memory)
        self._trace = FoldedText(self.tr("Technical details"))
        self._problems = FoldedText(self.tr("Corrected or skipped records"))
        self._result = FoldedText(self.tr("Result"))
        self._again.triggered.connect(lambda: self.again_wanted.emit(self._run))
        self._cancel.triggered.connect(lambda: self.cancel_wanted.emit(self._run))
        self._copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self._id.text()))
        VisibleTicker(self, self._show_duration)
        self._lay_out()
        self.setVisible(False)

    @property
    def run(self) -> TaskRun | None:
        """The run that is shown."""
        return self._run

    def show_run(self, run: TaskRun) -> None:
        if run == self._run:
            return
        self._run = run
        self._badge.show_look(look_of(run))
        self._title.setText(one_line(task_word(run.name)))
        self._id.setText(one_line(run.task_id))
        self._show_facts(run)
        self._show_progress(run)
        self._show_outcome(run)
        self.setVisible(True)

    def clear(self) -> None:
        self._run = None
        self.setVisible(False)

    def whole_height(self) -> int:
        """Return the height at which nothing has to be scrolled, in device-independent pixels."""
        return self.height() - self._scroll.viewport().height() + self._scroll.content_height()

    def set_repeatable(self, why_not: str) -> None:
        """Enable "Run again", or disable it with a reason. why_not: empty if the run can be repeated."""
        self._again.setEnabled(not why_not)
        self._again.setToolTip(why_not)

    def _show_facts(self, run: TaskRun) -> None:
        self._trigger.setText(trigger_word(run.trigger))
        self._worker.setText(one_line(run.worker or "") or _NOTHING)
        self._queued.show_moment(run.queued_at)
        self._started.show_moment(run.started_at)
        self._finished.show_moment(run.finished_at)
        self._show_duration()
        self._again.setVisible(run.status in FINAL_STATES)
        self._cancel.setVisible(run.status in ACTIVE_STATES)
        self._cancel.setEnabled(not run.cancel_requested)
        self._cancel.setText(self.tr("Cancelling…") if run.cancel_requested else self.tr("Cancel"))

    def _show_duration(self) -> None:
        took = took_s(self._run, utc_now()) if self._run else None
        text = _NOTHING if took is None else duration(took)
        if text != self._duration.text():
            self._duration.setText(text)

    def _show_progress(self, run: TaskRun) -> None:
        if run.status in ACTIVE_STATES:
            self._strip.show_progress(run.progress, self._context.clock.read().steady)
        self._strip.setVisible(run.status in ACTIVE_STATES)

    def _show_outcome(self, run: TaskRun) -> None:
        facts = source_facts(run)
        self._error.show_problem(problem_of(run))
        self._sources.show_facts(facts)
        self._problems.show_text("\n".join(problem_lines(facts)))
        self._result.show_text("" if facts or run.result is None else _as_text(run.result))
        self._trace.show_text(run.traceback or "")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        for widget in (self._badge, self._title, self._id):
            head.addWidget(widget)
        head.addStretch(1)
        for action in self.run_actions:
            head.addWidget(ActionButton(action, self))
        self._scroll = scroll = Scroll()
        scroll.content.addLayout(self._facts())
        for part in (self._strip, self._error, self._sources, self._problems, self._result, self._trace):
            scroll.content.addWidget(part)
        self.body.addLayout(head)
        self.body.addWidget(scroll, 1)

    def _facts(self) -> QGridLayout:
        """Lay out facts side by side, each with a caption above."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.XL)
        grid.setVerticalSpacing(0)
        facts = (
            (self.tr("Trigger"), self._trigger),
            (self.tr("Queued"), self._queued),
            (self.tr("Started"), self._started),
            (self.tr("Finished"), self._finished),
            (self.tr("Duration"), self._duration),
            (self.tr("Process"), self._worker),
        )
        for column, (caption, value) in enumerate(facts):
            grid.addWidget(Muted(caption, Size.SMALL), 0, column)
            grid.addWidget(value, 1, column)
        grid.setColumnStretch(len(facts), 1)
        return grid


def _as_text(result: JsonValue) -> str:
    return json.dumps(result, indent=2, ensure_ascii=False)
