"""The first tab of a record: its description and facts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette, QResizeEvent, QTextOption
from PySide6.QtWidgets import QFrame, QGridLayout, QPlainTextEdit, QPushButton, QSizePolicy

from desktop.ui.formatting import number
from desktop.ui.pages.vulnerabilities.record.content import Content
from desktop.ui.pages.vulnerabilities.record.facts import Fact
from desktop.ui.theme.apply import fixed_font
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Scroll
from desktop.ui.widgets.text import Muted

_LONG_LINES = 24


class Wrapped(QPlainTextEdit):
    """Plain text that wraps anywhere and is as high as it needs; can be selected and copied."""

    def __init__(self) -> None:
        super().__init__()
        self._scrolls = self._code = False
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self.setPalette(palette)

    def set_code(self, code: bool) -> None:
        """Use the fixed-width font, or the usual one."""
        if code != self._code:
            self._code = code
            self.setFont(fixed_font(self.font()) if code else QFont())

    def show_text(self, text: str) -> None:
        self._scrolls = False
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._set_text(text)

    def show_long(self, text: str) -> None:
        """Show text of any length with its own scroll bar, so that Qt lays out only what is visible."""
        self._scrolls = True
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._set_text(text)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def _set_text(self, text: str) -> None:
        if text != self.toPlainText():
            self.setPlainText(text)
        self._fit()

    def _fit(self) -> None:
        lines = _LONG_LINES if self._scrolls else max(1, round(self.document().size().height()))
        height = lines * self.fontMetrics().lineSpacing() + 2
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)


class Summary(Scroll):
    def __init__(self) -> None:
        super().__init__()
        self._whole_text = ""
        self.description, self._show_all = Wrapped(), QPushButton()
        self.description.setAccessibleName(self.tr("Description"))
        self._show_all.clicked.connect(self._unfold)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.S)
        self._grid.setColumnStretch(1, 1)
        self._labels: list[Muted] = []
        self._values: list[Wrapped] = []
        self.content.setContentsMargins(0, Space.M, 0, Space.M)
        self.content.addWidget(self.description)
        self.content.addWidget(self._show_all, 0, Qt.AlignmentFlag.AlignLeft)
        self.content.addLayout(self._grid)

    def show_content(self, content: Content) -> None:
        self._whole_text = content.whole_description
        self.description.show_text(content.description or self.tr("No description available."))
        self.description.setToolTip(content.description_tip)
        self._show_all.setText(self.tr("Show all ({0} characters)").format(number(len(content.whole_description))))
        self._show_all.setVisible(content.whole_description != content.description)
        for place, fact in enumerate(content.facts):
            self._show_fact(place, fact)
        for place in range(len(content.facts), len(self._values)):
            self._labels[place].hide()
            self._values[place].hide()

    def _show_fact(self, place: int, fact: Fact) -> None:
        if place == len(self._values):
            self._add_line(place)
        label, value = self._labels[place], self._values[place]
        label.setText(fact.label)
        value.set_code(fact.code)
        value.show_text(fact.text)
        value.setToolTip(fact.tip)
        value.setAccessibleName(fact.label or self.tr("Vector"))
        label.show()
        value.show()

    def _add_line(self, place: int) -> None:
        label, value = Muted(), Wrapped()
        self._labels.append(label)
        self._values.append(value)
        self._grid.addWidget(label, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, place, 1)

    def _unfold(self) -> None:
        self._show_all.hide()
        self.description.show_long(self._whole_text)
