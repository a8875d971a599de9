"""The summary of the page, and the reason why the list is empty."""

from __future__ import annotations

from dataclasses import dataclass

from backend.contract.tasks import share_of
from desktop.state.app_state import AppState
from desktop.ui.formatting import number, percent, translate
from desktop.ui.pages.vulnerabilities.rows import ListPage
from desktop.ui.pages.vulnerabilities.search import Search
from desktop.ui.widgets.progress import phase_words


@dataclass(frozen=True)
class EmptyReason:
    """action: the text of the button."""

    icon: str
    title: str
    sentence: str = ""
    action: str = ""


def headline(search: Search, results: ListPage) -> str:
    if results.capped:
        return translate("vulnerabilities", "More than {0} matching vulnerabilities").format(number(results.total))
    if search.facets:
        return translate("vulnerabilities", "%Ln matching vulnerabilit(y|ies)", "", results.total)
    return translate("vulnerabilities", "%Ln vulnerabilit(y|ies)", "", results.total)


def empty_reason(search: Search, state: AppState) -> EmptyReason:
    """Return why there are no results."""
    if search.facets:
        return EmptyReason(
            "magnify-close",
            translate("vulnerabilities", "No matching vulnerabilities"),
            translate("vulnerabilities", "No vulnerability matches all filters."),
            translate("vulnerabilities", "Clear all filters"),
        )
    if state.update is None:
        return EmptyReason(
            "database-off-outline",
            translate("vulnerabilities", "No vulnerabilities yet"),
            translate("vulnerabilities", "The first update adds them."),
        )
    progress = state.update.progress
    share = share_of(progress)
    phase = phase_words(progress)
    words = phase if share is None else translate("vulnerabilities", "{0}: {1}").format(phase, percent(share))
    sentence = translate("vulnerabilities", "What is exploited appears here first, then the newest vulnerabilities.")
    return EmptyReason(
        "database-sync-outline",
        translate("vulnerabilities", "The first update is running"),
        f"{words}\n{sentence}" if phase else sentence,
    )


def loading() -> EmptyReason:
    return EmptyReason("database-search-outline", translate("vulnerabilities", "Loading the vulnerabilities…"))


def load_failed() -> EmptyReason:
    return EmptyReason(
        "cloud-off-outline",
        translate("vulnerabilities", "The vulnerabilities could not be loaded"),
        translate("vulnerabilities", "Trying again every few seconds."),
    )
