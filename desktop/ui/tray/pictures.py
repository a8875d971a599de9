"""The icon in the tray: one shape for each standing, in inks for a light or a dark panel."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop.assets import asset
from desktop.model.standing import Kind
from desktop.ui.theme.tokens import DARK, LIGHT

_SIZES = (16, 20, 22, 24, 32, 48, 64)
_GRID = 16.0
_RING = QRectF(1.4, 1.4, 13.2, 13.2)
_RING_WIDTH = 1.8
_STEPS = 24  # of the progress ring: each makes a picture
_TOP, _WHOLE_TURN = 90 * 16, 360 * 16  # Qt counts sixteenths of a degree, against the clock
_ON_DARK = {
    LIGHT.accent: DARK.accent,
    "#FFFFFF": DARK.on_accent,
    "#A84E00": "#FFB689",
    "#C4122F": "#FF8A97",
    "#4F5862": "#C0C7D0",
}
"""The files are drawn for a light panel; on a dark one each ink has another."""


def logo() -> QIcon:
    return QIcon(str(asset("icons/logo.svg")))


def tray_icon(kind: Kind, *, dark: bool, share: float | None = None) -> QIcon:
    """dark: the panel is. share: how far an update is, 0-1."""
    return _drawn(kind, dark, None if share is None else round(share * _STEPS))


@cache
def _drawn(kind: Kind, dark: bool, steps: int | None) -> QIcon:
    icon, renderer = QIcon(), QSvgRenderer(QByteArray(_inked(kind, dark=dark).encode()))
    for size in _SIZES:
        icon.addPixmap(_pixmap(renderer, size, steps if kind is Kind.UPDATING else None, dark=dark))
    return icon


def _inked(kind: Kind, *, dark: bool) -> str:
    drawn = asset(f"icons/tray-{kind}.svg").read_text(encoding="utf-8")
    for light, other in _ON_DARK.items() if dark else ():
        drawn = drawn.replace(light, other)
    return drawn


def _pixmap(renderer: QSvgRenderer, size: int, steps: int | None, *, dark: bool) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    if steps is not None:
        painter.scale(size / _GRID, size / _GRID)
        painter.setPen(QPen(QColor((DARK if dark else LIGHT).accent), _RING_WIDTH, c=Qt.PenCapStyle.FlatCap))
        painter.drawArc(_RING, _TOP, -_WHOLE_TURN * steps // _STEPS)
    painter.end()
    return pixmap
