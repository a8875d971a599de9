"""Paints an event in two lines, with buttons on the row under the mouse and on the current one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from backend.contract.wire import utc_now
from desktop.ui.formatting import happened
from desktop.ui.pages.inbox.model import ROW_ROLE
from desktop.ui.pages.inbox.rows import InboxRow
from desktop.ui.theme.apply import colours_of, sized
from desktop.ui.theme.tokens import ICON, Radius, Size, Space
from desktop.ui.widgets.badge import badge_size, paint_badge
from desktop.ui.widgets.looks import Look

Index = QModelIndex | QPersistentModelIndex
_DOT = 8
_BUTTON = ICON + Space.M
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class _Lines:
    """The two lines of a row; each is filled from both ends."""

    def __init__(self, rect: QRect, text_height: int) -> None:
        inner = rect.adjusted(Space.S, Space.S, -Space.M, -Space.S)
        self.dot = QRect(inner.left(), 0, _DOT, _DOT)
        inner.setLeft(inner.left() + _DOT + Space.S)
        line = text_height + Space.XS
        self.first = QRect(inner.left(), inner.top(), inner.width(), line)
        self.second = QRect(inner.left(), inner.top() + line + Space.XS, inner.width(), line)
        self.dot.moveTop(self.first.center().y() - _DOT // 2 + 1)


class EventDelegate(QStyledItemDelegate):
    def __init__(self, view: QWidget, buttons: Sequence[QAction]) -> None:
        super().__init__(view)
        self._buttons = buttons

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002, N802 - Qt's name
        line = QFontMetrics(option.font).height() + Space.XS
        return QSize(0, 2 * line + Space.XS + 2 * Space.S)

    def button_at(self, rect: QRect, position: QPoint) -> QAction | None:
        """Return the button of a row at a position. rect: of the row."""
        places = self._button_places(rect)
        return next(
            (button for button, place in zip(self._buttons, places, strict=True) if place.contains(position)), None
        )

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, unread=row.is_unread)
        lines = _Lines(option.rect, QFontMetrics(option.font).height())
        if _has_buttons(option):
            self._paint_buttons(painter, option)
            for line in (lines.first, lines.second):
                line.setRight(line.right() - len(self._buttons) * _BUTTON - Space.S)
        self._paint_first(painter, option, row, lines.first)
        self._paint_second(painter, option, row, lines.second)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, *, unread: bool) -> None:
        colours, state = colours_of(option.palette), option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(colours.hover))
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        if selected:
            bar = QRect(option.rect.left(), option.rect.top(), Space.XS, option.rect.height())
            painter.fillRect(bar, QColor(colours.accent))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            frame = QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5)
            painter.drawRoundedRect(frame, Radius.BADGE, Radius.BADGE)
        if unread:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent))
            painter.drawEllipse(_Lines(option.rect, QFontMetrics(option.font).height()).dot)

    def _paint_first(self, painter: QPainter, option: QStyleOptionViewItem, row: InboxRow, line: QRect) -> None:
        colours = colours_of(option.palette)
        line = _badge_left(painter, option, row.what, line)
        if not _has_buttons(option):  # they take the place of the time
            line = _text_right(
                painter, option.font, happened(row.event.happened_at, utc_now()), QColor(colours.muted), line
            )
        if row.due is not None:
            line = _badge_right(painter, option, row.due, line)
        font = sized(option.font, Size.NORMAL, bold=row.is_unread)
        update = QFontMetrics(font).horizontalAdvance(row.update) + Space.S if row.update else 0
        rest = _text_left(painter, font, row.subject, QColor(colours.text), line.adjusted(0, 0, -update, 0))
        _text_left(painter, font, row.update, QColor(colours.text), rest.adjusted(0, 0, update, 0))

    def _paint_second(self, painter: QPainter, option: QStyleOptionViewItem, row: InboxRow, line: QRect) -> None:
        colours = colours_of(option.palette)
        muted = QColor(colours.muted)
        line = _text_left(painter, option.font, row.event.cve_id, muted, line)
        for chip in row.chips:
            line = _badge_left(painter, option, chip, line)
        left = line.width() - QFontMetrics(option.font).horizontalAdvance(row.title) - Space.M
        line = _text_right(painter, option.font, row.why, muted, line, most=max(left, line.width() // 2))
        _text_left(painter, option.font, row.title, QColor(colours.text), line)

    def _paint_buttons(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        for button, place in zip(self._buttons, self._button_places(option.rect), strict=True):
            glyph = QRect(0, 0, ICON, ICON)
            glyph.moveCenter(place.center())
            button.icon().paint(painter, glyph)

    def _button_places(self, rect: QRect) -> list[QRect]:
        left = rect.right() - Space.S - len(self._buttons) * _BUTTON
        return [
            QRect(left + place * _BUTTON, rect.top(), _BUTTON, rect.height()) for place in range(len(self._buttons))
        ]


def _has_buttons(option: QStyleOptionViewItem) -> bool:
    return bool(option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus))


def _badge_left(painter: QPainter, option: QStyleOptionViewItem, look: Look, line: QRect) -> QRect:
    """Paint a badge at the left end of a line, and return the rest of the line."""
    size = badge_size(look, option.font)
    paint_badge(
        painter,
        QRect(line.topLeft(), QSize(min(size.width(), line.width()), size.height())),
        look,
        option.font,
        option.palette,
    )
    return line.adjusted(size.width() + Space.S, 0, 0, 0)


def _badge_right(painter: QPainter, option: QStyleOptionViewItem, look: Look, line: QRect) -> QRect:
    size = badge_size(look, option.font)
    place = QRect(QPoint(line.right() - size.width(), line.top()), size)
    paint_badge(painter, place, look, option.font, option.palette)
    return line.adjusted(0, 0, -size.width() - Space.M, 0)


def _text_left(painter: QPainter, font: QFont, text: str, ink: QColor, line: QRect) -> QRect:
    metrics = QFontMetrics(font)
    painter.setFont(font)
    painter.setPen(ink)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(line.width(), 0))
    painter.drawText(line, _LEFT, shown)
    return line.adjusted(metrics.horizontalAdvance(shown) + Space.S, 0, 0, 0)


def _text_right(
    painter: QPainter, font: QFont, text: str, ink: QColor, line: QRect, *, most: int | None = None
) -> QRect:
    """Paint a text at the right end of a line. most: its greatest width, in logical pixels."""
    metrics = QFontMetrics(font)
    room = line.width() if most is None else most
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(room, 0))
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(line, _RIGHT, shown)
    return line.adjusted(0, 0, -metrics.horizontalAdvance(shown) - Space.M, 0)
