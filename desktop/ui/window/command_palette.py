"""The command palette that Ctrl+K opens: one field for pages, actions and vulnerabilities, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from backend.contract.vulnerabilities import SummaryPage
from backend.contract.vulnerability_ids import ids_in
from desktop.ui.page_context import PageContext, PageName, Request
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import ICON, Space
from desktop.ui.widgets.problem_texts import problem_line
from desktop.ui.widgets.text import Muted
from desktop.ui.window.commands import (
    MOST_FOUND,
    SHORTEST,
    Command,
    action_commands,
    found_commands,
    matching,
    page_commands,
    search_commands,
    suggestion_commands,
    text_commands,
)

_TYPING_MS = 150
_MOST_ROWS = 12
_WIDTH = 560
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CommandPalette(QDialog):
    """Closes when a command is carried out, at Esc, and at a click elsewhere.

    Args:
        window: it opens over this one.
        enter: shows a page and moves the focus into it.
    """

    def __init__(self, context: PageContext, window: QWidget, enter: Callable[[PageName], None]) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("Search or go to"))
        self._context, self._window = context, window
        searches = [*search_commands(context), *suggestion_commands(context)]
        self._fixed = [*page_commands(enter), *searches, *action_commands(context)]
        self._found: list[Command] = []
        self._request: Request | None = None
        self.field, self.list, self.message = QLineEdit(), QListWidget(), Muted()
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._search)
        self._listen()
        self._lay_out()
        self._show_commands()

    @property
    def commands(self) -> Sequence[str]:
        """The titles that are listed."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def open_over(self) -> None:
        """Open over the upper middle of the window."""
        window = self._window.geometry()
        self.setFixedWidth(min(_WIDTH, window.width() - 2 * Space.XL))
        self.move(window.center().x() - self.width() // 2, window.top() + Space.XL)
        self.show()
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The field keeps the focus: keys that move go to the list, Enter carries out."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                self.list.keyPressEvent(event)
                return True
            if event.key() in _ENTER:
                self._run(self.list.currentRow())
                return True
        return super().eventFilter(watched, event)

    def _changed(self) -> None:
        self._found = []
        self._show_commands()
        self._typing.start()

    def _search(self) -> None:
        if self._request is not None:
            self._request.forget()
        text = self.field.text().strip()
        if len(text) < SHORTEST or len(ids_in(text)) > 1:
            return
        self._request = self._context.ask(
            lambda client: client.listed({"search": text, "page_size": MOST_FOUND}),
            self._show_found,
            lambda _: None,  # pages and actions work without
            owner=self,
        )

    def _show_found(self, page: SummaryPage) -> None:
        self._found = found_commands(self._context, page.items)
        self._show_commands()

    def _show_commands(self) -> None:
        """List what fits; the row that was chosen stays so."""
        text, row = self.field.text().strip(), self.list.currentRow()
        self._shown = [*matching(self._fixed, text), *self._found, *text_commands(self._context, text)]
        chosen = self.list.item(row).text() if row > 0 else ""
        self.list.clear()
        for command in self._shown:
            QListWidgetItem(icon(command.icon), command.title, self.list)
        titles = [command.title for command in self._shown]
        self.list.setCurrentRow(titles.index(chosen) if chosen in titles else 0)
        self._say(self.tr("Nothing fits.") if not self._shown else "")
        self._fit()

    def _fit(self) -> None:
        rows = min(self.list.count(), _MOST_ROWS)
        height = rows * max(self.list.sizeHintForRow(0), 0) + 2 * self.list.frameWidth()
        self.list.setFixedHeight(height)
        self.list.setVisible(rows > 0)
        self.adjustSize()

    def _run(self, row: int) -> None:
        if not 0 <= row < len(self._shown):
            return
        command = self._shown[row]
        if command.ask is None:
            self.close()
            command.act()
        else:
            self._say(self.tr("Please wait…"))
            self._context.ask(command.ask, self._done, self._show_failure, owner=self)

    def _done(self, _outcome: object) -> None:
        self.close()

    def _show_failure(self, problem: Problem) -> None:
        self._say(problem_line(problem))
        self.adjustSize()

    def _say(self, words: str) -> None:
        self.message.setText(words)
        self.message.setVisible(bool(words))

    def _listen(self) -> None:
        self.field.textChanged.connect(self._changed)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda item: self._run(self.list.row(item)))

    def _lay_out(self) -> None:
        self.field.setPlaceholderText(self.tr("Page, action, ID or words"))
        self.field.setAccessibleName(self.tr("Search or go to"))
        self.field.setClearButtonEnabled(False)
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.setIconSize(QSize(ICON, ICON))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.message.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        column.setSpacing(Space.S)
        for widget in (self.field, self.list, self.message):
            column.addWidget(widget)
