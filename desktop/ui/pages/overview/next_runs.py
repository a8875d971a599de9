"""What runs by itself next, and when."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout

from backend.contract.schedule import ScheduledTask, SchedulePause
from backend.contract.snapshot import Snapshot
from desktop.ui.desk import Desk, PageName
from desktop.ui.pages.overview.linked import LinkedCard
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.looks import paused_look, task_word
from desktop.ui.widgets.text import Muted, Plain
from desktop.ui.widgets.when import When
from desktop.ui.words import day_and_time, now, one_line, until

_SHOWN = 3


class NextRunsCard(LinkedCard):
    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, self.tr("Next runs"), PageName.SCHEDULE)
        self._remark, self._badge = Muted(), Badge()
        self._remark.setWordWrap(True)
        self._lines = [(Plain(), When(until)) for _ in range(_SHOWN)]
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(Space.XS)
        grid.setColumnStretch(0, 1)
        for row, (name, when) in enumerate(self._lines):
            grid.addWidget(name, row, 0)
            grid.addWidget(when, row, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        said = QHBoxLayout()
        said.setSpacing(Space.S)
        said.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self._remark, 1)
        self.body.addLayout(said)
        self.body.addLayout(grid)

    def show_schedule(self, snapshot: Snapshot) -> None:
        pause = snapshot.pause
        due = [] if pause.paused and pause.until is None else _due(snapshot.schedule)
        self._badge.show_look(paused_look() if pause.paused else None)
        self._badge.setVisible(pause.paused)
        remark = self._pause_words(pause) if pause.paused else "" if due else self.tr("Nothing is scheduled")
        self._remark.setText(remark)
        self._remark.setVisible(bool(remark))
        for place, (name, when) in enumerate(self._lines):
            shown = due[place] if place < len(due) else None
            name.setText(one_line(task_word(shown.task)) if shown else "")
            when.show_moment(shown.next_run_at if shown else None)
            name.setVisible(shown is not None)
            when.setVisible(shown is not None)

    def _pause_words(self, pause: SchedulePause) -> str:
        if pause.until is None:
            return self.tr("Until somebody resumes")
        return self.tr("Until {0}").format(day_and_time(pause.until, now()))


def _due(schedule: tuple[ScheduledTask, ...]) -> list[ScheduledTask]:
    """The soonest first."""
    coming = [(one.next_run_at, one.name, one) for one in schedule if one.enabled and one.next_run_at]
    return [one for _, _, one in sorted(coming, key=lambda entry: entry[:2])][:_SHOWN]
