"""The first line of the page, and what stands in place of the list while there are no events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backend.contract.inbox import InboxScope
from backend.contract.names import Role, Source
from backend.contract.problem_catalogue import Place, Weight
from backend.contract.problems import UPDATE, Problem
from backend.contract.wire import utc_now
from desktop.problems.overall_status import Kind, overall_status
from desktop.problems.problems import problems
from desktop.state.app_state import AppState, is_team
from desktop.supervision.plan import UPDATER
from desktop.ui.formatting import day_and_time, translate
from desktop.ui.page_context import PageContext, PageName
from desktop.ui.pages.inbox.loader import InboxAnswer
from desktop.ui.pages.inbox.query import InboxFilter, Since
from desktop.ui.sections import page_title
from desktop.ui.widgets.problem_texts import problem_hint, problem_message, problem_title

ShowQuery = Callable[[InboxFilter], None]


@dataclass(frozen=True)
class Way:
    """A way on from an empty page, as a button.

    Attributes:
        text: Of the button.
        go: Called with the page's context, a function that shows another list, and one that loads the list again.
    """

    text: str
    go: Callable[[PageContext, ShowQuery, Callable[[], None]], None]


@dataclass(frozen=True)
class Explanation:
    """Why there is nothing to show. icon: a name of Material Design Icons. ways: at most two."""

    icon: str
    title: str
    sentence: str
    ways: tuple[Way, ...] = ()


def is_empty(state: AppState) -> bool:
    """Whether the API has answered and the database is empty."""
    stats = state.snapshot.stats if state.snapshot else None
    return state.snapshot is not None and (stats is None or not stats.total_vulnerabilities)


def explanation(state: AppState, *, has_rows: bool = False) -> Explanation | None:
    """Return why there are no data; None if there are.

    has_rows: Whether rows of an earlier answer can be shown until the API answers.
    """
    if state.snapshot is None:
        return _without_api(state, has_rows=has_rows)
    if not is_empty(state):
        return None
    if state.update is not None:
        sentence = translate("inbox", "It takes 10 to 30 minutes. You can close the window meanwhile.")
        return Explanation("download", translate("inbox", "The first update is running"), sentence, (_from_file(),))
    failed = next((problem for problem in problems(state) if problem.task == UPDATE), None)
    if failed is not None:
        sentence = " ".join(filter(None, (problem_message(failed), problem_hint(failed))))
        return Explanation("alert", problem_title(failed), sentence, (_from_file(),))
    sentence = translate("inbox", "An update fetches all known vulnerabilities. It takes 10 to 30 minutes.")
    return Explanation("database-outline", translate("inbox", "No data yet"), sentence, (_from_file(),))


def _from_file() -> Way:
    """Without internet, the data come from a file."""
    text = translate("inbox", "I have a file")
    return Way(text, lambda context, *_: context.open(PageName.SETTINGS, "bundle"))


def _without_api(state: AppState, *, has_rows: bool) -> Explanation | None:
    now = overall_status(state)
    if now.kind is Kind.STOPPED:
        title = translate("inbox", "All services are stopped")
        sentence = translate("inbox", "The data are kept, but not updated.")
        start = Way(translate("inbox", "Start"), lambda context, *_: context.actions.start_service())
        return Explanation("stop-circle-outline", title, sentence, (start,))
    if has_rows:
        return None
    if now.problem is not None:
        sentence = translate("inbox", "See the message above.")
        return Explanation("alert", translate("inbox", "Nothing to show yet"), sentence)
    sentence = translate("inbox", "This takes a few seconds.")
    return Explanation("progress-clock", translate("inbox", "The services are starting"), sentence)


def loading() -> Explanation:
    return Explanation("progress-clock", translate("inbox", "Loading…"), "")


def load_failed() -> Explanation:
    again = Way(translate("inbox", "Try again"), lambda _context, _show, load: load())
    return Explanation("alert", translate("inbox", "The inbox could not be loaded"), "", (again,))


def nothing_found(answer: InboxAnswer) -> Explanation:
    """Return why the list is empty although there are data."""
    if not answer.has_mine:
        return _nothing_of_mine()
    if answer.query.since is Since.LAST_READ:
        title = translate("inbox", "Nothing unread")
        sentence = translate("inbox", "What happens next appears here.")
        back = InboxFilter(answer.query.scope, Since.MONTH)
        return Explanation(
            "check-circle-outline", title, sentence, (_to_query(translate("inbox", "Show the last 30 days"), back),)
        )
    return Explanation("calendar-blank-outline", translate("inbox", "Nothing has happened in this time"), "")


def _nothing_of_mine() -> Explanation:
    """Before the first scan, and without a watchlist, nothing can be known to concern the person."""
    title = translate("inbox", "Nothing is known to concern you yet")
    sentence = translate("inbox", "What is installed on this PC has not been looked at, and nothing is watched.")
    here = Way(page_title(PageName.THIS_PC), lambda context, *_: context.open(PageName.THIS_PC))
    watched = Way(page_title(PageName.WATCHLIST), lambda context, *_: context.open(PageName.WATCHLIST))
    return Explanation("laptop", title, sentence, (here, watched))


def _to_query(text: str, query: InboxFilter) -> Way:
    return Way(text, lambda _context, show, _load: show(query))


def headline(state: AppState, answer: InboxAnswer | None) -> str:
    """Return the first line: how much is new, and how much of it is being exploited."""
    if answer is not None and answer.as_of is not None and not is_empty(state):
        when = day_and_time(answer.as_of, utc_now())
        return translate("inbox", "As of {0}: {1}").format(when, _headline(state, answer))
    if state.snapshot is None:
        return translate("inbox", "Waiting for the services")
    if is_empty(state):
        return _before_data(state)
    if answer is None:
        return translate("inbox", "Loading…")
    return _headline(state, answer)


def _headline(state: AppState, answer: InboxAnswer) -> str:
    return _news(state, answer) if answer.unread else _nothing_new(state, answer.query.scope)


def _news(state: AppState, answer: InboxAnswer) -> str:
    mine = translate("inbox", "%Ln vulnerabilit(y|ies) that concern(s|) you (is|are) new", "", answer.unread)
    if is_team(state):
        mine = translate("inbox", "%Ln vulnerabilit(y|ies) that concern(s|) the team (is|are) new", "", answer.unread)
    news = {
        InboxScope.MINE: mine,
        InboxScope.PC: translate(
            "inbox", "%Ln vulnerabilit(y|ies) that concern(s|) this PC (is|are) new", "", answer.unread
        ),
        InboxScope.EXPLOITED: translate("inbox", "%Ln exploited vulnerabilit(y|ies) (is|are) new", "", answer.unread),
        InboxScope.EVERYTHING: translate("inbox", "%Ln vulnerabilit(y|ies) (is|are) new", "", answer.unread),
    }[answer.query.scope]
    if answer.query.scope is InboxScope.EXPLOITED or not answer.exploited:
        return news
    exploited = translate("inbox", "%Ln (is|are) being exploited", "", answer.exploited)
    return translate("inbox", "{0}, {1}").format(news, exploited)


def _nothing_new(state: AppState, scope: InboxScope) -> str:
    """Say that nothing is new; where updates do not work, only for the time up to which the data are known."""
    cause = next((problem for problem in problems(state) if _keeps_data_old(problem)), None)
    if cause is None:
        if scope is InboxScope.PC:
            return translate("inbox", "Nothing new that concerns this PC")
        if scope is InboxScope.MINE and is_team(state):
            return translate("inbox", "Nothing new that concerns the team")
        if scope is InboxScope.MINE:
            return translate("inbox", "Nothing new that concerns you")
        return translate("inbox", "Nothing new")
    title, known = problem_title(cause), _known_until(state)
    if known is None:
        return translate("inbox", "{0}. What is new is not known.").format(title)
    when = day_and_time(known, utc_now())
    return translate("inbox", "{0}. Nothing was new as of {1}.").format(title, when)


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
        return translate("inbox", "The first update is running")
    return translate("inbox", "No vulnerabilities yet")
