"""The first line of the page: when the next update comes, or why none comes by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from backend.contract.names import UPDATE_TASKS
from backend.contract.schedule import ScheduledTask, SchedulePause
from desktop.ui.formatting import translate, until
from desktop.ui.widgets.pause import pause_words


def headline(entries: Iterable[ScheduledTask], pause: SchedulePause, now: datetime, *, kept: bool) -> str:
    """kept: there is somebody who starts what is due."""
    if not kept:
        return translate("schedule", "Nothing runs by itself: the service that starts it does not run")
    updates = [entry for entry in entries if entry.task in UPDATE_TASKS]
    if pause.paused:
        return translate("schedule", "{0}: nothing runs by itself until then").format(pause_words(pause, now))
    if not any(entry.enabled for entry in updates):
        return translate("schedule", "No update runs by itself: it is switched off")
    moments = [entry.next_run_at for entry in updates if entry.enabled and entry.next_run_at is not None]
    if not moments:
        return translate("schedule", "The next update is being planned")
    if min(moments) <= now:
        return translate("schedule", "The next update is due now")
    return translate("schedule", "Next update {0}").format(until(min(moments), now))
