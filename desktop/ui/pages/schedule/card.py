"""One entry of the schedule: its times, last and next run, and actions."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from backend.contract.names import ACTIVE_STATES, TaskName
from backend.contract.schedule import ScheduledTask
from backend.contract.tasks import TaskRun
from backend.contract.wire import utc_now
from desktop.ui.formatting import absolute, ago, one_line, until
from desktop.ui.page_context import PageContext
from desktop.ui.pages.schedule.editor import Editor
from desktop.ui.pages.schedule.recurrence import recurrence_of, words_of
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.layout import Card, Columns, FlowLayout
from desktop.ui.widgets.looks import off_look, paused_look, run_look, task_word
from desktop.ui.widgets.text import Code, Muted, Plain, VisibleTicker, When


class LastRun(QWidget):
    """State and time of an entry's last or current run; a click opens the run."""

    opened = Signal(str)
    """The task ID of the run."""

    def __init__(self) -> None:
        super().__init__()
        self._moment: datetime | None = None
        self._task_id = ""
        self._badge, self._when, self._never = Badge(), QToolButton(), Muted(self.tr("Never"))
        self._when.setAutoRaise(True)
        self._when.setCursor(Qt.CursorShape.PointingHandCursor)
        self._when.clicked.connect(lambda: self.opened.emit(self._task_id))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XS)
        for part in (self._never, self._badge, self._when):
            row.addWidget(part)
        row.addStretch(1)
        VisibleTicker(self, self._show_time)

    def show_run(self, entry: ScheduledTask, newest: TaskRun | None) -> None:
        """Show the newest run of the task, or the entry's last scheduled run if that is newer."""
        if newest is not None and (entry.last_run_at is None or newest.queued_at >= entry.last_run_at):
            self._badge.show_look(run_look(newest.status))
            self._moment, self._task_id = newest.started_at or newest.queued_at, newest.task_id
        else:
            self._badge.show_look(run_look(entry.last_status) if entry.last_status else None)
            self._moment, self._task_id = entry.last_run_at, entry.last_task_id or ""
        self._never.setVisible(self._moment is None)
        self._badge.setVisible(self._badge.look is not None)
        self._when.setVisible(self._moment is not None)
        self._when.setEnabled(bool(self._task_id))
        self._when.setToolTip(
            self.tr("{0}: show run").format(absolute(self._moment)) if self._moment and self._task_id else ""
        )
        self._show_time()

    def _show_time(self) -> None:
        text = ago(self._moment, utc_now()) if self._moment else ""
        if text != self._when.text():
            self._when.setText(text)


class EntryCard(Card):
    """Signals without further description carry the entry's name."""

    switched = Signal(str, bool)
    run_wanted = Signal(str)
    reset_wanted = Signal(str)
    edited = Signal(object)
    """The ScheduledTask as saved."""
    grew = Signal()
    opened = Signal(str)
    """The task ID of the run to show."""

    def __init__(self, context: PageContext, entry: ScheduledTask) -> None:
        super().__init__()
        self._context, self._entry = context, entry
        self._editor: Editor | None = None
        self._title, self._badge = Plain(one_line(task_word(entry.task)), Size.LARGE, bold=True), Badge()
        self._switch = QCheckBox(self.tr("Enabled"))
        self._switch.setAccessibleName(self.tr("{0} enabled").format(self._title.text()))
        self._description = Muted(one_line(entry.description))
        self._words, self._line = Plain(), Code()
        self._last, self._next = LastRun(), When(until)
        self._run, self._edit = QPushButton(icon("play"), self.tr("Run now")), QPushButton(self.tr("Edit"))
        self._reset = QPushButton(self.tr("Reset to default"))
        self._edit.setIcon(icon("pencil-outline"))
        self._reset.setIcon(icon("restore"))
        self._switch.clicked.connect(lambda on: self.switched.emit(entry.name, on))
        self._run.clicked.connect(lambda: self.run_wanted.emit(entry.name))
        self._edit.clicked.connect(self._start_editing)
        self._reset.clicked.connect(lambda: self.reset_wanted.emit(entry.name))
        self._last.opened.connect(self.opened)
        self.setAccessibleName(self._title.text())
        self._lay_out()

    def show_entry(self, entry: ScheduledTask, newest: TaskRun | None, *, paused: bool) -> None:
        """Show an entry.

        Args:
            entry: the entry.
            newest: the newest known run of its task, whatever triggered it.
            paused: whether the schedule is paused.
        """
        self._entry = entry
        self._switch.setChecked(entry.enabled)
        self._badge.show_look(off_look() if not entry.enabled else paused_look() if paused else None)
        self._words.setText(words_of(recurrence_of(entry.schedule), one_line(entry.schedule_in_words)))
        self._line.setText(one_line(entry.schedule))
        default = entry.default_schedule
        self._reset.setVisible(entry.edited)
        self._reset.setToolTip(words_of(recurrence_of(default), default))
        if entry.enabled:
            self._next.show_moment(entry.next_run_at, self.tr("Calculating…"))
        else:
            self._next.show_moment(None, self.tr("Not scheduled"))
        self._last.show_run(entry, newest)
        self._update_run_button(active=newest is not None and newest.status in ACTIVE_STATES)

    def _update_run_button(self, *, active: bool) -> None:
        known = self._entry.task in set(TaskName)
        self._run.setEnabled(known and not active)
        self._run.setToolTip(
            self.tr("Already running") if active else "" if known else self.tr("Not supported by this version")
        )

    def _start_editing(self) -> None:
        self._editor = Editor(self._context, self._entry)
        self._editor.left.connect(self._stop_editing)
        self._editor.saved.connect(self._saved)
        self.body.addWidget(self._editor)
        self._edit.setEnabled(False)
        self._editor.setFocus()
        self.grew.emit()

    def _saved(self, entry: ScheduledTask) -> None:
        self._stop_editing()
        self.edited.emit(entry)

    def _stop_editing(self) -> None:
        if self._editor is not None:
            self._editor.hide()
            self._editor.deleteLater()
            self._editor = None
        self._edit.setEnabled(True)
        self._edit.setFocus()

    def _lay_out(self) -> None:
        self.body.addLayout(_row(self._title, self._badge, None, self._switch))
        self.body.addWidget(self._description)
        self.body.addWidget(self._facts())
        self.body.addLayout(_row(self._run, self._edit, self._reset, None))

    def _facts(self) -> Columns:
        """Lay out the facts with captions above, in the same columns on every card, or one below the other."""
        times, line = QWidget(), FlowLayout()  # wraps in a small window
        line.addWidget(self._words)
        line.addWidget(self._line)
        times.setLayout(line)
        return Columns(
            _fact(self.tr("Runs"), times),
            _fact(self.tr("Last run"), self._last),
            _fact(self.tr("Next run"), self._next),
        )


def _fact(caption: str, part: QWidget) -> QWidget:
    fact = QWidget()
    column = QVBoxLayout(fact)
    column.setContentsMargins(0, Space.XS, 0, Space.XS)
    column.setSpacing(Space.XS)
    column.addWidget(Muted(caption, Size.SMALL))
    column.addWidget(part)
    column.addStretch(1)
    return fact


def _row(*parts: QWidget | None) -> QHBoxLayout:
    """Put widgets side by side. None: the remaining room."""
    row = QHBoxLayout()
    row.setSpacing(Space.S)
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part)
    return row
