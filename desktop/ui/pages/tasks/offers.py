"""Why something cannot be asked for now, in words; empty where it can."""

from __future__ import annotations

from backend.contract.names import UPDATE_TASKS, TaskName
from backend.contract.tasks import TaskRun
from desktop.state.app_state import View
from desktop.ui.formatting import translate


def why_no_update(view: View) -> str:
    if view.update is not None:
        return translate("tasks", "An update is running already")
    return _why_silent(view)


def why_not_again(run: TaskRun, view: View) -> str:
    if run.name not in set(TaskName):
        return translate("tasks", "This version does not know the task")
    return why_no_update(view) if run.name in UPDATE_TASKS else _why_silent(view)


def _why_silent(view: View) -> str:
    return "" if view.snapshot else translate("tasks", "The program's services are not ready yet")
