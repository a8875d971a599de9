"""The bar above the list: whose events, since when, and the actions on the selected ones."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QComboBox, QRadioButton, QWidget

from backend.contract.inbox import InboxScope
from desktop.ui.formatting import translate
from desktop.ui.page_context import Memory
from desktop.ui.pages.inbox.query import InboxFilter, Since, remembered_query, remembered_text
from desktop.ui.theme.icons import icon
from desktop.ui.widgets.buttons import name_row_action, row_action
from desktop.ui.widgets.layout import FlowLayout

_KEY = "inbox/query"
_READ, _UNREAD = "email-open-outline", "email-outline"


def _scope_word(scope: InboxScope, *, team: bool) -> str:
    return {
        InboxScope.MINE: translate("inbox", "All PCs") if team else translate("inbox", "Mine"),
        InboxScope.PC: translate("inbox", "This PC"),
        InboxScope.EXPLOITED: translate("inbox", "Exploited"),
        InboxScope.EVERYTHING: translate("inbox", "Everything"),
    }[scope]


def _scope_tip(scope: InboxScope, *, team: bool) -> str:
    mine = translate("inbox", "What is installed here or on the watchlist")
    if team:
        mine = translate("inbox", "What is installed on a PC of the team or on the watchlist")
    return {
        InboxScope.MINE: mine,
        InboxScope.PC: translate(
            "inbox", "What is installed here or on the watchlist: icon, menu and notifications are about this"
        ),
        InboxScope.EXPLOITED: translate("inbox", "All that is known to be exploited"),
        InboxScope.EVERYTHING: translate("inbox", "All events of all vulnerabilities"),
    }[scope]


def since_words(since: Since) -> str:
    return {
        Since.LAST_READ: translate("inbox", "Unread"),
        Since.DAY: translate("inbox", "Last 24 hours"),
        Since.WEEK: translate("inbox", "Last 7 days"),
        Since.MONTH: translate("inbox", "Last 30 days"),
    }[since]


class QueryBar(QWidget):
    changed = Signal(object)
    """The new InboxFilter, chosen by the person."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        self.query = remembered_query(memory.text(_KEY))
        self._is_team = False
        self.scopes = {scope: QRadioButton() for scope in InboxScope}
        self.since, self._group = QComboBox(), QButtonGroup(self)
        for button in self.scopes.values():
            self._group.addButton(button)
            button.clicked.connect(self._choose)
        self.since.setAccessibleName(self.tr("Since"))
        for since in Since:
            self.since.addItem(since_words(since), since)
        self.since.activated.connect(self._choose)
        flow = FlowLayout(self)
        for part in (*self.scopes.values(), self.since):
            flow.addWidget(part)
        self._show()

    def show_team(self, *, team: bool) -> None:
        """Offer this PC and all PCs as scopes only in a team; with a single PC both are the same."""
        if team is not self._is_team:
            self._is_team = team
            self._show()

    def set_query(self, query: InboxFilter) -> None:
        """Choose a query for the person, as a link does; `changed` is not emitted."""
        self.query = query
        self._memory.save(_KEY, remembered_text(query))
        self._show()

    def _choose(self) -> None:
        scope = next(scope for scope, button in self.scopes.items() if button.isChecked())
        query = InboxFilter(scope, Since(self.since.currentData()))  # Qt keeps a plain text
        if query != self.query:
            self.set_query(query)
            self.changed.emit(query)

    def _show(self) -> None:
        for scope, button in self.scopes.items():
            button.setText(_scope_word(scope, team=self._is_team))
            button.setToolTip(_scope_tip(scope, team=self._is_team))
        self.scopes[InboxScope.PC].setVisible(self._is_team or self.query.scope is InboxScope.PC)
        self.scopes[self.query.scope].setChecked(True)
        self.since.setCurrentIndex(list(Since).index(self.query.since))


class EventActions(QObject):
    """The actions on the selected events, with their keys; the same in bar, row and context menu."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.open = row_action(self, "open-in-app", self.tr("Open"), "Return", "Enter")
        self.acknowledge = row_action(self, "check", self.tr("Acknowledge"), "E")
        self.ignore = row_action(self, "eye-off-outline", self.tr("Ignore…"), "I")
        self.note = row_action(self, "note-edit-outline", self.tr("Note…"), "N")
        self.mark = row_action(self, _READ, self.tr("Mark as read"), "U")
        self.undo = row_action(self, "undo", self.tr("Undo"), "Ctrl+Z")
        self.undo.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    @property
    def of_rows(self) -> tuple[QAction, ...]:
        return (self.open, self.acknowledge, self.ignore, self.note, self.mark)

    def show_mark(self, *, unread: bool) -> None:
        """Let the action mark as read, or as unread. unread: whether one of the selected events is unread."""
        text = self.tr("Mark as read") if unread else self.tr("Mark as unread")
        if text != self.mark.text():
            name_row_action(self.mark, text)
            self.mark.setIcon(icon(_READ if unread else _UNREAD))
