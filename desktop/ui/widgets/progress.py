"""The progress of a run: its phase, the amount and the rate of that, and a bar and the time left for the whole run."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.contract.tasks import Progress, ProgressUnit, RunPhase, share_of
from desktop.ui.formatting import duration, number, one_line, percent, size, translate
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.progress_bar import ProgressBar
from desktop.ui.widgets.text import Muted, Plain

_WINDOW_S = 30.0
_MIN_SPAN_S = 3.0


@dataclass(frozen=True)
class Rate:
    """per_s: units per second; left_s: seconds until the phase is done. None: not known."""

    per_s: float | None = None
    left_s: float | None = None


class RateMeter:
    """Measures the rate over the last 30 s; starts again with a new phase, or when the amount becomes smaller."""

    def __init__(self) -> None:
        self._phase: tuple[RunPhase, str] | None = None
        self._readings: deque[tuple[float, int]] = deque()

    def add(self, progress: Progress, at: float) -> Rate:
        """Add a reading and return the rate. at: seconds of a monotonic clock."""
        phase, done, total = (progress.phase, progress.message), progress.done, progress.total
        if phase != self._phase or (self._readings and done < self._readings[-1][1]):
            self._readings.clear()
            self._phase = phase
        self._readings.append((at, done))
        while self._readings[0][0] < at - _WINDOW_S and len(self._readings) > 2:
            self._readings.popleft()
        since, first = self._readings[0]
        if at - since < _MIN_SPAN_S or done <= first:
            return Rate()
        per_s = (done - first) / (at - since)
        return Rate(per_s, (total - done) / per_s if total and total >= done else None)


class ProgressStrip(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._meter = RateMeter()
        self._phase, self._facts, self._bar, self._trouble = Plain(), Muted(), ProgressBar(), Muted()
        self._trouble.setWordWrap(True)
        self._bar.setAccessibleName(self.tr("Progress"))
        words = QHBoxLayout()
        words.addWidget(self._phase, 1)
        words.addWidget(self._facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(words)
        column.addWidget(self._bar)
        column.addWidget(self._trouble)

    def show_progress(self, progress: Progress, at: float) -> None:
        """Show progress. at: seconds of a monotonic clock."""
        rate = self._meter.add(progress, at)
        self._phase.setText(phase_words(progress) or self.tr("Waiting to start"))
        self._facts.setText(progress_words(progress, rate))
        trouble = trouble_words(progress)
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))
        self._bar.show_share(share_of(progress))


def phase_words(progress: Progress) -> str:
    """Give "Reading NVD 2024"; empty where nothing was reported yet.

    Sources are asked before the first phase: one that does not answer has an entry from its first failure on.
    """
    message = one_line(progress.message)
    match progress.phase:
        case RunPhase.DOWNLOADING:
            return translate("progress", "Downloading {0}").format(message)
        case RunPhase.READING:
            return translate("progress", "Reading {0}").format(message)
        case RunPhase.TESTING:
            return translate("progress", "Testing {0}").format(message)
        case RunPhase.UNKNOWN:
            return message or (translate("progress", "Asking the sources") if progress.sources else "")
        case other:
            return _whole_phases()[other]


def _whole_phases() -> dict[RunPhase, str]:
    """The phases that work on everything at once."""
    return {
        RunPhase.CHECKING: translate("progress", "Checking the bundle"),
        RunPhase.MERGING: translate("progress", "Merging the records of all sources"),
        RunPhase.INDEXING: translate("progress", "Building the search index"),
        RunPhase.PRIORITISING: translate("progress", "Computing the priorities"),
        RunPhase.COUNTING: translate("progress", "Computing the statistics"),
        RunPhase.MATCHING: translate("progress", "Matching what is installed"),
    }


def trouble_words(progress: Progress) -> str:
    """Give "CISA: www.cisa.gov did not answer in time. Trying again."; empty while all sources answer."""
    again = translate("progress", "Trying again.")
    return " ".join(
        f"{source.upper()}: {one_line(entry.trouble)} {again}"
        for source, entry in progress.sources.items()
        if entry.trouble
    )


def step_words(progress: Progress) -> str:
    """Give "step 2 of 6"; empty where the run has no steps."""
    if not progress.steps:
        return ""
    return translate("progress", "step {0} of {1}").format(progress.step, progress.steps)


def progress_words(progress: Progress, rate: Rate) -> str:
    """Give the amount, the rate, the step, how much of all is done and the time left, as far as they are known."""
    per_second = translate("progress", "{0} per second").format(_amount(progress, rate.per_s)) if rate.per_s else ""
    of_phase = (amount_words(progress), per_second, step_words(progress))
    return " · ".join(part for part in (*of_phase, whole_words(progress), left_words(progress, rate)) if part)


def whole_words(progress: Progress) -> str:
    """Give "34 % done"; empty where the run has only one phase."""
    return "" if progress.share is None else translate("progress", "{0} done").format(percent(progress.share))


def amount_words(progress: Progress) -> str:
    """Give "12,300 of 30,000", or "12,300 so far" without a known total; empty before anything is done."""
    if progress.total:
        done, total = _amount(progress, progress.done), _amount(progress, progress.total)
        return translate("progress", "{0} of {1}").format(done, total)
    return translate("progress", "{0} so far").format(_amount(progress, progress.done)) if progress.done else ""


def left_words(progress: Progress, rate: Rate) -> str:
    """Give the time left of the whole run, or of its phase for a run that has only one; empty where it is unknown."""
    left_s = rate.left_s if progress.share is None else progress.left_s
    return "" if left_s is None else translate("progress", "{0} left").format(duration(left_s))


def _amount(progress: Progress, count: float) -> str:
    return size(count) if progress.unit is ProgressUnit.BYTES else number(count)
