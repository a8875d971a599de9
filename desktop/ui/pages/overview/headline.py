"""The first line of the page: what is new, or why that is not known."""

from __future__ import annotations

from desktop.state.app_state import View
from desktop.ui.formatting import day_and_time, now, number, translate
from desktop.ui.pages.overview.explanation import is_empty
from desktop.ui.pages.overview.news import Found


def headline(view: View, found: Found | None) -> str:
    if view.snapshot is None:
        return translate("overview", "Nothing can be told before the program's services run")
    if is_empty(view):
        return _before_data(view)
    if found is None:
        return translate("overview", "Looking for what is new")
    if found.since is None:
        return translate("overview", "From now on, what becomes known as exploited stands here first")
    when = day_and_time(found.since, now())
    if not found.new:
        return translate("overview", "Nothing new is exploited since {0}").format(when)
    if found.capped:
        more = translate("overview", "More than {0} exploited vulnerabilities are new since you last looked, {1}")
        return more.format(number(found.new), when)
    news = translate("overview", "%Ln exploited vulnerabilit(y|ies) (is|are) new since you last looked", "", found.new)
    return f"{news} ({when})"


def _before_data(view: View) -> str:
    if view.update is not None:
        return translate("overview", "The first update is running")
    return translate("overview", "There are no vulnerabilities here yet")
