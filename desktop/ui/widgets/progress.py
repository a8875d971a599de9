"""How far a run is: its phase in words, a bar, the rate and the time left; of unknown length, what has come so far.

How fast something advances, and how long it still takes: from what was seen of it lately. Pure.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from backend.contract.tasks import Progress
from desktop.ui.formatting import duration, number, one_line, size, translate
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.text import Muted, Plain

_WINDOW_S = 30.0
_LEAST_S = 3.0


@dataclass(frozen=True)
class Pace:
    """per_s: units a second; left_s: seconds until the phase is done. None: not known (yet)."""

    per_s: float | None = None
    left_s: float | None = None


class PaceMeter:
    """Fed with every sight of the progress; a new phase, or a step back, begins anew."""

    def __init__(self) -> None:
        self._phase = ""
        self._seen: deque[tuple[float, int]] = deque()

    def seen(self, phase: str, done: int, total: int | None, at: float) -> Pace:
        """at: seconds of a steady clock."""
        if phase != self._phase or (self._seen and done < self._seen[-1][1]):
            self._seen.clear()
            self._phase = phase
        self._seen.append((at, done))
        while self._seen[0][0] < at - _WINDOW_S and len(self._seen) > 2:
            self._seen.popleft()
        since, first = self._seen[0]
        if at - since < _LEAST_S or done <= first:
            return Pace()
        per_s = (done - first) / (at - since)
        return Pace(per_s, (total - done) / per_s if total and total >= done else None)


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
        self._phase.setText(one_line(progress.message or progress.phase) or self.tr("Waiting to start"))
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
