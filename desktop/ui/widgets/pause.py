"""Pausing the schedule: the choices, their end, and their texts."""

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
    """Return when a pause ends.

    Args:
        choice: tomorrow means 08:00 in the time zone of this machine.
        now: with a time zone.

    Returns:
        None if the pause ends only when the user resumes the schedule.
    """
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
    """Give "Paused until 18:00", with the date unless it is today."""
    if pause.until is None:
        return translate("pause", "Paused until resumed")
    end = pause.until
    if end.astimezone().date() == now.astimezone().date():
        return translate("pause", "Paused until {0}").format(clock_time(end))
    return translate("pause", "Paused until {0}, {1}").format(day(end), clock_time(end))
