"""Watchlist: the vendors, products and versions that concern without being installed on this PC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QSplitter, QStackedLayout, QVBoxLayout, QWidget

from backend.contract.exposure import MAX_WATCHED, Watched, Watchlist, WatchlistHistory
from backend.contract.inventory import ProductName
from backend.contract.problems import Problem
from backend.contract.watching import WatchedPreview
from desktop.state.app_state import AppState
from desktop.ui.formatting import tip
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.watchlist.editor import WatchedEditor
from desktop.ui.pages.watchlist.entries import WatchedTable
from desktop.ui.pages.watchlist.preview_pane import PreviewPane
from desktop.ui.pages.watchlist.words import change_lines, headline, last_change, watched_words
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import EmptyState
from desktop.ui.widgets.text import Muted
from desktop.ui.widgets.undo_bar import UndoBar

_RETRY_MS = 4_000
Change = Callable[[Watchlist], Watchlist]


class WatchlistPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._items: tuple[Watched, ...] | None = None
        self._is_failed = False  # the API refused the last request
        self._previews: dict[Watched, WatchedPreview] = {}
        self._updated: datetime | None = None
        self.editor, self.table, self.pane = WatchedEditor(context), WatchedTable(memory), PreviewPane()
        self.search_field = self.editor.vendor
        self.banner, self.undo, self.empty = MendingBanner(context), UndoBar(), EmptyState()
        self._changed = Muted()
        self._changed.setVisible(False)
        self.edit = self._action("pencil-outline", self.tr("Edit"), self.tr("Edit (F2)"), "F2", self._edit)
        self.remove = self._action("delete-outline", self.tr("Remove"), self.tr("Remove (Del)"), "Del", self._remove)
        self.table.set_row_actions([self.edit, self.remove])
        self._again = QTimer(self, interval=_RETRY_MS, singleShot=True)
        self._connect()
        self._lay_out_page()
        self._show_items()

    def show_state(self, state: AppState) -> None:
        updated = state.snapshot.stats.last_update if state.snapshot and state.snapshot.stats else None
        if updated != self._updated:
            self._updated = updated
            self._previews = {}
            self.refresh()
        if state.api_unavailable:
            self.banner.update_problem(None)

    def refresh(self) -> None:
        self.context.ask(lambda client: client.watchlist(), self._take, self._failed, owner=self)

    def main_control(self) -> QWidget | None:
        """Of an empty list, the form that fills it."""
        if self._items is None:
            return None
        return self.table if self._items else self.editor.vendor

    def open_item(self, key: str) -> None:
        """Prepare a new entry. key: the vendor."""
        self.editor.use(key, "")
        self.editor.product.setFocus()

    # ---- what the API answers

    def _take(self, found: Watchlist) -> None:
        self._items, self._is_failed = found.items, False
        self.banner.update_problem(None)
        self._show_items()
        self.context.ask(lambda client: client.watchlist_history(), self._show_history, self._failed, owner=self)
        for item in found.items:
            if item not in self._previews:
                self._look_up(item)

    def _show_history(self, found: WatchlistHistory) -> None:
        self._changed.setText(last_change(found))
        self._changed.setToolTip(tip("\n".join(change_lines(found))))
        self._changed.setVisible(bool(found.items))

    def _look_up(self, item: Watched) -> None:
        self.context.ask(
            lambda client: client.watch_preview(item),
            lambda found: self._looked_up(item, found),
            self._failed,
            owner=self,
        )

    def _looked_up(self, item: Watched, found: WatchedPreview) -> None:
        self._previews[item] = found
        self._show_items()

    def _failed(self, problem: Problem) -> None:
        self._is_failed = not self.context.state.api_unavailable
        self.banner.update_problem(problem if self._is_failed else None)
        if self._items is None:
            self._show_items()
        self._again.start()

    def _show_items(self) -> None:
        items = self._items
        if items is None and self._is_failed:
            title, sentence = self.tr("The watchlist could not be loaded"), self.tr("It is tried again by itself.")
            self.empty.show_message("alert", title, sentence)
        elif items is None:
            self.empty.show_message("eye-outline", self.tr("Loading the watchlist…"))
        else:
            self.empty.show_message(
                "eye-plus-outline",
                self.tr("Nothing is watched yet"),
                self.tr("Add the vendors and products that concern you but are not on this PC: servers, appliances."),
            )
            self.say(headline(items, self._previews))
        self._stack.setCurrentIndex(1 if items else 0)
        self.table.show_items(items or (), self._previews)
        self.offer_focus()

    # ---- what the user does

    def _save(self, entry: Watched, before: Watched | None) -> None:
        def change(found: Watchlist) -> Watchlist:
            kept = [entry if item == before else item for item in found.items if item != entry]
            return Watchlist(items=tuple(kept if entry in kept else [*kept, entry][-MAX_WATCHED:]))

        message = self.tr("“{0}” is watched.").format(watched_words(entry))
        self._change(change, message, lambda: self._replace(entry, before))

    def _edit(self) -> None:
        if (item := self.table.current_item) is not None:
            self.editor.edit(item)

    def _remove(self) -> None:
        if (item := self.table.current_item) is not None:
            place = self.table.currentIndex().row()
            message = self.tr("“{0}” is no longer watched.").format(watched_words(item))
            self._change(lambda found: _without(found, item), message, lambda: self._put_back(item, place))

    def _use_name(self, item: Watched, name: ProductName) -> None:
        self._save(item.model_copy(update={"vendor": name.vendor, "product": name.product}), item)

    def _replace(self, entry: Watched, before: Watched | None) -> None:
        """Take back what was added or changed."""

        def change(found: Watchlist) -> Watchlist:
            if before is None:
                return _without(found, entry)
            return Watchlist(items=tuple(before if item == entry else item for item in found.items))

        self._change(change, self.tr("Taken back."), None)

    def _put_back(self, item: Watched, place: int) -> None:
        def change(found: Watchlist) -> Watchlist:
            others = _without(found, item).items
            return Watchlist(items=(*others[:place], item, *others[place:]))

        self._change(change, self.tr("Taken back."), None)

    def _change(self, change: Change, message: str, take_back: Callable[[], None] | None) -> None:
        def done(found: Watchlist) -> None:
            self.undo.show_done(message, take_back)
            self._take(found)

        self.context.ask(lambda client: client.change_watchlist(change), done, self._failed, owner=self)

    def _show_preview(self, item: Watched | None) -> None:
        self.pane.show_preview(item, self._previews.get(item) if item else None)
        for action in (self.edit, self.remove):
            action.setEnabled(item is not None)

    def _action(self, icon_name: str, text: str, hint: str, key: str, act: Callable[[], None]) -> QAction:
        action = QAction(icon(icon_name), text, self.table)
        action.setToolTip(hint)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(act)
        self.table.addAction(action)
        return action

    def _connect(self) -> None:
        self.editor.saved.connect(self._save)
        self.editor.failed.connect(self._failed)
        self.table.chosen_item.connect(self._show_preview)
        self.table.opened.connect(self._edit)
        self.pane.opened.connect(lambda cve_id: self.context.open(PageName.VULNERABILITIES, cve_id))
        self.pane.name_wanted.connect(self._use_name)
        self._again.timeout.connect(lambda: self.refresh() if self.isVisible() else None)

    def _lay_out_page(self) -> None:
        self.body.setSpacing(Space.S)
        for action in (self.edit, self.remove):
            button = self.add_action(action.text())
            button.setIcon(action.icon())
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            action.enabledChanged.connect(button.setEnabled)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(Space.M)
        split.addWidget(self.table)
        split.addWidget(self.pane)
        split.setSizes([10_000, 10_000])
        full = QWidget()
        self._stack = QStackedLayout(full)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(split)
        column = QVBoxLayout()
        for part in (self.banner, self.undo, self.editor):
            column.addWidget(part)
        column.addWidget(full, 1)
        column.addWidget(self._changed)
        self.body.addLayout(column)


def _without(found: Watchlist, item: Watched) -> Watchlist:
    return Watchlist(items=tuple(other for other in found.items if other != item))
