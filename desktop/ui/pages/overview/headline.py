"""The summary of the page, and the explanation that replaces its content while there are no data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.contract.names import Role, Source
from backend.contract.problems import UPDATE, Place, Problem, Weight
from backend.contract.wire import utc_now
from desktop.problems.overall_status import Kind, overall_status
from desktop.problems.problems import problems
from desktop.state.app_state import AppState
from desktop.supervision.plan import UPDATER
from desktop.ui.formatting import day_and_time, number, translate
from desktop.ui.pages.overview.newly_exploited import ExploitedSince
from desktop.ui.widgets.problem_texts import problem_hint, problem_message, problem_title


@dataclass(frozen=True)
class Explanation:
    """Why there are no data. icon: of Material Design Icons. start: the text of a button that starts the services."""

    icon: str
    title: str
    sentence: str
    start: str = ""


def is_empty(state: AppState) -> bool:
    """Whether the API has answered and the database is empty."""
    stats = state.snapshot.stats if state.snapshot else None
    return state.snapshot is not None and (stats is None or not stats.total_vulnerabilities)


def explanation(state: AppState) -> Explanation | None:
    """Return why there is nothing to show; None if there is something."""
    if state.snapshot is None:
        return _without_api(state)
    if not is_empty(state):
        return None
    if state.update is not None:
        sentence = translate("overview", "It takes 10 to 30 minutes. You can close the window meanwhile.")
        return Explanation("download", translate("overview", "The first update is running"), sentence)
    failed = next((problem for problem in problems(state) if problem.task == UPDATE), None)
    if failed is not None:
        sentence = " ".join(filter(None, (problem_message(failed), problem_hint(failed))))
        return Explanation("alert", problem_title(failed), sentence)
    sentence = translate("overview", "An update fetches all known vulnerabilities. It takes 10 to 30 minutes.")
    return Explanation("database-outline", translate("overview", "No data yet"), sentence)


def _without_api(state: AppState) -> Explanation:
    now = overall_status(state)
    if now.kind is Kind.STOPPED:
        title = translate("overview", "All services are stopped")
        sentence = translate("overview", "The data are kept, but not updated.")
        return Explanation("stop-circle-outline", title, sentence, translate("overview", "Start"))
    if now.problem is not None:
        sentence = translate("overview", "See the message above.")
        return Explanation("alert", translate("overview", "Nothing to show yet"), sentence)
    sentence = translate("overview", "This takes a few seconds.")
    return Explanation("progress-clock", translate("overview", "The services are starting"), sentence)


def headline(state: AppState, found: ExploitedSince | None) -> str:
    if state.snapshot is None:
        return translate("overview", "Waiting for the services")
    if is_empty(state):
        return _before_data(state)
    if found is None:
        return translate("overview", "Loading…")
    if found.since is None:
        return translate("overview", "Newly exploited vulnerabilities will appear here")
    when = day_and_time(found.since, utc_now())
    if not found.new:
        return _nothing_new(state, found.since)
    if found.capped:
        more = translate("overview", "More than {0} exploited vulnerabilities are new since you last looked, {1}")
        return more.format(number(found.new), when)
    news = translate("overview", "%Ln exploited vulnerabilit(y|ies) (is|are) new since you last looked", "", found.new)
    return f"{news} ({when})"


def _nothing_new(state: AppState, since: datetime) -> str:
    """Say that nothing is new; where updates do not work, only for the time up to which the data are known."""
    cause = next((problem for problem in problems(state) if _keeps_data_old(problem)), None)
    if cause is None:
        when = day_and_time(since, utc_now())
        return translate("overview", "No newly exploited vulnerabilities since {0}").format(when)
    title, known = problem_title(cause), _known_until(state)
    if known is None:
        return translate("overview", "{0}. What is newly exploited is not known.").format(title)
    when = day_and_time(known, utc_now())
    return translate("overview", "{0}. Nothing was newly exploited as of {1}.").format(title, when)


def _keeps_data_old(problem: Problem) -> bool:
    """Whether CISA's list of exploited vulnerabilities may be older than it should: updates fail or do not start."""
    if problem.weight is Weight.INFO:
        return False
    unattended = problem.place is Place.SCHEDULE or problem.service in (UPDATER, Role.WORKER)
    return unattended or problem.task == UPDATE or Source.CISA in problem.sources


def _known_until(state: AppState) -> datetime | None:
    """Return when CISA's list was last read; None if it never was."""
    sources = state.snapshot.sources if state.snapshot else ()
    return next((source.last_success_at for source in sources if source.name is Source.CISA), None)


def _before_data(state: AppState) -> str:
    if state.update is not None:
        return translate("overview", "The first update is running")
    return translate("overview", "No vulnerabilities yet")
