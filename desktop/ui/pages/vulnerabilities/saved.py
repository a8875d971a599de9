"""Saved searches: the menu that applies, saves, renames, watches and deletes them, and the field for their names.

The menu also has the suggestions, which are searches of the program itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QWidget

from backend.contract.searches import MAX_SAVED, MAX_SAVED_NAME, SavedSearch, SavedSearches, VulnerabilityFilters
from backend.contract.wire import utc_now
from desktop.ui.formatting import one_line
from desktop.ui.page_context import PageContext
from desktop.ui.pages.vulnerabilities.search import NOTHING
from desktop.ui.suggestions import Suggestion, suggestion_filters, suggestion_title
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space

Change = Callable[[SavedSearches], SavedSearches]
_NAME = 40


class NameForm(QWidget):
    """Asks for a name above the list; hidden until it is opened."""

    named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._taken: Sequence[str] = ()
        self.field, self._why = QLineEdit(), QLabel()
        self.save, self.cancel = QPushButton(self.tr("Save")), QPushButton(self.tr("Cancel"))
        self.field.setMaxLength(MAX_SAVED_NAME)
        self.field.setAccessibleName(self.tr("Name of the search"))
        self.field.setPlaceholderText(self.tr("Name of the search"))
        self.field.textChanged.connect(self._check)
        self.field.returnPressed.connect(self._save)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.hide)
        escape = QShortcut(QKeySequence("Esc"), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.field, 1)
        for part in (self._why, self.save, self.cancel):
            row.addWidget(part)
        self.hide()

    def open(self, name: str, taken: Sequence[str]) -> None:
        """Ask for a name. name: the present one. taken: those of other searches."""
        self._taken = [other.casefold() for other in taken]
        self.field.setText(name)
        self._check(name)
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def _check(self, text: str) -> None:
        is_taken = text.strip().casefold() in self._taken
        self._why.setText(self.tr("Another search has this name.") if is_taken else "")
        self.save.setEnabled(bool(text.strip()) and not is_taken)

    def _save(self) -> None:
        if self.save.isEnabled():
            self.hide()
            self.named.emit(self.field.text().strip())


class SavedSearchKeeper(QObject):
    """Changes the saved searches by the API; each change can be taken back."""

    done = Signal(str, object)
    """What was done, as a sentence, and a function that takes it back; None: nothing can be taken back."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context

    @property
    def searches(self) -> tuple[SavedSearch, ...]:
        snapshot = self._context.state.snapshot
        return snapshot.searches if snapshot else ()

    def of(self, name: str) -> SavedSearch | None:
        return next((search for search in self.searches if search.name == name), None)

    def add(self, search: SavedSearch) -> None:
        pattern = self.tr("“{0}” is saved and watched.") if search.is_watched else self.tr("“{0}” is saved.")
        message = pattern.format(one_line(search.name, _NAME))
        self._change(lambda found: _with(found, search, search.name), message, lambda: self._drop(search.name))

    def replace(self, before: SavedSearch, after: SavedSearch) -> None:
        """Give a search another name, other filters, or another watch."""
        message = self.tr("“{0}” is changed.").format(one_line(after.name, _NAME))
        if after.is_watched is not before.is_watched:
            pattern = self.tr("“{0}” is watched.") if after.is_watched else self.tr("“{0}” is no longer watched.")
            message = pattern.format(one_line(after.name, _NAME))
        self._change(
            lambda found: _with(found, after, before.name),
            message,
            lambda: self._change(lambda found: _with(found, before, after.name), self.tr("Taken back."), None),
        )

    def delete(self, search: SavedSearch) -> None:
        message = self.tr("“{0}” is deleted.").format(one_line(search.name, _NAME))
        place = self.searches.index(search)
        self._change(lambda found: _without(found, search.name), message, lambda: self._put_back(search, place))

    def _drop(self, name: str) -> None:
        self._change(lambda found: _without(found, name), self.tr("Taken back."), None)

    def _put_back(self, search: SavedSearch, place: int) -> None:
        def change(found: SavedSearches) -> SavedSearches:
            others = _without(found, search.name).items
            return SavedSearches(items=(*others[:place], search, *others[place:]))

        self._change(change, self.tr("Taken back."), None)

    def _change(self, change: Change, message: str, take_back: Callable[[], None] | None) -> None:
        self._context.ask(
            lambda client: client.change_searches(change),
            lambda _: self.done.emit(message, take_back),
            self.failed.emit,
            owner=self,
        )


class SavedSearchButton(QPushButton):
    """The menu of the saved searches and of what can be done with the one that is shown."""

    applied = Signal(object)
    """A SavedSearch."""
    suggested = Signal(object)
    """The VulnerabilityFilters of a suggestion."""
    saved = Signal(object)
    """The SavedSearch whose filters or name were saved."""
    deleted = Signal()
    """The search that the list shows was deleted."""

    def __init__(self, keeper: SavedSearchKeeper, form: NameForm) -> None:
        super().__init__()
        self._keeper, self._form = keeper, form
        self._current, self._filters, self._renamed = "", NOTHING, ""
        self._watches = False  # what is saved next
        self.setText(self.tr("Saved"))
        self.setIcon(icon("bookmark-outline"))
        self.setToolTip(self.tr("Saved searches"))
        self.setAccessibleName(self.tr("Saved searches"))
        menu = QMenu(self)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self.setMenu(menu)
        form.named.connect(self._named)

    def show_current(self, name: str, filters: VulnerabilityFilters) -> None:
        """Say what the list shows. name: of the saved search that it began with; empty: of none."""
        self._current, self._filters = name, filters

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        for search in self._keeper.searches:
            action = menu.addAction(one_line(search.name, _NAME).replace("&", "&&"))
            action.setIcon(icon("eye-outline" if search.is_watched else "bookmark-outline"))
            action.triggered.connect(lambda _=False, search=search: self.applied.emit(search))
        menu.addSeparator()
        self._fill_suggestions(menu)
        menu.addSeparator()
        has_room = len(self._keeper.searches) < MAX_SAVED
        _add(menu, "bookmark-plus-outline", self.tr("Save this search…"), self._ask_name).setEnabled(
            has_room and self._filters != NOTHING
        )
        _add(
            menu, "eye-plus-outline", self.tr("Save and watch this search…"), lambda: self._ask_name(watches=True)
        ).setEnabled(has_room and SavedSearch(name="?", filters=self._filters).can_be_watched)
        if (current := self._keeper.of(self._current)) is not None:
            self._fill_current(menu, current)

    def _fill_suggestions(self, menu: QMenu) -> None:
        for suggestion in Suggestion:
            _add(menu, "lightbulb-outline", suggestion_title(suggestion), partial(self._suggest, suggestion))

    def _suggest(self, suggestion: Suggestion) -> None:
        self.suggested.emit(suggestion_filters(suggestion, utc_now().date()))

    def _fill_current(self, menu: QMenu, current: SavedSearch) -> None:
        name = one_line(current.name, _NAME).replace("&", "&&")
        menu.addSeparator()
        changed = current.model_copy(update={"filters": self._filters})
        _add(
            menu, "content-save-outline", self.tr("Save changes to “{0}”").format(name), lambda: self._store(changed)
        ).setEnabled(current.filters != self._filters and (changed.can_be_watched or not changed.is_watched))
        _add(menu, "pencil-outline", self.tr("Rename “{0}”…").format(name), lambda: self._ask_new_name(current))
        watch = _add(menu, "eye-outline", self.tr("Watch “{0}”").format(name), lambda: self._toggle_watch(current))
        watch.setCheckable(True)
        watch.setChecked(current.is_watched)
        watch.setEnabled(current.can_be_watched)
        _add(menu, "delete-outline", self.tr("Delete “{0}”").format(name), lambda: self._delete(current))

    def _ask_name(self, *, watches: bool = False) -> None:
        self._renamed, self._watches = "", watches
        self._form.open("", [search.name for search in self._keeper.searches])

    def _ask_new_name(self, current: SavedSearch) -> None:
        self._renamed = current.name
        self._form.open(current.name, [other.name for other in self._keeper.searches if other is not current])

    def _named(self, name: str) -> None:
        before = self._keeper.of(self._renamed)
        if before is None:
            search = SavedSearch(name=name, filters=self._filters, is_watched=self._watches)
            self._keeper.add(search)
        else:
            search = before.model_copy(update={"name": name})
            self._keeper.replace(before, search)
        self.saved.emit(search)

    def _store(self, changed: SavedSearch) -> None:
        if (before := self._keeper.of(changed.name)) is not None:
            self._keeper.replace(before, changed)
            self.saved.emit(changed)

    def _delete(self, current: SavedSearch) -> None:
        self._keeper.delete(current)
        self.deleted.emit()

    def _toggle_watch(self, current: SavedSearch) -> None:
        self._keeper.replace(current, current.model_copy(update={"is_watched": not current.is_watched}))


def _add(menu: QMenu, icon_name: str, text: str, act: Callable[[], None]) -> QAction:
    action = menu.addAction(icon(icon_name), text)
    action.triggered.connect(lambda _=False: act())
    return action


def _without(found: SavedSearches, name: str) -> SavedSearches:
    return SavedSearches(items=tuple(search for search in found.items if search.name != name))


def _with(found: SavedSearches, wanted: SavedSearch, name: str) -> SavedSearches:
    """Put a search in the place of the one with a name; last where there is none."""
    names = [search.name for search in found.items]
    place = names.index(name) if name in names else len(names)
    return SavedSearches(items=(*found.items[:place], wanted, *found.items[place + 1 :]))
