"""What the selected entry would have shown in the last month, or the names nearest to one that no record has."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from backend.contract.exposure import Watched
from backend.contract.inventory import ProductName
from backend.contract.vulnerabilities import VulnerabilitySummary
from backend.contract.watching import WatchedKind, WatchedPreview
from desktop.ui.formatting import one_line, tip
from desktop.ui.pages.watchlist.words import name_words, preview_words, watched_words
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.layout import Card, FlowLayout, Scroll
from desktop.ui.widgets.looks import exploited_look, severity_look
from desktop.ui.widgets.text import Plain


class PreviewPane(Card):
    """Hidden while nothing is selected."""

    opened = Signal(str)
    """The id of a vulnerability."""
    name_wanted = Signal(object, object)
    """The Watched, and the ProductName that should take its place."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Watched, WatchedPreview | None] | None = None
        self._title, self.sentence, self._rows = Plain("", bold=True), Plain(), QVBoxLayout()
        self._content: QWidget | None = None
        for label in (self._title, self.sentence):
            label.setWordWrap(True)
        scroll = Scroll()
        scroll.content.setSpacing(Space.S)
        scroll.content.addWidget(self._title)
        scroll.content.addWidget(self.sentence)
        scroll.content.addLayout(self._rows)
        self.body.addWidget(scroll, 1)
        self.setVisible(False)

    def show_preview(self, watched: Watched | None, preview: WatchedPreview | None) -> None:
        """Show an entry; preview None: it is not known yet."""
        self.setVisible(watched is not None)
        if watched is None or (watched, preview) == self._shown:
            return
        self._shown = watched, preview
        self.setAccessibleName(watched_words(watched))
        self._title.setText(watched_words(watched))
        self.sentence.setText(preview_words(watched, preview) if preview else self.tr("Looking it up…"))
        self._fill(watched, preview)

    def _fill(self, watched: Watched, preview: WatchedPreview | None) -> None:
        if self._content is not None:
            self._content.hide()
            self._content.deleteLater()
        self._content = content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        for events in preview.last_month if preview else ():
            for example in events.examples:
                column.addLayout(self._example(events.kind, example))
        if preview and preview.nearest:
            column.addWidget(self._names(watched, preview.nearest))
        self._rows.addWidget(content)

    def _example(self, kind: WatchedKind, example: VulnerabilitySummary) -> QHBoxLayout:
        look = exploited_look() if kind is WatchedKind.EXPLOITED else severity_look(example.severity)
        link, title = QToolButton(), Plain(one_line(example.title))
        link.setAutoRaise(True)
        link.setText(example.cve_id)
        link.setToolTip(self.tr("Show record"))
        link.clicked.connect(lambda: self.opened.emit(example.cve_id))
        title.setWordWrap(True)
        title.setToolTip(tip(one_line(example.title)))
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for part in (Badge(look), link):
            row.addWidget(part)
        row.addWidget(title, 1)
        return row

    def _names(self, watched: Watched, names: tuple[ProductName, ...]) -> QWidget:
        inside = QWidget()
        flow = FlowLayout(inside)
        for name in names:
            button = QPushButton(self.tr("Use “{0}”").format(name_words(name)))
            button.clicked.connect(lambda _=False, name=name: self.name_wanted.emit(watched, name))
            flow.addWidget(button)
        return inside
