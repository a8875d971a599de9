"""Which trouble stands above every page: one at a time, the one that explains most; and whether all this is old.

What else needs attention: runs and sources that failed. What is wrong with the services is said above every page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend.contract.formatting import sentences
from backend.contract.names import RunState
from backend.contract.problems import Problem
from backend.contract.sources import SourceState
from desktop.state.app_state import AppState, last_update
from desktop.supervision.plan import API
from desktop.supervision.services import Phase
from desktop.ui.formatting import day_and_time, now, translate
from desktop.ui.page_context import PageName
from desktop.ui.theme.tokens import Tone


def main_problem(state: AppState) -> tuple[Problem | None, str]:
    """With the name of the service that has it; empty for a trouble of no service."""
    services = [one for one in state.supervision.services if one.problem]
    gave_up = (one for one in services if one.phase is Phase.GAVE_UP)
    waiting = (one for one in services if not one.ready)
    first = next((one for group in (gave_up, waiting, services) for one in group), None)
    if first is None:
        return _silence(state) or state.settings_problem, ""
    return _marked_as_old(first.problem, state), first.name


def _silence(state: AppState) -> Problem | None:
    """An API that is started or stopped as it was asked to be is nobody's trouble."""
    if state.old is None or state.supervision[API].phase in (Phase.STARTING, Phase.STOPPING):
        return None
    return _marked_as_old(state.old, state)


def _marked_as_old(problem: Problem | None, state: AppState) -> Problem | None:
    if problem is None or state.old is None or state.heard_at is None:
        return problem
    sentence = translate("window", "What you see is as of {0}.").format(day_and_time(state.heard_at, now()))
    return replace(problem, message=sentences(problem.message, sentence))


def _last_update_failed(state: AppState) -> Problem | None:
    run = last_update(state)
    if run is None or run.status is not RunState.FAILURE:
        return None
    said = run.error
    return Problem(said.title, said.message, said.hint) if said else Problem("The last update failed")


def _of_sources(state: AppState) -> Problem | None:
    bad = [
        one
        for one in (state.snapshot.sources if state.snapshot else ())
        if one.enabled and one.state in (SourceState.DEGRADED, SourceState.FAILING, SourceState.STALE)
    ]
    if not bad:
        return None
    first = bad[0]
    names = ", ".join(one.name.upper() for one in bad)
    said = first.last_error
    return Problem(f"{names}: not up to date", str(said) if said else "", said.hint if said else "")


@dataclass(frozen=True)
class Concern:
    """page, key: where there is more of it."""

    problem: Problem
    tone: Tone
    page: PageName
    key: str = ""


def concerns_of(state: AppState) -> tuple[Concern, ...]:
    """The most pressing first."""
    return tuple(one for one in (failed_update(state), _sources(state)) if one)


def failed_update(state: AppState) -> Concern | None:
    run = last_update(state)
    if run is None or run.status is not RunState.FAILURE or state.update is not None:
        return None
    said = run.error
    message, hint = (str(said), said.hint) if said else ("", "")
    return Concern(
        Problem(translate("overview", "The last update failed"), message, hint), Tone.BAD, PageName.TASKS, run.task_id
    )


def _sources(state: AppState) -> Concern | None:
    """Each one's error stands beside it, further down."""
    failing = [
        one.name.upper()
        for one in (state.snapshot.sources if state.snapshot else ())
        if one.enabled and one.state is SourceState.FAILING
    ]
    if not failing:
        return None
    title = translate("overview", "No news from {0}").format(", ".join(failing))
    message = translate("overview", "The last attempts all failed. What was known before stays.")
    return Concern(Problem(title, message), Tone.WARNING, PageName.TASKS)
