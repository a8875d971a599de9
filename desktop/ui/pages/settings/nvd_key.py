"""The API key for NVD.

The key is tested when it is entered, saved in the system's keyring, and never shown again. A key from the environment
takes precedence, so none can be entered then.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from backend.contract.sources import KeyVerdict
from desktop.settings.secrets import SecretSource
from desktop.ui.formatting import plain, translate
from desktop.ui.page_context import PageContext
from desktop.ui.theme.tokens import Space, Tone
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.layout import FlowLayout
from desktop.ui.widgets.looks import Look
from desktop.ui.widgets.text import Muted

_MAX_LENGTH = 200
KEY_PAGE = "https://nvd.nist.gov/developers/request-an-api-key"


class NvdKey(QWidget):
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._state, self._message = Badge(), Muted()
        self._message.setWordWrap(True)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setMaxLength(_MAX_LENGTH)
        self.field.setPlaceholderText(self.tr("Paste a key"))
        self.field.setAccessibleName(self.tr("NVD API key"))
        self.test, self.save = QPushButton(self.tr("Test")), QPushButton(self.tr("Save"))
        self.remove, self.request = QPushButton(self.tr("Remove")), QPushButton(self.tr("Get a free key…"))
        self.request.setToolTip(KEY_PAGE)
        self.remove.setVisible(False)
        self._connect()
        self._lay_out()
        self._show_message("")
        self._text_changed("")

    def load(self) -> None:
        """Find out where the key comes from, if there is one."""
        self._request_source(self._show_source_and_hint)

    def _request_source(self, show: Callable[[SecretSource], None]) -> None:
        self._context.work(self._context.actions.nvd_key_source, show, self.failed.emit, owner=self)

    def _show_source_and_hint(self, source: SecretSource) -> None:
        self._show_source(source)
        if source is SecretSource.ENVIRONMENT:
            self._show_message(self.tr("Set by the environment variable NVD_API_KEY. Change it there."))
        elif source is SecretSource.FILE:
            self._show_message(
                self.tr("The key is in the file .env in the data folder. A key saved here takes precedence.")
            )

    def _show_source(self, source: SecretSource) -> None:
        self._state.show_look(_look(source))
        self.remove.setVisible(source is SecretSource.STORED)
        self.request.setVisible(source is SecretSource.NONE)
        for widget in (self.field, self.test, self.save):
            widget.setVisible(source is not SecretSource.ENVIRONMENT)

    def _text_changed(self, text: str) -> None:
        self.test.setEnabled(bool(text.strip()))
        self.save.setEnabled(bool(text.strip()))

    def _test(self) -> None:
        key = self._start(self.tr("Checking the key with NVD…"))
        self._context.ask(lambda client: client.try_nvd_key(key), self._show_verdict, self._failed, owner=self)

    def _save(self) -> None:
        """Test the key and save it unless NVD rejects it; if NVD cannot be reached, save it untested."""
        key = self._start(self.tr("Checking the key with NVD…"))

        def tested(verdict: KeyVerdict) -> None:
            self._show_verdict(verdict)
            if verdict.accepted is not False:
                self._store(key)

        self._context.ask(lambda client: client.try_nvd_key(key), tested, lambda _: self._store(key), owner=self)

    def _store(self, key: str) -> None:
        self._context.work(
            lambda: self._context.actions.save_nvd_key(key),
            lambda in_keyring: self._on_stored(key, in_keyring=in_keyring),
            self._failed,
            owner=self,
        )

    def _on_stored(self, key: str, *, in_keyring: bool) -> None:
        self.field.clear()
        self._finish()
        self._request_source(self._show_source)
        saved = self.tr("Saved in the system's keyring. The update service is restarting.")
        saved_in_file = self.tr("No keyring is available. Saved in a file that only you can read.")
        removed = self.tr("Key removed. The update service is restarting.")
        self._show_message((saved if in_keyring else saved_in_file) if key else removed)

    def _show_verdict(self, verdict: KeyVerdict) -> None:
        self._finish()
        self._show_message(plain(verdict.message))

    def _failed(self, problem: Problem) -> None:
        self._finish()
        self._show_message("")
        self.failed.emit(problem)

    def _start(self, words: str) -> str:
        self._show_message(words)
        for widget in (self.field, self.test, self.save, self.remove):
            widget.setEnabled(False)
        return self.field.text().strip()

    def _finish(self) -> None:
        for widget in (self.field, self.remove):
            widget.setEnabled(True)
        self._text_changed(self.field.text())

    def _show_message(self, words: str) -> None:
        self._message.setText(words)
        self._message.setVisible(bool(words))

    def _connect(self) -> None:
        self.field.textChanged.connect(self._text_changed)
        self.field.returnPressed.connect(self.save.click)
        self.test.clicked.connect(self._test)
        self.save.clicked.connect(self._save)
        self.remove.clicked.connect(lambda: self._store(""))
        self.request.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(KEY_PAGE)))

    def _lay_out(self) -> None:
        head, entry = FlowLayout(), QHBoxLayout()  # the head wraps in a small window
        label = QLabel(self.tr("NVD API &key"))
        label.setBuddy(self.field)
        entry.setSpacing(Space.S)
        for part in (label, self._state, self.request, self.remove):
            head.addWidget(part)
        entry.addWidget(self.field, 1)
        entry.addWidget(self.test)
        entry.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(head)
        column.addLayout(entry)
        column.addWidget(self._message)


def _look(source: SecretSource) -> Look:
    if source is SecretSource.NONE:
        return Look("key-outline", translate("settings", "No key: updates from NVD are slower"), Tone.NEUTRAL)
    words = {
        SecretSource.ENVIRONMENT: translate("settings", "Key set by the environment"),
        SecretSource.STORED: translate("settings", "Key saved"),
        SecretSource.FILE: translate("settings", "Key in the file .env"),
    }
    return Look("key", words[source], Tone.GOOD)
