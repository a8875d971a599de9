"""Address, user and password of a manual proxy, which are saved together.

The password is saved in the system's keyring and never shown again.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from backend.contract.proxy import Proxy, parse_proxy
from backend.contract.settings import NetworkSettings
from desktop.settings.secrets import PROXY_PASSWORD, SecretSource
from desktop.ui.formatting import plain
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.password_field import PasswordField
from desktop.ui.pages.settings.section import row
from desktop.ui.sentences import translated
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.text import Muted

_MAX_LENGTH = 200


class ProxyForm(QWidget):
    submitted = Signal(str, str)
    """Address and user, once the password is saved."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._shown: tuple[str, str] | None = None
        self.address, self.user, self.password = QLineEdit(), QLineEdit(), PasswordField(PROXY_PASSWORD)
        self.save, self.remove = QPushButton(self.tr("Save")), QPushButton(self.tr("Remove password"))
        self.message = Muted()
        self.message.setWordWrap(True)
        self.message.setVisible(False)
        self.address.setPlaceholderText("proxy.example:3128")
        self.remove.setVisible(False)
        self._connect()
        self._lay_out()

    def load(self) -> None:
        """Find out where the password comes from, if there is one."""
        self._context.work(self._context.actions.proxy_password_source, self._show_source, self.failed.emit, owner=self)

    def show_settings(self, network: NetworkSettings) -> None:
        """Show saved values; what is being typed stays until they change."""
        saved = network.proxy_address, network.proxy_user
        if saved != self._shown:
            self._shown = saved
            self.address.setText(network.proxy_address)
            self.user.setText(network.proxy_user)

    def submit(self) -> None:
        """Check the address, save the password if one was typed, and emit `submitted`."""
        try:
            proxy = parse_proxy(self.address.text())
        except ValueError as error:
            self._say(f"{translated(str(error))}.")
            self.address.setFocus()
            return
        self._say("")
        self._take_login(proxy)
        address = str(proxy) if proxy.scheme == "http" else f"{proxy.scheme}://{proxy}"
        self.address.setText(address)
        if self.password.text():
            self._store(self.password.text(), address)
        else:
            self.submitted.emit(address, self.user.text().strip())

    def _take_login(self, proxy: Proxy) -> None:
        """Move user and password of a pasted address to their fields."""
        if proxy.user:
            self.user.setText(proxy.user)
            self.password.setText(proxy.password)

    def _store(self, password: str, address: str) -> None:
        def stored(in_keyring: bool) -> None:
            self._on_stored(in_keyring=in_keyring, password=password)
            self.submitted.emit(address, self.user.text().strip())

        self._context.work(
            lambda: self._context.actions.save_proxy_password(password), stored, self.failed.emit, owner=self
        )

    def _forget(self) -> None:
        self._context.work(
            lambda: self._context.actions.save_proxy_password(""),
            lambda in_keyring: self._on_stored(in_keyring=in_keyring, password=""),
            self.failed.emit,
            owner=self,
        )

    def _on_stored(self, *, in_keyring: bool, password: str) -> None:
        self.password.clear()
        in_file = self.tr("No keyring is available. The password is saved in a file that only you can read.")
        self._say("" if in_keyring or not password else in_file)
        self.load()

    def _show_source(self, source: SecretSource) -> None:
        self.remove.setVisible(source is SecretSource.STORED)
        self.password.show_source(source)

    def _say(self, words: str) -> None:
        self.message.setText(plain(words))
        self.message.setVisible(bool(words))

    def _connect(self) -> None:
        for field in (self.address, self.user, self.password):
            field.setMaxLength(_MAX_LENGTH)
            field.returnPressed.connect(self.submit)
        self.save.clicked.connect(self.submit)
        self.remove.clicked.connect(self._forget)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(Space.S)
        words = (self.tr("&Address"), self.tr("&User (if required)"), self.tr("Pass&word"))
        for line, (word, field) in enumerate(zip(words, (self.address, self.user, self.password), strict=True)):
            label = QLabel(word)
            label.setBuddy(field)
            grid.addWidget(label, line, 0)
            grid.addWidget(field, line, 1)
        grid.addWidget(self.message, len(words), 0, 1, 2)
        grid.addLayout(row(self.save, self.remove, stretch=True), len(words) + 1, 1)
        grid.setColumnStretch(1, 1)
