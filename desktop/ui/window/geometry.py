"""Size and position of windows: never larger than the screen they are on, whatever that is and becomes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QFrame, QMainWindow, QScrollArea, QWidget

_SMALLEST = QSize(320, 240)


def set_scrolling_content(window: QMainWindow, content: QWidget, least: QSize) -> None:
    """Make `content` the window's central widget.

    Args:
        least: Below this size the content scrolls, in device-independent pixels. The window may be smaller: at 200 %
            a screen of 1920x1080 has room for 960x540.
    """
    content.setMinimumSize(least)
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    area.viewport().setAutoFillBackground(False)
    content.setAutoFillBackground(False)
    window.setCentralWidget(area)
    window.setMinimumSize(_SMALLEST)


def fitted(frame: QRect, available: QRect) -> QRect:
    """Return the part of the screen that a window takes: as near to `frame` as possible, and all of it visible."""
    size = frame.size().boundedTo(available.size())
    left = max(available.left(), min(frame.left(), available.right() - size.width() + 1))
    top = max(available.top(), min(frame.top(), available.bottom() - size.height() + 1))
    return QRect(left, top, size.width(), size.height())


class ScreenFit(QObject):
    """Keeps a window on its screen: when it is shown, moved to another one, or its screen changes or is unplugged."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._screen: QScreen | None = None
        # The window manager adds the frame and moves the window only after these events.
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.fit)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() in (QEvent.Type.Show, QEvent.Type.ScreenChangeInternal, QEvent.Type.DevicePixelRatioChange):
            self._later.start()
        return super().eventFilter(watched, event)

    def fit(self) -> None:
        """Move and shrink the window as far as necessary. Maximised windows are the window manager's."""
        self._watch(self._window.screen())
        if not self._window.isVisible() or self._window.isMaximized() or self._window.isFullScreen():
            return
        frame, inner = self._window.frameGeometry(), self._window.geometry()
        place = fitted(frame, self._window.screen().availableGeometry())
        if place == frame:
            return
        self._window.resize(inner.size() - (frame.size() - place.size()))
        self._window.move(place.topLeft())

    def _watch(self, screen: QScreen) -> None:
        if screen is not self._screen:
            if self._screen is not None:
                self._screen.availableGeometryChanged.disconnect(self._later.start)
            screen.availableGeometryChanged.connect(self._later.start)
            screen.destroyed.connect(self._forget)
            self._screen = screen

    def _forget(self) -> None:
        self._screen = None
