"""The first line, and what is said where there are no rows."""

from __future__ import annotations

from dataclasses import dataclass

from backend.contract.tasks import share_of
from desktop.state.app_state import AppState
from desktop.ui.formatting import number, one_line, percent, translate
from desktop.ui.pages.vulnerabilities.rows import ListPage
from desktop.ui.pages.vulnerabilities.search import Search


@dataclass(frozen=True)
class Emptiness:
    """action: what its button says."""

    icon: str
    title: str
    sentence: str = ""
    action: str = ""


def headline(search: Search, found: ListPage) -> str:
    if found.capped:
        return translate("vulnerabilities", "More than {0} matching vulnerabilities").format(number(found.total))
    if search.facets:
        return translate("vulnerabilities", "%Ln matching vulnerabilit(y|ies)", "", found.total)
    return translate("vulnerabilities", "%Ln vulnerabilit(y|ies), including rejected ones", "", found.total)


def emptiness(search: Search, state: AppState) -> Emptiness:
    """Why nothing was found."""
    if search.facets:
        return Emptiness(
            "magnify-close",
            translate("vulnerabilities", "No matching vulnerabilities"),
            translate("vulnerabilities", "No vulnerability matches all filters."),
            translate("vulnerabilities", "Clear all filters"),
        )
    if state.update is None:
        return Emptiness(
            "database-off-outline",
            translate("vulnerabilities", "No vulnerabilities yet"),
            translate("vulnerabilities", "The first update adds them."),
        )
    progress = state.update.progress
    share = share_of(progress)
    said = one_line(progress.message or progress.phase)
    words = said if share is None else translate("vulnerabilities", "{0}: {1}").format(said, percent(share))
    sentence = translate("vulnerabilities", "The vulnerabilities appear here when all sources have been read.")
    return Emptiness(
        "database-sync-outline",
        translate("vulnerabilities", "The first update is running"),
        f"{words}\n{sentence}" if said else sentence,
    )


def asking() -> Emptiness:
    return Emptiness("database-search-outline", translate("vulnerabilities", "Loading the vulnerabilities…"))


def unanswered() -> Emptiness:
    return Emptiness(
        "cloud-off-outline",
        translate("vulnerabilities", "The vulnerabilities could not be loaded"),
        translate("vulnerabilities", "Trying again every few seconds."),
    )
