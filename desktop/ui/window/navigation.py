"""The list of sections, chosen by mouse, arrow keys, or Ctrl and a digit; saved searches below theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from backend.contract.searches import SavedSearch
from desktop.ui.formatting import one_line, tip
from desktop.ui.sections import Section, section_title, shown_sections
from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.icons import paint_glyph
from desktop.ui.theme.tokens import Radius, Space

_ICON_ROLE, _INDENTED_ROLE = int(Qt.ItemDataRole.UserRole), int(Qt.ItemDataRole.UserRole) + 1
_BY_KEY = (*(section for section in Section if section is not Section.PCS), Section.PCS)
"""In the order of Ctrl and a digit: the keys of the others stay when a second PC appears."""
_SAVED, _WATCHED = "bookmark-outline", "eye-outline"
_GLYPH = 1.15  # of the text's height
_AFTER_TITLE = 3 * Space.L


_ICONS = {
    Section.INBOX: "inbox-outline",
    Section.THIS_PC: "monitor",
    Section.VULNERABILITIES: "shield-bug-outline",
    Section.PCS: "monitor-multiple",
    Section.SYSTEM: "server",
    Section.SETTINGS: "cog-outline",
}


@dataclass(frozen=True)
class Entry:
    """A row of the list. search: the name of a saved search; empty: the section itself."""

    section: Section
    search: str = ""
    icon: str = field(default="", compare=False)


class Navigation(QListWidget):
    chosen = Signal(str, str)
    """A Section, and the name of a saved search of it or an empty string."""
    entered = Signal()
    """A section was chosen by its key, also the one that is shown: its page gets the focus."""

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self._entries: list[Entry] = []
        self.setAccessibleName(self.tr("Pages"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_EntryDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        for section in Section:
            number = _BY_KEY.index(section) + 1
            hint = self.tr("Ctrl+{0}").format(number)
            self._insert(len(self._entries), Entry(section, icon=_ICONS[section]), section_title(section), hint)
            shortcut = QShortcut(f"Ctrl+{number}", window)
            shortcut.activated.connect(lambda section=section: self._enter(section))
        self.setFixedWidth(self.sizeHintForColumn(0))
        self.show_sections(shown_sections(machines=0))
        self.currentRowChanged.connect(self._row_changed)

    def choose(self, section: Section) -> None:
        self.setCurrentRow(self._entries.index(Entry(section)))

    def show_sections(self, shown: Sequence[Section]) -> None:
        """List these sections only. The others can still be reached by their keys."""
        for row, entry in enumerate(self._entries):
            if not entry.search:
                self.setRowHidden(row, entry.section not in shown)

    def _enter(self, section: Section) -> None:
        self.choose(section)
        self.entered.emit()

    def mark(self, section: Section, search: str = "") -> None:
        """Mark the section of the page that is shown, or its saved search; `chosen` is not emitted."""
        entry = Entry(section, search)
        blocked = self.blockSignals(True)
        self.setCurrentRow(self._entries.index(entry if entry in self._entries else Entry(section)))
        self.blockSignals(blocked)

    def show_searches(self, searches: Sequence[SavedSearch]) -> None:
        """List the saved searches below their section. The marked entry stays marked."""
        wanted = [
            Entry(Section.VULNERABILITIES, search.name, _WATCHED if search.is_watched else _SAVED)
            for search in searches
        ]
        known = [entry for entry in self._entries if entry.search]
        if wanted == known and [entry.icon for entry in wanted] == [entry.icon for entry in known]:
            return
        marked = self._entries[self.currentRow()]
        blocked = self.blockSignals(True)
        for row in reversed([row for row, entry in enumerate(self._entries) if entry.search]):
            self.takeItem(row)
            del self._entries[row]
        below = self._entries.index(Entry(Section.VULNERABILITIES)) + 1
        for row, entry in enumerate(wanted, start=below):
            self._insert(row, entry, one_line(entry.search), tip(one_line(entry.search)))
        self.blockSignals(blocked)
        self.mark(marked.section, marked.search)

    def _insert(self, row: int, entry: Entry, text: str, hint: str) -> None:
        item = QListWidgetItem(text)
        item.setData(_ICON_ROLE, entry.icon)
        item.setData(_INDENTED_ROLE, bool(entry.search))
        item.setToolTip(hint)
        self.insertItem(row, item)
        self._entries.insert(row, entry)

    def _row_changed(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(self._entries[row].section, self._entries[row].search)


class _EntryDelegate(QStyledItemDelegate):
    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        metrics = option.fontMetrics
        height = metrics.height() + Space.L + Space.XS
        if index.data(_INDENTED_ROLE):  # names do not widen the list
            return QSize(0, height - Space.S)
        title = metrics.horizontalAdvance(index.data(Qt.ItemDataRole.DisplayRole))
        width = 2 * (Space.S + Space.M) + round(metrics.height() * _GLYPH) + title + _AFTER_TITLE
        return QSize(width, height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = colours_of(option.palette)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        under_mouse = bool(option.state & QStyle.StateFlag.State_MouseOver)
        area = option.rect.adjusted(Space.S, 2, -Space.S, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected or under_mouse:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent if selected else colours.hover))
            painter.drawRoundedRect(QRectF(area), Radius.CARD, Radius.CARD)
        ink = QColor(colours.on_accent if selected else colours.text)
        glyph = round(option.fontMetrics.height() * _GLYPH)
        indent = Space.M + (Space.L if index.data(_INDENTED_ROLE) else 0)
        glyph_area = QRect(area.left() + indent, area.center().y() - glyph // 2 + 1, glyph, glyph)
        paint_glyph(painter, glyph_area, index.data(_ICON_ROLE), ink)
        painter.setPen(ink)
        painter.setFont(option.font)
        title_area = area.adjusted(glyph_area.right() - area.left() + Space.M, 0, -Space.S, 0)
        title = index.data(Qt.ItemDataRole.DisplayRole)
        words = option.fontMetrics.elidedText(title, Qt.TextElideMode.ElideRight, title_area.width())
        painter.drawText(title_area, Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()
