"""How far a run is: its phase in words, a bar, the rate and the time left; of unknown length, what has come so far."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from backend.contract.tasks import Progress
from desktop.model.pace import Pace, PaceMeter
from desktop.ui.formatting import duration, number, one_line, size, translate
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.text import Muted, Plain

_FINE = 1000
_BYTES = "download"  # how a phase ends that counts bytes


class ProgressStrip(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._meter = PaceMeter()
        self._phase, self._facts, self._bar = Plain(), Muted(), QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(Space.S)
        self._bar.setAccessibleName(self.tr("Progress"))
        words = QHBoxLayout()
        words.addWidget(self._phase, 1)
        words.addWidget(self._facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(words)
        column.addWidget(self._bar)

    def show_progress(self, progress: Progress, at: float) -> None:
        """at: seconds of a steady clock."""
        pace = self._meter.seen(progress.phase, progress.done, progress.total, at)
        self._phase.setText(one_line(progress.message or progress.phase) or self.tr("Waiting to begin"))
        self._facts.setText(progress_words(progress, pace))
        known = bool(progress.total)
        self._bar.setRange(0, _FINE if known else 0)
        if progress.total:
            self._bar.setValue(min(_FINE, round(_FINE * progress.done / progress.total)))


def progress_words(progress: Progress, pace: Pace) -> str:
    """How much is done, how fast it goes, how long it still takes: what is known of it."""
    rate = translate("progress", "{0} per second").format(_amount(progress, pace.per_s)) if pace.per_s else ""
    return " · ".join(part for part in (amount_words(progress), rate, left_words(pace)) if part)


def amount_words(progress: Progress) -> str:
    """ "12,300 of 30,000"; of unknown length "12,300 so far"; empty before anything is done."""
    if progress.total:
        done, total = _amount(progress, progress.done), _amount(progress, progress.total)
        return translate("progress", "{0} of {1}").format(done, total)
    return translate("progress", "{0} so far").format(_amount(progress, progress.done)) if progress.done else ""


def left_words(pace: Pace) -> str:
    return "" if pace.left_s is None else translate("progress", "{0} left").format(duration(pace.left_s))


def counts_bytes(progress: Progress) -> bool:
    """Else it counts records."""
    return progress.phase.endswith(_BYTES)


def _amount(progress: Progress, count: float) -> str:
    return size(count) if counts_bytes(progress) else number(count)
