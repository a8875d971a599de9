"""What else needs attention: runs and sources that failed. What is wrong with the services is said above every page."""

from __future__ import annotations

from dataclasses import dataclass

from backend.contract.names import RunState
from backend.contract.problems import Trouble
from backend.contract.sources import SourceState
from desktop.state.app_state import View, last_update
from desktop.ui.desk import PageName
from desktop.ui.theme.tokens import Tone
from desktop.ui.words import translate


@dataclass(frozen=True)
class Concern:
    """page, key: where there is more of it."""

    trouble: Trouble
    tone: Tone
    page: PageName
    key: str = ""


def concerns_of(view: View) -> tuple[Concern, ...]:
    """The most pressing first."""
    return tuple(one for one in (failed_update(view), _sources(view)) if one)


def failed_update(view: View) -> Concern | None:
    run = last_update(view)
    if run is None or run.status is not RunState.FAILURE or view.update is not None:
        return None
    said = run.error
    message, hint = (str(said), said.hint) if said else ("", "")
    return Concern(
        Trouble(translate("overview", "The last update failed"), message, hint), Tone.BAD, PageName.TASKS, run.task_id
    )


def _sources(view: View) -> Concern | None:
    """Each one's error stands beside it, further down."""
    failing = [
        one.name.upper()
        for one in (view.snapshot.sources if view.snapshot else ())
        if one.enabled and one.state is SourceState.FAILING
    ]
    if not failing:
        return None
    title = translate("overview", "No news from {0}").format(", ".join(failing))
    message = translate("overview", "The last attempts all failed. What was known before stays.")
    return Concern(Trouble(title, message), Tone.WARNING, PageName.TASKS)
