"""Cards of runs: the next scheduled ones, and the progress of a running update with a button that cancels it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton

from backend.contract.schedule import ScheduledTask
from backend.contract.snapshot import Snapshot
from backend.contract.tasks import TaskRun
from backend.contract.wire import utc_now
from desktop.ui.formatting import one_line, until
from desktop.ui.page_context import PageContext, PageName
from desktop.ui.pages.overview.cards import LinkedCard
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.looks import task_word
from desktop.ui.widgets.pause import pause_words
from desktop.ui.widgets.progress import ProgressStrip
from desktop.ui.widgets.text import Muted, Plain, When

_SHOWN = 3


class NextRunsCard(LinkedCard):
    def __init__(self, context: PageContext) -> None:
        super().__init__(context, self.tr("Next runs"), PageName.SCHEDULE)
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
        """Show the next runs. kept: whether a scheduler runs."""
        pause = snapshot.pause
        due = _due(snapshot.schedule) if kept and not (pause.paused and pause.until is None) else []
        remark = pause_words(pause, utc_now()) if pause.paused else "" if due else self._why_none(kept=kept)
        self._remark.setText(remark)
        self._remark.setVisible(bool(remark))
        for place, (name, when) in enumerate(self._lines):
            shown = due[place] if place < len(due) else None
            name.setText(one_line(task_word(shown.task)) if shown else "")
            when.show_moment(shown.next_run_at if shown else None)
            name.setVisible(shown is not None)
            when.setVisible(shown is not None)

    def _why_none(self, *, kept: bool) -> str:
        return self.tr("Nothing scheduled") if kept else self.tr("Nothing runs automatically now")


def _due(schedule: tuple[ScheduledTask, ...]) -> list[ScheduledTask]:
    """Return the next runs, the earliest first."""
    coming = [(entry.next_run_at, entry.name, entry) for entry in schedule if entry.enabled and entry.next_run_at]
    return [one for _, _, one in sorted(coming, key=lambda entry: entry[:2])][:_SHOWN]


class UpdateCard(Card):
    """The running update; hidden while there is none."""

    cancelled = Signal(str)
    """A task id."""
    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._run: TaskRun | None = None
        self.setAccessibleName(self.tr("Update"))
        self._strip = ProgressStrip()
        self.cancel, self._details = QPushButton(self.tr("Cancel")), QPushButton(self.tr("Details"))
        self.cancel.clicked.connect(self._cancel)
        self._details.clicked.connect(lambda: self._run and self.opened.emit(self._run.task_id))
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self._strip, 1)
        row.addWidget(self._details, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)
        self.setVisible(False)

    def show_run(self, run: TaskRun | None, at: float) -> None:
        """Show a run. at: seconds of a monotonic clock."""
        if run is not None and (self._run is None or run.task_id != self._run.task_id or run.cancel_requested):
            self._offer_cancel(asked=run.cancel_requested)
        self._run = run
        if run is not None:
            self._strip.show_progress(run.progress, at)
        self.setVisible(run is not None)

    def not_cancelled(self) -> None:
        self._offer_cancel(asked=False)

    def _cancel(self) -> None:
        if self._run is not None:
            self._offer_cancel(asked=True)
            self.cancelled.emit(self._run.task_id)

    def _offer_cancel(self, *, asked: bool) -> None:
        self.cancel.setText(self.tr("Cancelling…") if asked else self.tr("Cancel"))
        self.cancel.setEnabled(not asked)
