"""Server, sender and recipients of the mail of reports, which are saved together, and a test of them.

The password is saved in the system's keyring and never shown again.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QLineEdit, QPushButton, QSpinBox, QWidget

from backend.contract.problems import Problem
from backend.contract.settings import MailSecurity, MailSettings, check_mail_address
from desktop.settings.secrets import MAIL_PASSWORD, SecretSource
from desktop.ui.formatting import one_line, plain, translate
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.password_field import PasswordField
from desktop.ui.pages.settings.section import row
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.text import Muted

_MAX_LENGTH, _MAX_PORT = 500, 65_535
_PORTS = {MailSecurity.STARTTLS: 587, MailSecurity.TLS: 465}


class MailForm(QWidget):
    submitted = Signal(object)
    """The MailSettings, once the password is saved."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._shown: MailSettings | None = None
        self.enabled = QCheckBox(self.tr("Mail each report"))
        self.server, self.port, self.security = QLineEdit(), QSpinBox(), QComboBox()
        self.user, self.password = QLineEdit(), PasswordField(MAIL_PASSWORD)
        self.sender_field, self.recipients = QLineEdit(), QLineEdit()
        self.save, self.test = QPushButton(self.tr("Save")), QPushButton(self.tr("Send a test mail"))
        self.remove, self.message, self._fields = QPushButton(self.tr("Remove password")), Muted(), QWidget()
        self._set_up()
        self._connect()
        self._lay_out()

    def load(self) -> None:
        """Find out where the password comes from, if there is one."""
        self._context.work(self._context.actions.mail_password_source, self._show_source, self.failed.emit, owner=self)

    def show_settings(self, mail: MailSettings) -> None:
        """Show saved values; what is being typed stays until they change."""
        if mail == self._shown:
            return
        self._shown = mail
        self.enabled.setChecked(mail.enabled)
        self.server.setText(plain(mail.server))
        self.security.setCurrentIndex(self.security.findData(mail.security.value))
        self.port.setValue(mail.port)
        self.user.setText(plain(mail.user))
        self.sender_field.setText(plain(mail.sender))
        self.recipients.setText(plain(", ".join(mail.recipients)))
        self._fields.setVisible(mail.enabled)

    def submit(self) -> None:
        """Check the fields, save the password if one was typed, and emit `submitted`."""
        if (mail := self._entered()) is None:
            return
        if password := self.password.text():
            self._store(password, mail)
        else:
            self.submitted.emit(mail)

    def try_out(self) -> None:
        """Send a test mail with what is entered, saved or not."""
        if (mail := self._entered()) is None:
            return
        password = self.password.text()
        self._say(self.tr("Sending…"))
        self.test.setEnabled(False)
        self._context.work(
            lambda: self._context.actions.send_test_mail(mail, password), self._tried, self._not_tried, owner=self
        )

    def _entered(self) -> MailSettings | None:
        """Return what is entered; None where something is missing or wrong; then a message is shown."""
        addresses = [part.strip() for part in self.recipients.text().split(",") if part.strip()]
        missing = self._missing(addresses)
        if missing:
            self._say(missing)
            return None
        self._say("")
        return MailSettings(
            enabled=True,
            server=self.server.text().strip(),
            port=self.port.value(),
            security=MailSecurity(self.security.currentData()),
            user=self.user.text().strip(),
            sender=self.sender_field.text().strip(),
            recipients=tuple(addresses),
        )

    def _missing(self, recipients: list[str]) -> str:
        server = self.server.text().strip()
        if not server or set(server) & set("/@ \t"):
            return self.tr("Enter the name of the mail server, such as mail.example.org.")
        if not recipients:
            return self.tr("Enter at least one recipient.")
        for address in (self.sender_field.text(), *recipients):
            try:
                check_mail_address(address)
            except ValueError:
                return self.tr("“{0}” is not a mail address.").format(one_line(address))
        return ""

    def _store(self, password: str, mail: MailSettings | None) -> None:
        def stored(in_keyring: bool) -> None:
            self.password.clear()
            in_file = self.tr("No keyring is available. The password is saved in a file that only you can read.")
            self._say("" if in_keyring or not password else in_file)
            self.load()
            if mail is not None:
                self.submitted.emit(mail)

        self._context.work(
            lambda: self._context.actions.save_mail_password(password), stored, self.failed.emit, owner=self
        )

    def _tried(self, refused: str) -> None:
        self.test.setEnabled(True)
        self._say(refused or self.tr("Sent. Look whether it arrived."))

    def _not_tried(self, problem: Problem) -> None:
        self.test.setEnabled(True)
        self._say("")
        self.failed.emit(problem)

    def _switch(self, on: bool) -> None:
        """Show the fields. To turn it off needs no form."""
        self._fields.setVisible(on)
        if on:
            self.server.setFocus()
        elif self._shown is not None and self._shown.enabled:
            self.submitted.emit(self._shown.model_copy(update={"enabled": False}))

    def _show_source(self, source: SecretSource) -> None:
        self.remove.setVisible(source is SecretSource.STORED)
        self.password.show_source(source)

    def _say(self, words: str) -> None:
        self.message.setText(plain(words))
        self.message.setVisible(bool(words))

    def _use_usual_port(self) -> None:
        if self.port.value() in _PORTS.values():
            self.port.setValue(_PORTS[MailSecurity(self.security.currentData())])

    def _set_up(self) -> None:
        self.message.setWordWrap(True)
        self.message.setVisible(False)
        self.remove.setVisible(False)
        self.port.setRange(1, _MAX_PORT)
        self.server.setPlaceholderText("mail.example.org")
        self.recipients.setPlaceholderText("security@example.org, it@example.org")
        for security, words in _securities().items():
            self.security.addItem(words, security.value)

    def _connect(self) -> None:
        for field in (self.server, self.user, self.password, self.sender_field, self.recipients):
            field.setMaxLength(_MAX_LENGTH)
            field.returnPressed.connect(self.submit)
        self.enabled.clicked.connect(self._switch)
        self.security.activated.connect(self._use_usual_port)
        self.save.clicked.connect(self.submit)
        self.test.clicked.connect(self.try_out)
        self.remove.clicked.connect(lambda: self._store("", None))

    def _lay_out(self) -> None:
        grid = QGridLayout(self._fields)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(Space.S)
        fields = (
            (self.tr("Mail &server (SMTP)"), self.server),
            (self.tr("&Encryption"), self.security),
            (self.tr("P&ort"), self.port),
            (self.tr("&User (if required)"), self.user),
            (self.tr("Pass&word"), self.password),
            (self.tr("&From"), self.sender_field),
            (self.tr("&To, separated by commas"), self.recipients),
        )
        for line, (word, field) in enumerate(fields):
            label = QLabel(word)
            label.setBuddy(field)
            grid.addWidget(label, line, 0)
            grid.addWidget(field, line, 1)
        grid.addWidget(self.message, len(fields), 0, 1, 2)
        grid.addLayout(row(self.save, self.test, self.remove, stretch=True), len(fields) + 1, 1)
        grid.setColumnStretch(1, 1)
        whole = QGridLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(Space.S)
        whole.addWidget(self.enabled, 0, 0)
        whole.addWidget(self._fields, 1, 0)
        self._fields.setVisible(False)


def _securities() -> dict[MailSecurity, str]:
    return {
        MailSecurity.STARTTLS: translate("settings", "STARTTLS"),
        MailSecurity.TLS: translate("settings", "TLS from the beginning"),
    }
