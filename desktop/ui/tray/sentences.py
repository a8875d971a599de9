"""What the tray says: how everything stands, and when updates were and will be."""

from __future__ import annotations

from datetime import datetime

from backend.contract.names import UPDATE_TASKS, RunState
from desktop.problems.overall_status import Kind, Standing
from desktop.state.app_state import View, last_update
from desktop.ui.formatting import ago, one_line, percent, translate, until
from desktop.ui.widgets.pausing import pause_words

_LONGEST = 120  # Windows cuts a tooltip off after 127 characters


def status_line(standing: Standing) -> str:
    """One line, for the top of the menu and of the tooltip."""
    if standing.kind is Kind.UPDATING:
        return updating(standing.share)
    if standing.trouble is not None:
        return one_line(standing.trouble.title, 80)
    return {
        Kind.WELL: translate("tray", "All is well"),
        Kind.STARTING: translate("tray", "Starting …"),
        Kind.STOPPED: translate("tray", "Stopped"),
        Kind.DEGRADED: translate("tray", "Something does not work"),
        Kind.FAILED: translate("tray", "Something has failed"),
    }[standing.kind]


def updating(share: float | None) -> str:
    if share is None:
        return translate("tray", "Updating …")
    return translate("tray", "Updating: {0}").format(percent(share))


def tooltip(view: View, standing: Standing, now: datetime) -> str:
    lines = [translate("tray", "OpenThreat: {0}").format(status_line(standing)), _last(view, now), _next(view, now)]
    return "\n".join(line for line in lines if line)[:_LONGEST]


def pause_line(view: View, now: datetime) -> str:
    """Empty while nothing is paused."""
    pause = view.snapshot.pause if view.snapshot else None
    if pause is None or not pause.paused:
        return ""
    return translate("tray", "Schedule: {0}").format(pause_words(pause, now))


def _last(view: View, now: datetime) -> str:
    run = last_update(view)
    if run is None or run.finished_at is None:
        return ""
    words = {
        RunState.SUCCESS: translate("tray", "Last update {0}"),
        RunState.FAILURE: translate("tray", "Last update failed {0}"),
    }.get(run.status, translate("tray", "Last update cancelled {0}"))
    return words.format(ago(run.finished_at, now))


def _next(view: View, now: datetime) -> str:
    if paused := pause_line(view, now):
        return paused
    if view.snapshot and not view.keeps_schedule:
        return translate("tray", "No update starts by itself")
    entries = view.snapshot.schedule if view.snapshot else ()
    times = [one.next_run_at for one in entries if one.enabled and one.task in UPDATE_TASKS and one.next_run_at]
    return translate("tray", "Next update {0}").format(until(min(times), now)) if times else ""
