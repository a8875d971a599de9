"""The main window: navigation on the left, the banner of the main problem, the tabs of a section, and one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from backend.contract.problem_catalogue import Weight
from backend.contract.problems import Problem
from desktop.problems.problems import problems
from desktop.state.app_state import AppState
from desktop.ui.page import Page, PageMaker
from desktop.ui.page_context import SAVED_SEARCH, Memory, PageContext, PageName
from desktop.ui.sections import PAGES, Section, page_title, section_of, shown_sections
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.problem_texts import age_words
from desktop.ui.window.command_palette import CommandPalette
from desktop.ui.window.focus_order import focus_place, follow_layout, restore_focus
from desktop.ui.window.geometry import set_scrolling_content
from desktop.ui.window.navigation import Navigation
from desktop.ui.window.section_tabs import SectionTabs

_FIRST_SIZE = QSize(1180, 780)
_MAX_SCREEN_SHARE = 0.92  # leaves room for the window's frame
_PALETTE, _BACK, _FORWARD = "Ctrl+K", "Alt+Left", "Alt+Right"
_MOST_VISITED = 50
_LEAST = QSize(880, 560)  # of the content, which scrolls below it


class _ShrinkingRow(QHBoxLayout):
    """Lets the window shrink its content to `_LEAST` before that scrolls.

    A scroll area takes the height that a content with wrapped text would like to have for the least that it needs.
    """

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return False


class MainWindow(QMainWindow):
    """Creates each page when it is first shown or prepared."""

    shown = Signal(bool)
    """Whether the window is visible; the state is then polled more often."""
    closed = Signal()
    """The user closed the window."""
    made_anew = Signal()
    """All content has been replaced; pages that were not visited are not there yet."""

    def __init__(self, context: PageContext, memory: Memory, makers: Mapping[PageName, PageMaker]) -> None:
        super().__init__()
        self._context, self._memory, self._makers = context, memory, makers
        self._pages: dict[PageName, Page] = {}
        self._visited: list[PageName] = []
        self._place = 0  # of the page that is shown, among the visited ones
        self.setWindowTitle("OpenThreat")
        self._fill()
        context.wanted.connect(self.show_page)
        context.changed.connect(self._state_changed)
        self._restore_geometry()
        for keys, act in (
            (QKeySequence.StandardKey.Find, self._find),
            (QKeySequence.StandardKey.Refresh, self._refresh),
            (_PALETTE, self.open_palette),
            (_BACK, lambda: self._turn_history(-1)),
            (_FORWARD, lambda: self._turn_history(1)),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        self._show_page(self.page_name)

    def show_page(self, page: str, key: str = "") -> None:
        """Show the window with this page, and an item on it."""
        self.turn_to(PageName(page), key)
        self.raise_up()
        if key:
            self.page.focus_item()

    def turn_to(self, page: PageName, key: str = "") -> None:
        """Show a page without raising the window."""
        self._show_page(page)
        if key:
            self._pages[page].open_item(key)

    def prepare(self, page: PageName) -> None:
        """Create a page in advance, so that it is shown without delay."""
        if page not in self._pages:
            made = self._makers[page](self._context, self._memory, page_title(page))
            if len(PAGES[section_of(page)]) > 1:
                made.hide_title()
            made.item_shown.connect(lambda key: self._mark(page, key))
            self._pages[page] = made
            self._stack.addWidget(made)

    def make_anew(self) -> None:
        """Make all content again, in the language that applies now, and show what was shown."""
        active, focus = self.isActiveWindow(), focus_place(self.page)
        former, self._pages = self._pages, {}
        self.unsetLocale()
        self._fill()
        for page in dict.fromkeys(self._visited):
            self.prepare(page)
            self._pages[page].take_over(former[page])
        self._show_page(self.page_name)
        if active:  # records that open again would take its place
            self.activateWindow()
        restore_focus(self.page, focus)
        self.made_anew.emit()

    def raise_up(self) -> None:
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def open_palette(self) -> None:
        CommandPalette(self._context, self, self._enter_page).open_over()

    @property
    def page_name(self) -> PageName:
        """The page that is shown."""
        return self._remembered("window/page", tuple(PageName))

    @property
    def page(self) -> Page:
        return self._pages[self.page_name]

    def has_tray(self, available: bool) -> None:
        """Warn in the status bar where closing the window ends the program, because there is no tray."""
        if available:
            self.statusBar().hide()
        else:
            self.statusBar().showMessage(
                self.tr("This desktop has no system tray. Closing this window quits OpenThreat and stops its updates.")
            )
            self.statusBar().show()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._state_changed(self._context.state)
        self.shown.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.shown.emit(False)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.shown.emit(self.isVisible() and not self.isMinimized())

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        self._memory.save("window/geometry", self.saveGeometry())
        super().closeEvent(event)
        self.closed.emit()

    def focusNextPrevChild(self, next_: bool) -> bool:  # noqa: N802 - Qt's name
        """Follow the layouts as they are now: pages add and remove controls."""
        if (content := self.centralWidget()) is not None:
            follow_layout(content)
        return super().focusNextPrevChild(next_)

    def _show_entry(self, name: str, search: str) -> None:
        """Show the page of a section that was shown last, or one of the saved searches of the vulnerabilities."""
        if search:
            self.turn_to(PageName.VULNERABILITIES, SAVED_SEARCH + search)
        else:
            self._show_page(self._remembered(f"window/{name}", PAGES[Section(name)]))

    def _mark(self, page: PageName, key: str) -> None:
        if page is self.page_name:
            self._navigation.mark(section_of(page), key.removeprefix(SAVED_SEARCH))

    def _remembered(self, key: str, pages: tuple[PageName, ...]) -> PageName:
        """Return the remembered page; the first of `pages` where none of them is remembered."""
        name = self._memory.text(key)
        return PageName(name) if name in pages else pages[0]

    def _show_page(self, name: str) -> None:
        page, section = PageName(name), section_of(PageName(name))
        self._memory.save("window/page", page)
        self._remember_visit(page)
        self._memory.save(f"window/{section}", page)
        self.prepare(page)
        self._mark(page, self._pages[page].shown_item)
        self._tabs.show_page(page)
        self._stack.setCurrentWidget(self._pages[page])
        self._state_changed(self._context.state)

    def _state_changed(self, state: AppState) -> None:
        self._navigation.show_searches(state.snapshot.searches if state.snapshot else ())
        self._navigation.show_sections(shown_sections(state.snapshot.machines if state.snapshot else 0))
        if self.isVisible():
            self._banner.update_problem(first_problem(state, self.page.shows_problem), age_words(state))

    def _find(self) -> None:
        """Go to the page's search field; a page without one is searched by the palette, like all others."""
        if self.page.search_field is None:
            self.open_palette()
        else:
            self.page.search_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.page.search_field.selectAll()

    def _refresh(self) -> None:
        self.page.refresh()

    def _turn_history(self, step: int) -> None:
        """Show the page before or after this one in the order of visits."""
        place = self._place + step
        if 0 <= place < len(self._visited):
            self._place = place
            self._enter_page(self._visited[place])

    def _remember_visit(self, page: PageName) -> None:
        if not self._visited or self._visited[self._place] is not page:
            self._visited = [*self._visited[: self._place + 1], page][-_MOST_VISITED:]
            self._place = len(self._visited) - 1

    def _enter_page(self, name: str) -> None:
        self._show_page(name)
        self.page.take_focus()

    def _restore_geometry(self) -> None:
        self.resize(_FIRST_SIZE.boundedTo(self.screen().availableSize() * _MAX_SCREEN_SHARE))
        geometry = self._memory.state("window/geometry")
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)

    def _fill(self) -> None:
        whole = QWidget()  # its shortcuts go with it
        self._stack, self._banner = QStackedWidget(), MendingBanner(self._context)
        self._navigation, self._tabs = Navigation(whole), SectionTabs(whole)
        self._navigation.chosen.connect(self._show_entry)
        self._navigation.entered.connect(lambda: self.page.take_focus())
        self._tabs.chosen.connect(self._show_page)
        self._lay_out(whole)

    def _lay_out(self, whole: QWidget) -> None:
        content = QVBoxLayout()
        content.setSpacing(0)
        banner = QHBoxLayout()
        banner.setContentsMargins(Space.XL, 0, Space.XL, 0)
        banner.addWidget(self._banner)
        content.addLayout(banner)
        content.addWidget(self._tabs)
        content.addWidget(self._stack, 1)
        row = _ShrinkingRow(whole)
        row.setContentsMargins(0, Space.S, 0, 0)
        row.setSpacing(0)
        row.addLayout(self._navigation_column())
        row.addLayout(content, 1)
        set_scrolling_content(self, whole, _LEAST)

    def _navigation_column(self) -> QVBoxLayout:
        """The navigation below the button that opens the palette."""
        button = QPushButton(icon("magnify"), self.tr("Go to…"))
        button.setToolTip(self.tr("Search or go to ({0})").format(_PALETTE))
        button.clicked.connect(self.open_palette)
        above = QHBoxLayout()
        above.setContentsMargins(Space.S, 0, Space.S, Space.S)
        above.addWidget(button)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addLayout(above)
        column.addWidget(self._navigation, 1)
        return column


def first_problem(state: AppState, shown: Callable[[Problem], bool]) -> Problem | None:
    """Return the heaviest problem that the page does not show itself.

    The banner above every page leaves out what is only good to know, unless a service is waiting for something.

    Args:
        state: what is known.
        shown: whether the page shows a problem.
    """
    found = problems(state)
    return next(
        (problem for problem in found if (problem.weight > Weight.INFO or problem.service) and not shown(problem)), None
    )
