"""People who use the real window, one by mouse and one by keyboard alone; they see only what is on the screen."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QTabBar,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.badge import Badge
from tests.ui.accessible_tree import interface_of

_WAIT_MS = 60_000
_MOST_STEPS = 150
_CONTROL = Qt.KeyboardModifier.ControlModifier
_NO_MODIFIER = Qt.KeyboardModifier.NoModifier


def name_of(widget: QWidget) -> str:
    """Return what a screen reader calls a widget. On Linux, Qt gives the entry of a drop-down list for its name."""
    if isinstance(widget, QComboBox) and widget.accessibleName():
        return widget.accessibleName()
    return interface_of(widget).text(QAccessible.Text.Name).strip()


def on_screen() -> Iterator[QWidget]:
    """Yield the widgets of which a part is visible, in windows that are open."""
    for window in QApplication.topLevelWidgets():
        if window.isVisible():
            yield window
            yield from (w for w in window.findChildren(QWidget) if w.isVisible() and not w.visibleRegion().isEmpty())


def row_text(view: QAbstractItemView, row: int) -> str:
    """Return a row as a screen reader reads it out."""
    model = view.model()
    columns = range(model.columnCount()) if isinstance(view, QTableView) else [0]
    shown = [column for column in columns if not (isinstance(view, QTableView) and view.isColumnHidden(column))]
    return " | ".join(_spoken_text(model.index(row, column)) for column in shown)


def _spoken_text(index: QModelIndex) -> str:
    return str(index.data(Qt.ItemDataRole.AccessibleTextRole) or index.data(Qt.ItemDataRole.DisplayRole) or "")


def visible_rows(view: QAbstractItemView) -> list[str]:
    """Return the rows of a list that are in sight."""
    area, model = view.viewport().rect(), view.model()
    rows = range(model.rowCount()) if model else []
    first = view.indexAt(QPoint(1, 1)).row()
    in_sight: list[str] = []
    for row in rows[max(first, 0) :]:
        if view.visualRect(model.index(row, 0)).top() > area.bottom():
            break
        in_sight.append(row_text(view, row))
    return in_sight


def texts() -> list[str]:
    """Return all texts on the screen."""
    found: list[str] = []
    for widget in on_screen():
        if widget.isWindow():
            found.append(widget.windowTitle())
        if isinstance(widget, QAbstractItemView):
            found += visible_rows(widget)
        elif isinstance(widget, QTabBar):
            found += [widget.tabText(place) for place in range(widget.count())]
        elif isinstance(widget, QLabel | Badge | QAbstractButton | QComboBox | QLineEdit):
            found += [name_of(widget), interface_of(widget).text(QAccessible.Text.Value)]
    return found


class Person(ABC):
    """Types, and sees what is on the screen; the subclasses reach controls by mouse or by keyboard.

    Attributes:
        acts: Clicks, or presses of keys that are no text. Typing, with the Enter that ends it, counts as none.
    """

    def __init__(self, window: QWidget, qtbot: QtBot) -> None:
        self._window, self._qtbot = window, qtbot
        self.acts = 0

    # ---- what both do alike

    def type(self, text: str, *, enter: bool = False, instead: bool = False) -> None:
        """Type into the field that has the focus, which a screen reader can name. instead: of what is in it."""
        self._wait(lambda: isinstance(_target(self._window), QLineEdit), "the focus is where text can be typed")
        field = _target(self._window)
        assert name_of(field)
        if instead:
            QTest.keyClick(field, Qt.Key.Key_A, _CONTROL)
        QTest.keyClicks(field, text)
        if enter:
            self.enter()

    def paste(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        QTest.keyClick(_target(self._window), Qt.Key.Key_V, _CONTROL)

    def enter(self) -> None:
        """End what was typed."""
        QTest.keyClick(_target(self._window), Qt.Key.Key_Return)

    def sees(self, *words: str) -> None:
        """Wait until each of the texts is somewhere on the screen."""

        def missing() -> list[str]:
            shown = texts()
            return [word for word in words if not any(word in text for text in shown)]

        def check() -> None:
            assert missing() == [], f"not among {sorted(set(filter(None, texts())))}"

        self._qtbot.waitUntil(check, timeout=_WAIT_MS)

    def rows(self, name: str) -> list[str]:
        """Return the rows of a list that are in sight."""
        return visible_rows(self._view(name))

    def finds(self, name: str, words: str) -> None:
        """Wait until a row of a list has these words, perhaps below those that are in sight."""
        self._row(name, words)

    def go_to(self, words: str, title: str, *, pasted: bool = False) -> None:
        """Open the command palette, enter words, and carry out what it lists first."""
        self._open_palette()
        self.paste(words) if pasted else self.type(words)
        self._wait(lambda: any(title in row for row in self.rows("Commands")[:1]), f"{title} is first")
        self.enter()
        self._settle()

    # ---- what each does in his own way

    @abstractmethod
    def press(self, name: str) -> None:
        """Press a button, or enter a field."""

    @abstractmethod
    def choose(self, button: str, entry: str) -> None:
        """Choose an entry of the menu of a button."""

    @abstractmethod
    def select(self, box: str, entry: str) -> None:
        """Select an entry of a drop-down list."""

    @abstractmethod
    def pick(self, view: str, words: str) -> None:
        """Go to the row of a list that has these words."""

    @abstractmethod
    def open_tab(self, title: str) -> None: ...

    @abstractmethod
    def section(self, title: str) -> None:
        """Open an entry of the navigation."""

    @abstractmethod
    def leave(self) -> None:
        """Close what has opened over the window."""

    @abstractmethod
    def _open_palette(self) -> None: ...

    # ---- finding

    def _control(self, name: str) -> QWidget:
        """Wait for the control with this name, or with this name and more about it after a full stop."""

        def found() -> QWidget | None:
            controls = (w for w in on_screen() if isinstance(w, QAbstractButton | QComboBox | QLineEdit))
            return next((w for w in controls if w.isEnabled() and _is_called(name_of(w), name)), None)

        self._wait(lambda: found() is not None, f"a control is called {name!r}")
        control = found()
        assert control is not None
        return control

    def _view(self, name: str) -> QAbstractItemView:
        def found() -> QAbstractItemView | None:
            views = (w for w in on_screen() if isinstance(w, QAbstractItemView))
            return next((w for w in views if name_of(w) == name), None)

        self._wait(lambda: found() is not None, f"a list is called {name!r}")
        view = found()
        assert view is not None
        return view

    def _row(self, view: str, words: str) -> tuple[QAbstractItemView, int]:
        def found() -> int:
            return next((row for row, text in enumerate(self._all_rows(view)) if words in text), -1)

        self._wait(lambda: found() >= 0, f"a row of {view!r} has {words!r}")
        return self._view(view), found()

    def _all_rows(self, name: str) -> list[str]:
        view = self._view(name)
        return [row_text(view, row) for row in range(view.model().rowCount())]

    def _tabs(self, title: str) -> tuple[QTabBar, int]:
        def found() -> tuple[QTabBar, int] | None:
            bars = (w for w in on_screen() if isinstance(w, QTabBar))
            places = ((bar, place) for bar in bars for place in range(bar.count()))
            return next(((bar, place) for bar, place in places if bar.tabText(place).startswith(title)), None)

        self._wait(lambda: found() is not None, f"a tab is called {title!r}")
        place = found()
        assert place is not None
        return place

    def _menu(self, entry: str) -> tuple[QMenu, int]:
        """Wait for the open menu; return it, with the place of an entry among those that are shown."""

        def titles() -> list[str]:
            menu = QApplication.activePopupWidget()
            return _titles(menu) if isinstance(menu, QMenu) else []

        self._wait(lambda: entry in titles(), f"a menu has {entry!r}")
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        return menu, titles().index(entry)

    def _settle(self) -> None:
        """Let the window be active again: the offscreen platform leaves none active where a popup has closed."""
        self._window.activateWindow()
        self._qtbot.waitUntil(self._window.isActiveWindow, timeout=_WAIT_MS)
        QApplication.processEvents()

    def _wait(self, condition: Callable[[], bool], words: str) -> None:
        def check() -> None:
            assert condition(), f"{words}: there are {[name_of(w) for w in on_screen() if name_of(w)]}"

        self._qtbot.waitUntil(check, timeout=_WAIT_MS)


class Hand(Person):
    """Uses the mouse, and types only text. `acts` are clicks."""

    def press(self, name: str) -> None:
        control = self._control(name)
        self._click(control, control.rect())

    def choose(self, button: str, entry: str) -> None:
        self.press(button)
        menu, place = self._menu(entry)
        self._click(menu, menu.actionGeometry(_entries(menu)[place]))

    def select(self, box: str, entry: str) -> None:
        self.press(box)
        found = self._control(box)
        assert isinstance(found, QComboBox)
        self._qtbot.wait(QApplication.doubleClickInterval() + 50)  # Qt ignores an earlier one
        self._click_row(found.view(), found.findText(entry))

    def pick(self, view: str, words: str) -> None:
        self._click_row(*self._row(view, words))

    def open_tab(self, title: str) -> None:
        bar, place = self._tabs(title)
        self._click(bar, bar.tabRect(place))

    def section(self, title: str) -> None:
        self.pick("Pages", title)

    def leave(self) -> None:
        """A click elsewhere closes what has opened."""
        assert QApplication.activePopupWidget() is not None
        self._close_popups(self._window)
        self.acts += 1

    def _open_palette(self) -> None:
        self.press("Go to…")

    def _click_row(self, view: QAbstractItemView, row: int) -> None:
        place = view.visualRect(view.model().index(row, 0)).intersected(view.viewport().rect())
        assert not place.isEmpty(), f"row {row} of {name_of(view)!r} is not in sight"
        self._click(view.viewport(), place)

    def _click(self, widget: QWidget, area: QRect) -> None:
        """Click in the middle of a part of a widget, which has to be in sight and not below another one."""
        self._close_popups(widget.window())
        place, window = area.center(), widget.window()
        spot = widget.mapTo(window, place)
        hit = window.childAt(spot)
        assert window.rect().contains(spot), f"{name_of(widget)!r} is outside of its window"
        assert hit is None or hit is widget or widget.isAncestorOf(hit), f"{name_of(widget)!r} is below another"
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, _NO_MODIFIER, place)
        self.acts += 1

    @staticmethod
    def _close_popups(window: QWidget) -> None:
        """A click outside of a popup closes it, and then does what it does there."""
        while (popup := QApplication.activePopupWidget()) is not None and popup is not window:
            popup.close()


class Keys(Person):
    """Uses the keyboard alone. `acts` are keys; `announced` is what a screen reader reads out at each focus."""

    def __init__(self, window: QWidget, qtbot: QtBot) -> None:
        super().__init__(window, qtbot)
        self.announced: list[str] = []

    def press(self, name: str) -> None:
        control = self._control(name)
        self._tab_to(lambda focused: focused is control, name)
        if isinstance(control, QAbstractButton):
            self._key(Qt.Key.Key_Space)

    def choose(self, button: str, entry: str) -> None:
        self.press(button)
        menu, place = self._menu(entry)
        wanted = _entries(menu)[place]
        self._repeat(Qt.Key.Key_Down, lambda: menu.activeAction() is wanted, entry)
        self._key(Qt.Key.Key_Return, leads=False)

    def select(self, box: str, entry: str) -> None:
        found = self._control(box)
        assert isinstance(found, QComboBox)
        self._tab_to(lambda focused: focused is found, box)
        self._key(Qt.Key.Key_Home)
        self._repeat(Qt.Key.Key_Down, lambda: found.currentText() == entry, entry)

    def pick(self, view: str, words: str) -> None:
        found, row = self._row(view, words)
        self._tab_to(lambda focused: focused is found, view)
        key = Qt.Key.Key_Up if found.currentIndex().row() > row else Qt.Key.Key_Down
        self._repeat(key, lambda: words in row_text(found, found.currentIndex().row()), words)

    def open_tab(self, title: str) -> None:
        bar, place = self._tabs(title)
        self._tab_to(lambda focused: focused is bar, title)
        self._repeat(Qt.Key.Key_Right, lambda: bar.currentIndex() == place, title)

    def section(self, title: str) -> None:
        """By the shortcut that the entry names."""
        view, row = self._row("Pages", title)
        keys = str(view.model().index(row, 0).data(Qt.ItemDataRole.ToolTipRole))
        digit = keys.removeprefix("Ctrl+")
        self._key(Qt.Key(Qt.Key.Key_0 + int(digit)), _CONTROL)

    def leave(self) -> None:
        while QApplication.activePopupWidget() is not None:
            self._key(Qt.Key.Key_Escape, leads=False)

    def _open_palette(self) -> None:
        self._key(Qt.Key.Key_K, _CONTROL)

    def _tab_to(self, is_there: Callable[[QWidget | None], bool], words: str) -> None:
        self._repeat(Qt.Key.Key_Tab, lambda: is_there(QApplication.focusWidget()), words)

    def _repeat(self, key: Qt.Key, is_done: Callable[[], bool], words: str) -> None:
        for _ in range(_MOST_STEPS):
            if is_done():
                return
            self._key(key)
        raise AssertionError(f"{key.name} does not lead to {words!r}: {self.announced[-_MOST_STEPS:]}")

    def _key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = _NO_MODIFIER, *, leads: bool = True) -> None:
        """Press a key. leads: the focus stays or goes somewhere, which has a name."""
        QTest.keyClick(_target(self._window), key, modifier)
        self.acts += 1
        if leads:
            words = _focus_words(_target(self._window))
            assert words, f"{type(_target(self._window)).__name__} has no name after {self.announced[-3:]}"
            self.announced.append(words)


def _target(window: QWidget) -> QWidget:
    """What a pressed key goes to: a popup that is open takes all keys."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        return popup.focusWidget() or popup
    return QApplication.focusWidget() or window


def _focus_words(widget: QWidget) -> str:
    """Return a screen reader's text for the focus: the name, and the part of a list, menu or tab bar that has it."""
    interface, part = interface_of(widget), None
    if isinstance(widget, QAbstractItemView) and widget.currentIndex().isValid():
        part = interface.child(_child_number(widget, widget.currentIndex()))
    elif isinstance(widget, QTabBar):
        part = interface.child(widget.currentIndex())
    elif isinstance(widget, QMenu) and widget.activeAction() is not None:
        part = interface.child(widget.actions().index(widget.activeAction()))
    elif isinstance(widget, QMenu):
        return "menu"
    name = name_of(widget)
    if part is None or not name:
        return name if part is None else part.text(QAccessible.Text.Name).strip()
    part_name = part.text(QAccessible.Text.Name).strip()
    return f"{name}: {part_name}" if part_name else ""


def _child_number(view: QAbstractItemView, index: QModelIndex) -> int:
    """Return the place of a cell among the accessible children of a view, which also count the heads of a table."""
    if not isinstance(view, QTableView):
        return index.row()
    columns, lines = view.model().columnCount(), view.model().rowCount() + 1
    width = interface_of(view).childCount() // lines
    return (index.row() + 1) * width + index.column() + width - columns


def _entries(menu: QMenu) -> list[QAction]:
    return [action for action in menu.actions() if action.isVisible() and action.isEnabled() and action.text()]


def _titles(menu: QMenu) -> list[str]:
    return [action.text().replace("&&", "&").split("\t")[0] for action in _entries(menu)]


def _is_called(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}.")
