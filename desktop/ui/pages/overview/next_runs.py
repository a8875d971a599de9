"""What runs by itself next, and when."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from backend.contract.schedule import ScheduledTask
from backend.contract.snapshot import Snapshot
from desktop.ui.formatting import now, one_line, until
from desktop.ui.page_context import Desk, PageName
from desktop.ui.pages.overview.linked import LinkedCard
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.looks import task_word
from desktop.ui.widgets.pause import pause_words
from desktop.ui.widgets.text import Muted, Plain, When

_SHOWN = 3


class NextRunsCard(LinkedCard):
    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, self.tr("Next runs"), PageName.SCHEDULE)
        self._remark = Muted()
        self._remark.setWordWrap(True)
        self._lines = [(Plain(), When(until)) for _ in range(_SHOWN)]
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(0, 1)
        for row, (name, when) in enumerate(self._lines):
            grid.addWidget(name, row, 0)
            grid.addWidget(when, row, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.body.addWidget(self._remark)
        self.body.addLayout(grid)

    def show_schedule(self, snapshot: Snapshot, *, kept: bool) -> None:
        """kept: there is somebody who starts what is due."""
        pause = snapshot.pause
        due = _due(snapshot.schedule) if kept and not (pause.paused and pause.until is None) else []
        remark = pause_words(pause, now()) if pause.paused else "" if due else self._why_none(kept=kept)
        self._remark.setText(remark)
        self._remark.setVisible(bool(remark))
        for place, (name, when) in enumerate(self._lines):
            shown = due[place] if place < len(due) else None
            name.setText(one_line(task_word(shown.task)) if shown else "")
            when.show_moment(shown.next_run_at if shown else None)
            name.setVisible(shown is not None)
            when.setVisible(shown is not None)

    def _why_none(self, *, kept: bool) -> str:
        return self.tr("Nothing is scheduled") if kept else self.tr("Nothing starts by itself now")


def _due(schedule: tuple[ScheduledTask, ...]) -> list[ScheduledTask]:
    """The soonest first."""
    coming = [(one.next_run_at, one.name, one) for one in schedule if one.enabled and one.next_run_at]
    return [one for _, _, one in sorted(coming, key=lambda entry: entry[:2])][:_SHOWN]
