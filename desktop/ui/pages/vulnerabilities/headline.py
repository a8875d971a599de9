"""The summary of the page, and the reason why the list is empty."""

from __future__ import annotations

from backend.contract.searches import VulnerabilityFilters
from backend.contract.tasks import share_of
from backend.contract.vulnerability_ids import ids_in
from desktop.state.app_state import AppState
from desktop.ui.formatting import number, one_line, percent, translate
from desktop.ui.pages.vulnerabilities.rows import ListPage
from desktop.ui.pages.vulnerabilities.search import facets_of, search_text
from desktop.ui.widgets.layout import EmptyReason
from desktop.ui.widgets.progress import phase_words


def headline(search: VulnerabilityFilters, results: ListPage, everything: int | None, name: str = "") -> str:
    """Say what the filters leave of all.

    Args:
        search: The filters.
        results: What was found.
        everything: The number of all vulnerabilities; None: not known.
        name: Of the saved search that is shown; empty: none is.
    """
    words = _found_words(search, results, everything)
    return translate("vulnerabilities", "“{0}”: {1}").format(one_line(name, _NAME), words) if name else words


_NAME = 60


def _found_words(search: VulnerabilityFilters, results: ListPage, everything: int | None) -> str:
    ids = ids_in(search_text(search.search))
    if len(ids) > 1:
        pattern = translate("vulnerabilities", "%Ln of {0} pasted IDs found", "", results.total)
        return pattern.format(number(len(ids)))
    if results.capped:
        return translate("vulnerabilities", "More than {0} matching vulnerabilities").format(number(results.total))
    if not facets_of(search):
        return translate("vulnerabilities", "%Ln vulnerabilit(y|ies)", "", results.total)
    if everything is None or results.total > everything:
        return translate("vulnerabilities", "%Ln matching vulnerabilit(y|ies)", "", results.total)
    pattern = translate("vulnerabilities", "%Ln of {0} vulnerabilities match", "", results.total)
    return pattern.format(number(everything))


def empty_reason(search: VulnerabilityFilters, state: AppState) -> EmptyReason:
    """Return why there are no results."""
    if ids_in(search.search):
        return EmptyReason(
            "magnify-close",
            translate("vulnerabilities", "Not in the database"),
            translate("vulnerabilities", "It may be newer than the last update, or a filter leaves it out."),
            translate("vulnerabilities", "Clear all filters"),
        )
    if facets_of(search):
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
