"""Access from other machines: tokens are made, shown once, listed and revoked."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QVBoxLayout, QWidget

from backend.contract.access import MAX_TOKEN_NAME, AccessRole, AccessToken, AccessTokenList, TokenCreated
from backend.contract.wire import utc_now
from desktop.state.app_state import AppState
from desktop.ui.formatting import ago, one_line, translate
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.section import Saver, SettingsSection, row
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.text import Muted


class TokensSection(SettingsSection):
    failed = Signal(object)
    """A Problem."""
    done = Signal(str)
    """What was done, as a sentence."""

    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Access from other machines"))
        self._context = context
        self.add_remark(
            self.tr(
                "A program on another machine needs a token to use the API of this PC. Where the API listens is set by"
                " OPENTHREAT_API_HOST in the file .env."
            )
        )
        self.name, self.role, self.make = QLineEdit(), QComboBox(), QPushButton(self.tr("Create a token"))
        self.text, self.copy, self._once = QLineEdit(), QPushButton(self.tr("Copy")), Muted()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(Space.S)
        self._fill()
        self._connect()
        self._show_text("")
        self._text_changed("")

    def load(self) -> None:
        """Read the tokens."""
        if not self._context.state.api_unavailable:
            self._context.ask(lambda client: client.tokens(), self._show, self.failed.emit, owner=self)

    def show_state(self, state: AppState) -> None:
        self._text_changed(self.name.text())
        self.name.setEnabled(not state.api_unavailable)

    def _create(self) -> None:
        name, role = self.name.text().strip(), AccessRole(self.role.currentData())
        self.make.setEnabled(False)
        self._context.ask(lambda client: client.create_token(name, role), self._created, self._refused, owner=self)

    def _created(self, token: TokenCreated) -> None:
        self.name.clear()
        self._show_text(token.token)
        self.text.setFocus()
        self.load()

    def _revoke(self, token: AccessToken) -> None:
        words = self.tr("“{0}” has no access any more").format(one_line(token.name))
        self._context.ask(
            lambda client: client.revoke_token(token.id), lambda _: self._revoked(words), self.failed.emit, owner=self
        )

    def _revoked(self, words: str) -> None:
        self._show_text("")
        self.done.emit(words)
        self.load()

    def _refused(self, problem: object) -> None:
        self._text_changed(self.name.text())
        self.failed.emit(problem)

    def _show(self, tokens: AccessTokenList) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for token in tokens.items:
            self._rows.addWidget(_TokenRow(token, partial(self._revoke, token)))

    def _show_text(self, token: str) -> None:
        self.text.setText(token)
        self.text.setCursorPosition(0)
        for widget in (self.text, self.copy, self._once):
            widget.setVisible(bool(token))

    def _text_changed(self, text: str) -> None:
        self.make.setEnabled(bool(text.strip()) and not self._context.state.api_unavailable)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.text())
        self.done.emit(self.tr("Copied"))

    def _connect(self) -> None:
        self.name.textChanged.connect(self._text_changed)
        self.name.returnPressed.connect(self.make.click)
        self.make.clicked.connect(self._create)
        self.copy.clicked.connect(self._copy)

    def _fill(self) -> None:
        self.name.setPlaceholderText(self.tr("Who uses it"))
        self.name.setAccessibleName(self.tr("Name of the token"))
        self.name.setMaxLength(MAX_TOKEN_NAME)
        self.role.setAccessibleName(self.tr("Role"))
        for role in AccessRole:
            self.role.addItem(_role_words(role), role.value)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("The new token"))
        self._once.setText(self.tr("Copy it now: it is not stored and not shown again."))
        self._once.setWordWrap(True)
        self.body.addLayout(row(self.name, self.role, self.make))
        self.body.addLayout(row(self.text, self.copy))
        self.body.addWidget(self._once)
        self.body.addLayout(self._rows)


class _TokenRow(QWidget):
    """One token with its last use, and the button that revokes it."""

    def __init__(self, token: AccessToken, revoke: partial[None]) -> None:
        super().__init__()
        name, words = one_line(token.name), Muted(_use_words(token))
        words.setWordWrap(True)
        button = QPushButton(self.tr("Revoke"))
        button.setAccessibleName(self.tr("Revoke “{0}”").format(name))
        button.clicked.connect(lambda: revoke())
        layout = row(words, button)
        layout.setStretch(0, 1)
        self.setLayout(layout)


def _use_words(token: AccessToken) -> str:
    name, role = one_line(token.name), _role_words(token.role)
    if token.last_used_at is None:
        return translate("settings", "{0} · {1} · never used").format(name, role)
    when = ago(token.last_used_at, utc_now())
    words = translate("settings", "{0} · {1} · last used {2} from {3}")
    return words.format(name, role, when, one_line(token.last_used_from))


def _role_words(role: AccessRole) -> str:
    return {
        AccessRole.READ: translate("settings", "Sees everything"),
        AccessRole.TRIAGE: translate("settings", "Also decides"),
        AccessRole.ADMINISTER: translate("settings", "Also administers"),
    }[role]
