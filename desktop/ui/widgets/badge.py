"""The badge of a state: icon, word and colour; as a widget and for the cells of tables."""

from __future__ import annotations

from functools import lru_cache
from math import ceil

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import QSizePolicy, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.ui.theme.apply import colours_of, text_width
from desktop.ui.theme.icons import paint_glyph
from desktop.ui.theme.tokens import Pair, Radius, Space
from desktop.ui.widgets.looks import Look

LOOK_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""The role under which a model gives the Look of a cell that is a badge."""


class Badge(QWidget):
    def __init__(self, look: Look | None = None) -> None:
        super().__init__()
        self._look: Look | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_look(look)

    def show_look(self, look: Look | None) -> None:
        """Show a look; None: show nothing and take no room."""
        if look == self._look:
            return
        self._look = look
        self.setAccessibleName(look.word if look else "")
        self.updateGeometry()
        self.update()

    @property
    def look(self) -> Look | None:
        return self._look

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return badge_size(self._look, self.font()) if self._look else QSize(0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        if self._look:
            painter = QPainter(self)
            paint_badge(painter, self.rect(), self._look, self.font(), self.palette())
            painter.end()


class BadgeDelegate(QStyledItemDelegate):
    """Paints cells that have a Look as badges, and all others as text."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look = index.data(LOOK_ROLE)
        if not isinstance(look, Look):
            self._paint_text(painter, option, index)
            return
        self.initStyleOption(option, index)
        option.text = ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        size = badge_size(look, option.font)
        area = option.rect.adjusted(Space.S, 0, -Space.XS, 0)
        place = QRect(area.left(), 0, min(size.width(), area.width()), size.height())
        place.moveTop(area.center().y() - size.height() // 2 + 1)
        paint_badge(painter, place, look, option.font, option.palette)

    def _paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint with padding on both sides, so that a number and the text to its right stay apart."""
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        option.rect = option.rect.adjusted(Space.XS, 0, -Space.XS, 0)
        super().paint(painter, option, index)

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        look = index.data(LOOK_ROLE)
        if not isinstance(look, Look):
            return super().sizeHint(option, index)
        return badge_size(look, option.font) + QSize(Space.L, Space.S)


def badge_size(look: Look, font: QFont) -> QSize:
    metrics = QFontMetrics(font)
    height = metrics.height() + Space.XS
    if not look.word:
        return QSize(_glyph_size(metrics) + 2 * Space.XS, height)
    return QSize(height + metrics.horizontalAdvance(look.word) + Space.S + Space.XS, height)


def _glyph_size(metrics: QFontMetrics) -> int:
    return round(metrics.height() * 0.85)


def badge_characters(look: Look, font: QFont) -> int:
    """The width of a column that shows the badge whole, in digits, as columns are measured."""
    return ceil(badge_size(look, font).width() / text_width(font, 1))


def paint_badge(painter: QPainter, place: QRect, look: Look, font: QFont, palette: QPalette) -> None:
    """Paint a cached pixmap: scrolling a list repaints hundreds of badges of a dozen kinds."""
    pair = colours_of(palette).tones[look.tone]
    scale = painter.device().devicePixelRatioF()
    painter.drawPixmap(place.topLeft(), _picture(look, pair, font.toString(), place.size().toTuple(), scale))


@lru_cache(maxsize=200)
def _picture(look: Look, pair: Pair, font_named: str, size: tuple[int, int], scale: float) -> QPixmap:
    """font_named: the result of QFont.toString."""
    font, place = QFont(), QRect(0, 0, *size)
    font.fromString(font_named)
    picture = QPixmap(place.size() * scale)
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(pair.wash))
    painter.drawRoundedRect(QRectF(place), Radius.BADGE, Radius.BADGE)
    metrics = QFontMetrics(font)
    glyph = _glyph_size(metrics)
    spot = QRect(place.left() + Space.XS, place.center().y() - glyph // 2 + 1, glyph, glyph)
    paint_glyph(painter, spot, look.icon, QColor(pair.ink))
    painter.setPen(QColor(pair.ink))
    painter.setFont(font)
    words = place.adjusted(spot.width() + Space.S, 0, -Space.XS, 0)
    text = metrics.elidedText(look.word, Qt.TextElideMode.ElideRight, words.width())
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    painter.end()
    return picture
