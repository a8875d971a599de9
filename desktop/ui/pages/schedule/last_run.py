"""How an entry's last run went, or that one is under way; a click shows the run."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from backend.contract.schedule import ScheduledTask
from backend.contract.tasks import TaskRun
from desktop.ui.formatting import absolute, ago, now
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.looks import run_look
from desktop.ui.widgets.text import Heartbeat, Muted


class LastRun(QWidget):
    opened = Signal(str)
    """The run's id."""

    def __init__(self) -> None:
        super().__init__()
        self._moment: datetime | None = None
        self._task_id = ""
        self._badge, self._when, self._never = Badge(), QToolButton(), Muted(self.tr("Not yet"))
        self._when.setAutoRaise(True)
        self._when.setCursor(Qt.CursorShape.PointingHandCursor)
        self._when.clicked.connect(lambda: self.opened.emit(self._task_id))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XS)
        for part in (self._never, self._badge, self._when):
            row.addWidget(part)
        row.addStretch(1)
        Heartbeat(self, self._tell)

    def show_run(self, entry: ScheduledTask, newest: TaskRun | None) -> None:
        """newest: of this task; it is told in place of the last one on schedule, unless it is older."""
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
            self.tr("{0}: show this run").format(absolute(self._moment)) if self._moment and self._task_id else ""
        )
        self._tell()

    def _tell(self) -> None:
        text = ago(self._moment, now()) if self._moment else ""
        if text != self._when.text():
            self._when.setText(text)
