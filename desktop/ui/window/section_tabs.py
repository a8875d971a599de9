"""The tabs of a section that has several pages."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTabBar, QWidget

from desktop.ui.page_context import PageName
from desktop.ui.sections import PAGES, Section, page_title, section_of, section_title
from desktop.ui.theme.apply import sized
from desktop.ui.theme.tokens import Size, Space

_NEXT, _PREVIOUS = "Ctrl+Tab", "Ctrl+Shift+Tab"


class SectionTabs(QWidget):
    """Title and tabs of a section with several pages; hidden for the others.

    Ctrl+Tab and Ctrl+Shift+Tab turn to the next and the previous tab, wherever the focus is; the arrow keys do so
    while the tab bar has it.
    """

    chosen = Signal(str)
    """A PageName."""

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self._section: Section | None = None
        self._title, self.bar = QLabel(), QTabBar()
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        self.bar.currentChanged.connect(self._tab_changed)
        for key, step in ((_NEXT, 1), (_PREVIOUS, -1)):
            QShortcut(QKeySequence(key), window).activated.connect(lambda step=step: self._turn(step))
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.XL, Space.L, Space.XL, 0)
        row.setSpacing(Space.XL)
        row.addWidget(self._title)
        row.addWidget(self.bar, 1)
        self._size_title()
        self.hide()

    def show_page(self, page: PageName) -> None:
        """Show the tabs of the page's section, with the page as the current one."""
        section = section_of(page)
        pages = PAGES[section]
        self.bar.blockSignals(True)
        if section is not self._section:
            self._section = section
            self._fill(section, pages)
        self.bar.setCurrentIndex(pages.index(page))
        self.bar.blockSignals(False)
        self.setVisible(len(pages) > 1)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._size_title()

    def _fill(self, section: Section, pages: tuple[PageName, ...]) -> None:
        while self.bar.count():
            self.bar.removeTab(0)
        for page in pages:
            self.bar.addTab(page_title(page))
        self._title.setText(section_title(section))
        self.bar.setAccessibleName(section_title(section))

    def _turn(self, step: int) -> None:
        self.bar.setCurrentIndex((self.bar.currentIndex() + step) % self.bar.count())

    def _tab_changed(self, index: int) -> None:
        if self._section is not None and index >= 0:
            self.chosen.emit(PAGES[self._section][index])

    def _size_title(self) -> None:
        self._title.setFont(sized(self.font(), Size.TITLE, bold=True))
