"""For how long the schedule can be paused by one click. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum

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
