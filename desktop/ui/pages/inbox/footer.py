"""The end of the page: the running update, or one line on what needs no attention."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from backend.contract.sources import SourceState
from backend.contract.tasks import TaskRun
from backend.contract.wire import utc_now
from desktop.state.app_state import AppState
from desktop.ui.formatting import absolute, happened, number, translate
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.progress import ProgressStrip
from desktop.ui.widgets.text import Muted, VisibleTicker

_SAID_MS = 8_000


def sources_line(state: AppState, now: datetime) -> str:
    """Give "All 5 sources checked 12 min ago"; empty while nothing was checked."""
    enabled = [source for source in (state.snapshot.sources if state.snapshot else ()) if source.enabled]
    good = [source for source in enabled if source.state is SourceState.OK and source.last_success_at]
    if not good:
        return ""
    when = happened(min(source.last_success_at for source in good if source.last_success_at), now)
    if len(good) == len(enabled):
        return translate("inbox", "All {0} sources checked {1}").format(number(len(good)), when)
    return translate("inbox", "{0} of {1} sources checked {2}").format(number(len(good)), number(len(enabled)), when)


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


class Footer(QWidget):
    update_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._state: AppState | None = None
        self._said = ""
        self._silence = QTimer(self, interval=_SAID_MS, singleShot=True)
        self._silence.timeout.connect(lambda: self.say(""))
        self._line, self.update_now, self.update_card = Muted(), QPushButton(self.tr("Update now")), UpdateCard()
        self.update_now.clicked.connect(self.update_wanted)
        self._calm = QWidget()
        row = QHBoxLayout(self._calm)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._line, 1)
        row.addWidget(self.update_now)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self._calm)
        column.addWidget(self.update_card)
        VisibleTicker(self, self._show_line)

    def show_state(self, state: AppState, at: float, *, asked: bool) -> None:
        """Show a state. at: seconds of a monotonic clock. asked: an update was requested that is not queued yet."""
        self._state = state
        self.update_card.show_run(state.update, at)
        self._calm.setVisible(bool(state.update is None or self._said))
        self.update_now.setText(self.tr("Updating…") if asked else self.tr("Update now"))
        self.update_now.setEnabled(not asked and state.snapshot is not None)
        self._show_line()

    def say(self, sentence: str) -> None:
        """Show a sentence for some seconds instead."""
        self._said = sentence
        self._calm.setVisible(bool(sentence or self._state is None or self._state.update is None))
        self._show_line()
        if sentence:
            self._silence.start()

    def _show_line(self) -> None:
        text = self._said or (sources_line(self._state, utc_now()) if self._state else "")
        if text != self._line.text():
            self._line.setText(text)
            when = self._state.snapshot_at if self._state else None
            self._line.setToolTip(absolute(when) if when else "")
