"""Settings of reports: form, folder and mail; the password never shows, and nothing incomplete is saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from backend.contract.errors import ReportNotDelivered
from backend.contract.report import ReportFormat, ReportScope
from backend.contract.settings import MailSecurity, MailSettings, UserSettings
from desktop.state.app_state import SettingsSaved, StateStore
from desktop.ui.pages.settings import SettingsPage
from desktop.ui.pages.settings.mail_form import MailForm
from tests.ui.settings.program import Program, latest, saved, texts

MAIL = MailSettings(
    enabled=True,
    server="mail.example.org",
    port=465,
    security=MailSecurity.TLS,
    user="me",
    sender="pc@example.org",
    recipients=("it@example.org", "boss@example.org"),
)


def choose(box: QComboBox, value: str) -> None:
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def fill(form: MailForm) -> None:
    form.enabled.click()
    form.server.setText(" mail.example.org ")
    choose(form.security, "tls")
    form.user.setText("me")
    form.sender_field.setText("pc@example.org")
    form.recipients.setText("it@example.org, boss@example.org,")


def test_form_and_subject_are_saved_at_once(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    choose(page.reports.format, "pdf")
    qtbot.waitUntil(lambda: latest(program).report.format is ReportFormat.PDF)
    choose(page.reports.scope, "exploited")
    qtbot.waitUntil(lambda: latest(program).report.scope is ReportScope.EXPLOITED)
    assert latest(program).report.format is ReportFormat.PDF


def test_a_folder_is_chosen_and_left_again(page: SettingsPage, program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    section = page.reports
    assert section.folder.text() == str(program.home / "reports")
    assert not section.forget.isVisible()
    section.use_folder(str(tmp_path))
    qtbot.waitUntil(lambda: latest(program).report.folder == str(tmp_path))
    assert section.folder.text() == str(tmp_path)
    section.forget.click()
    qtbot.waitUntil(lambda: latest(program).report.folder == "")


def test_mail_is_off_and_its_fields_are_hidden(page: SettingsPage) -> None:
    form = page.reports.mail
    assert not form.enabled.isChecked()
    assert not form.server.isVisible()


def test_mail_is_saved_as_a_whole_with_the_password_in_the_keyring(
    page: SettingsPage, program: Program, qtbot: QtBot
) -> None:
    form = page.reports.mail
    fill(form)
    assert saved(program) == []
    assert form.port.value() == 465, "the usual port of the encryption"
    form.password.setText("geheim")
    qtbot.keyClick(form.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: latest(program).report.mail == MAIL)
    assert ("save_mail_password", "geheim") in program.calls
    assert form.password.echoMode() is QLineEdit.EchoMode.Password
    qtbot.waitUntil(form.remove.isVisible)
    assert form.password.text() == ""
    form.enabled.click()
    qtbot.waitUntil(lambda: latest(program).report.mail == MAIL.model_copy(update={"enabled": False}))


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("server", "", "name of the mail server"),
        ("server", "https://mail", "name of the mail server"),
        ("recipients", " , ", "at least one recipient"),
        ("recipients", "nobody", "“nobody” is not a mail address"),
        ("sender_field", "", "is not a mail address"),
    ],
)
def test_what_is_missing_is_said_and_nothing_saved(
    page: SettingsPage, program: Program, field: str, text: str, words: str
) -> None:
    form = page.reports.mail
    fill(form)
    getattr(form, field).setText(text)
    form.save.click()
    form.test.click()
    assert words in form.message.text()
    assert saved(program) == []


def test_a_test_mail_uses_what_is_entered(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    form = page.reports.mail
    fill(form)
    form.password.setText("geheim")
    form.test.click()
    qtbot.waitUntil(lambda: "Look whether it arrived" in form.message.text())
    assert program.calls[-1] == ("send_test_mail", MAIL, "geheim")
    assert saved(program) == []


def test_a_test_mail_that_fails_says_why(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    form = page.reports.mail
    fill(form)
    program.failing = ReportNotDelivered("The mail server cannot be reached", "No route.", "Look at it.")
    form.test.click()
    qtbot.waitUntil(lambda: "The mail server cannot be reached" in texts(page))
    assert form.test.isEnabled()


def test_saved_values_are_shown(page: SettingsPage, store: StateStore, qtbot: QtBot) -> None:
    settings = UserSettings.model_validate({"report": {"format": "csv", "mail": MAIL.model_dump()}})
    store.post(SettingsSaved(settings))
    form = page.reports.mail
    qtbot.waitUntil(form.enabled.isChecked)
    assert form.recipients.text() == "it@example.org, boss@example.org"
    assert form.server.isVisible()
    assert page.reports.format.currentData() == "csv"
