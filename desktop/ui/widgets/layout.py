"""Widgets and layouts that hold other widgets: cards, options, scroll areas, empty states, flow layout."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QPushButton,
    QScrollArea,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import HERO_ICON, Radius, Size, Space
from desktop.ui.widgets.text import Muted, Plain


class Card(QFrame):
    """A surface with a border and an optional title. Content goes into `body`."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self.body.setSpacing(Space.S)
        if title:
            self.setAccessibleName(title)
            self.body.addWidget(Plain(title, Size.NORMAL, bold=True))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), Radius.CARD, Radius.CARD)
        painter.end()


class Option(QWidget):
    """A check box or radio button with details below it, aligned with its text."""

    def __init__(self, button: QAbstractButton, *details: QWidget) -> None:
        super().__init__()
        style = button.style()
        mark = style.pixelMetric(QStyle.PixelMetric.PM_ExclusiveIndicatorWidth, None, button)
        gap = style.pixelMetric(QStyle.PixelMetric.PM_RadioButtonLabelSpacing, None, button)
        below = QVBoxLayout()
        below.setContentsMargins(mark + gap, 0, 0, 0)
        below.setSpacing(Space.XS)
        for detail in details:
            below.addWidget(detail)
        above = QHBoxLayout()
        above.addWidget(button)
        above.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(above)
        column.addLayout(below)


class Scroll(QScrollArea):
    """Scrolls vertically only, on the page's own background. Content goes into `content`, from the top."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self._inside = inside = QWidget()
        self._whole = whole = QVBoxLayout(inside)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self.content = QVBoxLayout()
        self.content.setSpacing(Space.M)
        whole.addLayout(self.content)
        whole.addStretch(1)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)  # setWidget turns it on
        self.verticalScrollBar().rangeChanged.connect(self._make_room_for_bar)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Measure again what a page filled in while it was shown; Qt does not."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._measure)

    def content_height(self) -> int:
        """Return the height that the content takes at the present width, in device-independent pixels."""
        wrapped = self._inside.heightForWidth(self.viewport().width())  # -1: the height does not depend on it
        return max(wrapped, self._inside.sizeHint().height())

    def _measure(self) -> None:
        self.setWidgetResizable(True)

    def _make_room_for_bar(self, _minimum: int, maximum: int) -> None:
        """Leave a gap between content and scroll bar; without a bar the content is as wide as the page."""
        self._whole.setContentsMargins(0, 0, Space.S if maximum else 0, 0)


_WIDEST = 520


@dataclass(frozen=True)
class EmptyReason:
    """Why there is no content. action: the text of the button."""

    icon: str
    title: str
    sentence: str = ""
    action: str = ""


class EmptyState(QWidget):
    """An icon, a sentence and at most two ways on in place of content that is empty, loading or failed."""

    acted = Signal()
    acted_otherwise = Signal()
    """The second button was pressed."""

    def __init__(self, icon_name: str = "", title: str = "", sentence: str = "", action: str = "") -> None:
        super().__init__()
        self._picture, self._title, self._sentence = QLabel(), Plain("", Size.LARGE, bold=True), Muted()
        self.button, self.other_button = QPushButton(), QPushButton()
        self.button.clicked.connect(self.acted)
        self.other_button.clicked.connect(self.acted_otherwise)
        middle = QWidget()
        middle.setMaximumWidth(_WIDEST)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addStretch(1)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self._title, self._sentence):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addLayout(self._row_of_buttons())
        column.addStretch(2)
        whole = QHBoxLayout(self)  # passes on the height of wrapped text for its width
        whole.addStretch(1)
        whole.addWidget(middle, _WIDEST)
        whole.addStretch(1)
        self.show_message(icon_name, title, sentence, action)

    def show_reason(self, reason: EmptyReason) -> None:
        self.show_message(reason.icon, reason.title, reason.sentence, reason.action)

    def show_message(
        self, icon_name: str, title: str, sentence: str = "", action: str = "", other_action: str = ""
    ) -> None:
        """Show texts; an empty one is hidden. action, other_action: the texts of the buttons."""
        self._picture.setVisible(bool(icon_name))
        if icon_name:
            self._picture.setPixmap(icon(icon_name).pixmap(HERO_ICON, HERO_ICON))
        for label, text in ((self._title, title), (self._sentence, sentence)):
            label.setText(text)
            label.setVisible(bool(text))
        for button, text in ((self.button, action), (self.other_button, other_action)):
            button.setText(text)
            button.setVisible(bool(text))

    def _row_of_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addStretch(1)
        row.addWidget(self.button)
        row.addWidget(self.other_button)
        row.addStretch(1)
        return row


class Columns(QWidget):
    """Places widgets side by side in columns of the same stretch; in more lines where they have not enough room."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self._widgets, self._columns = widgets, 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(Space.M)
        self._arrange(len(widgets))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._width_of(1), self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._arrange(self._fitting(event.size().width()))

    def _fitting(self, width: int) -> int:
        """Return the largest number of columns that fit and leave no gap in the last line."""
        count = len(self._widgets)
        numbers = (number for number in range(count, 1, -1) if count % number == 0)
        return next((number for number in numbers if self._width_of(number) <= width), 1)

    def _width_of(self, columns: int) -> int:
        widths = [widget.minimumSizeHint().width() for widget in self._widgets]
        return sum(max(widths[column::columns]) for column in range(columns)) + (columns - 1) * self._grid.spacing()

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, widget in enumerate(self._widgets):
            self._grid.addWidget(widget, number // columns, number % columns)
        for column in range(len(self._widgets)):
            self._grid.setColumnStretch(column, int(column < columns))
        self.updateGeometry()


class FlowLayout(QLayout):
    """Places widgets side by side, and wraps to the next line where there is no room left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}  # by width; one pass of a layout asks for the same ones dozens of times
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(Space.S)

    # ---- Qt's names

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def invalidate(self) -> None:
        self._heights.clear()
        super().invalidate()

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        if width not in self._heights:
            self._heights[width] = self._arrange(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:  # noqa: N802
        return self.minimumSize()

    def minimumSize(self) -> QSize:  # noqa: N802
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Return the height; with `move`, also place the widgets, in the middle of their line."""
        y = rect.top()
        for line in self._lines(rect.width()):
            height, x = max(item.sizeHint().height() for item in line), rect.left()
            for item in line:
                size = item.sizeHint().boundedTo(QSize(rect.width(), height))
                if move:
                    item.setGeometry(QRect(QPoint(x, y + (height - size.height()) // 2), size))
                x += item.sizeHint().width() + self.spacing()
            y += height + self.spacing()
        return max(0, y - self.spacing() - rect.top())

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        """Return the items by line."""
        lines: list[list[QLayoutItem]] = []
        x = 0
        for item in (item for item in self._items if not item.isEmpty()):
            wide = item.sizeHint().width()
            if not lines or x + wide > width:
                lines.append([])
                x = 0
            lines[-1].append(item)
            x += wide + self.spacing()
        return lines
