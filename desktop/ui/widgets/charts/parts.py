"""Base class of charts: their parts are reached by mouse and arrow keys, and described in tooltips."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.tokens import Radius

_BACK, _ON = (Qt.Key.Key_Left, Qt.Key.Key_Up), (Qt.Key.Key_Right, Qt.Key.Key_Down)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class PartedChart(QWidget):
    """Subclasses give the number, places and descriptions of the parts, and paint them."""

    picked = Signal(int)
    """A part was clicked, or Enter was pressed on it."""

    def __init__(self) -> None:
        super().__init__()
        self.current = -1  # the highlighted part; -1: none
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def part_count(self) -> int:
        raise NotImplementedError

    def part_place(self, part: int) -> QRectF:
        raise NotImplementedError

    def part_words(self, part: int) -> str:
        raise NotImplementedError

    def parts_changed(self) -> None:
        self.current = min(self.current, self.part_count() - 1)
        self.updateGeometry()
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_tooltip(self._part_at(event.pos()), event.globalPos())
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._highlight(self._part_at(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        part = self._part_at(event.position().toPoint())
        if part >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(part)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(event)
        if not self.hasFocus():
            self._highlight(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusInEvent(event)
        if self.current < 0 and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._highlight(self.part_count() - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        self._highlight(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        step = (event.key() in _ON) - (event.key() in _BACK)
        if step and self.part_count():
            self._highlight(max(0, min(self.part_count() - 1, self.current + step)))
            place = self.part_place(self.current).center().toPoint()
            self._show_tooltip(self.current, self.mapToGlobal(place))
        elif event.key() in _ENTER and self.current >= 0:
            self.picked.emit(self.current)
        else:
            super().keyPressEvent(event)

    def paint_focus(self, painter: QPainter) -> None:
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours_of(self.palette()).accent), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), Radius.BADGE, Radius.BADGE)

    def _part_at(self, place: QPoint) -> int:
        return next((part for part in range(self.part_count()) if self.part_place(part).contains(place)), -1)

    def _highlight(self, part: int) -> None:
        if part != self.current:
            self.current = part
            self.setAccessibleDescription(self.part_words(part) if part >= 0 else "")
            self.update()

    def _show_tooltip(self, part: int, place: QPoint) -> None:
        if part < 0:
            QToolTip.hideText()
        else:
            QToolTip.showText(place, self.part_words(part), self, self.part_place(part).toRect())
