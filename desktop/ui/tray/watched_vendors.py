"""Moves the vendors that an earlier version kept in settings.toml to the watchlist, which is in the database."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from backend.contract.exposure import Watched, Watchlist
from backend.contract.problems import Problem
from desktop.problems.problems import known_data
from desktop.state.app_state import AppState
from desktop.ui.page_context import PageContext


def with_vendors(present: Watchlist, vendors: tuple[str, ...]) -> Watchlist:
    """Return the watchlist with these vendors too, each once."""
    wanted = (Watched(vendor=vendor) for vendor in vendors)
    return Watchlist(items=tuple(dict.fromkeys((*present.items, *wanted))))


class WatchedVendorsMove(QObject):
    """Adds them once the API answers, and only then empties the setting: whenever it ends, nothing is lost or doubled.

    What fails is tried again at the next start. failed: receives the reason.
    """

    def __init__(self, context: PageContext, failed: Callable[[Problem], None], parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._failed, self._begun = context, failed, False
        context.changed.connect(self._follow)

    def _follow(self, state: AppState) -> None:
        vendors = state.settings.watched_vendors
        if self._begun or not vendors or known_data(state) is None:
            return
        self._begun = True
        self._context.ask(
            lambda client: client.change_watchlist(lambda present: with_vendors(present, vendors)),
            lambda _: self._empty_setting(),
            self._failed,
            owner=self,
        )

    def _empty_setting(self) -> None:
        settings = self._context.state.settings.model_copy(update={"watched_vendors": ()})
        self._context.work(
            lambda: self._context.actions.save_settings(settings), lambda _: None, self._failed, owner=self
        )
