"""The schedule's pause in words: the choices, and how long one lasts.

For how long the schedule can be paused by one click. Pure.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from backend.contract.schedule import SchedulePause
from desktop.ui.formatting import clock_time, day, translate

MORNING = time(8)


class PauseFor(StrEnum):
    HOUR = "hour"
    TOMORROW = "tomorrow"
    RESUMED = "resumed"


def pause_end(choice: PauseFor, now: datetime) -> datetime | None:
    """now: aware. Tomorrow begins with the morning of this machine's own zone. None: when somebody resumes."""
    match choice:
        case PauseFor.HOUR:
            return now + timedelta(hours=1)
        case PauseFor.TOMORROW:
            tomorrow = now.astimezone().date() + timedelta(days=1)
            return datetime.combine(tomorrow, MORNING).astimezone()
        case PauseFor.RESUMED:
            return None


class PauseMenu(QMenu):
    chosen = Signal(str)
    """A PauseFor."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        for choice, words in (
            (PauseFor.HOUR, self.tr("For 1 hour")),
            (PauseFor.TOMORROW, self.tr("Until tomorrow morning")),
            (PauseFor.RESUMED, self.tr("Until resumed")),
        ):
            self.addAction(words).triggered.connect(lambda _=False, choice=choice: self.chosen.emit(choice))


def pause_words(pause: SchedulePause, now: datetime) -> str:
    """ "Paused until 18:00"; with the day where it is not today."""
    if pause.until is None:
        return translate("pause", "Paused until resumed")
    end = pause.until
    if end.astimezone().date() == now.astimezone().date():
        return translate("pause", "Paused until {0}").format(clock_time(end))
    return translate("pause", "Paused until {0}, {1}").format(day(end), clock_time(end))
