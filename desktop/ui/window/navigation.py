"""The list of sections: icon and title, chosen by mouse, arrow keys, or Ctrl and a digit."""

from __future__ import annotations

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

from desktop.ui.sections import Section, section_title
from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.icons import paint_glyph
from desktop.ui.theme.tokens import Radius, Space

_ICON_ROLE = int(Qt.ItemDataRole.UserRole)
_GLYPH = 1.15  # of the text's height
_AFTER_TITLE = 3 * Space.L


_ICONS = {
    Section.INBOX: "inbox-outline",
    Section.THIS_PC: "monitor",
    Section.VULNERABILITIES: "shield-bug-outline",
    Section.SYSTEM: "server",
    Section.SETTINGS: "cog-outline",
}


class Navigation(QListWidget):
    chosen = Signal(str)
    """A Section."""
    entered = Signal()
    """A section was chosen by its key, also the one that is shown: its page gets the focus."""

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self._sections = list(Section)
        self.setAccessibleName(self.tr("Pages"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_SectionDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        for number, section in enumerate(self._sections, start=1):
            item = QListWidgetItem(section_title(section), self)
            item.setData(_ICON_ROLE, _ICONS[section])
            item.setToolTip(self.tr("Ctrl+{0}").format(number))
            shortcut = QShortcut(f"Ctrl+{number}", window)
            shortcut.activated.connect(lambda section=section: self._enter(section))
        self.setFixedWidth(self.sizeHintForColumn(0))
        self.currentRowChanged.connect(self._row_changed)

    def choose(self, section: Section) -> None:
        self.setCurrentRow(self._sections.index(section))

    def _enter(self, section: Section) -> None:
        self.choose(section)
        self.entered.emit()

    def mark(self, section: Section) -> None:
        """Mark the section of the page that is shown; `chosen` is not emitted."""
        blocked = self.blockSignals(True)
        self.choose(section)
        self.blockSignals(blocked)

    def _row_changed(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(self._sections[row])


class _SectionDelegate(QStyledItemDelegate):
    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        metrics = option.fontMetrics
        title = metrics.horizontalAdvance(index.data(Qt.ItemDataRole.DisplayRole))
        width = 2 * (Space.S + Space.M) + round(metrics.height() * _GLYPH) + title + _AFTER_TITLE
        return QSize(width, metrics.height() + Space.L + Space.XS)

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
        glyph_area = QRect(area.left() + Space.M, area.center().y() - glyph // 2 + 1, glyph, glyph)
        paint_glyph(painter, glyph_area, index.data(_ICON_ROLE), ink)
        painter.setPen(ink)
        painter.setFont(option.font)
        title_area = area.adjusted(glyph_area.right() - area.left() + Space.M, 0, -Space.S, 0)
        painter.drawText(title_area, Qt.AlignmentFlag.AlignVCenter, index.data(Qt.ItemDataRole.DisplayRole))
        painter.restore()
