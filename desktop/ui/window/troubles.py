"""Which trouble stands above every page: one at a time, the one that explains most; and whether all this is old."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.formatting import sentences
from backend.contract.problems import Trouble
from desktop.state.app_state import View
from desktop.supervision.plan import API
from desktop.supervision.services import Phase
from desktop.ui.words import day_and_time, now, translate


def main_trouble(view: View) -> tuple[Trouble | None, str]:
    """With the name of the service that has it; empty for a trouble of no service."""
    services = [one for one in view.supervision.services if one.trouble]
    gave_up = (one for one in services if one.phase is Phase.GAVE_UP)
    waiting = (one for one in services if not one.ready)
    first = next((one for group in (gave_up, waiting, services) for one in group), None)
    if first is None:
        return _silence(view) or view.settings_trouble, ""
    return _marked_as_old(first.trouble, view), first.name


def _silence(view: View) -> Trouble | None:
    """An API that is started or stopped as it was asked to be is nobody's trouble."""
    if view.old is None or view.supervision[API].phase in (Phase.STARTING, Phase.STOPPING):
        return None
    return _marked_as_old(view.old, view)


def _marked_as_old(trouble: Trouble | None, view: View) -> Trouble | None:
    if trouble is None or view.old is None or view.heard_at is None:
        return trouble
    sentence = translate("window", "What you see is as of {0}.").format(day_and_time(view.heard_at, now()))
    return replace(trouble, message=sentences(trouble.message, sentence))
