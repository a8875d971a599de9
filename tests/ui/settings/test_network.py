"""Network settings: a manual proxy is saved as a whole without showing its password; a certificate file is tried."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from backend.contract.errors import OpenThreatError
from backend.contract.proxy import ProxyMode
from backend.contract.settings import NetworkSettings, UserSettings
from desktop.settings.secrets import SecretSource
from desktop.state.app_state import SettingsSaved, StateStore
from desktop.ui.pages.settings import SettingsPage
from desktop.ui.pages.settings.network import NetworkSection
from tests.ui.settings.program import Program, latest, saved, texts


def choose(section: NetworkSection, mode: ProxyMode) -> None:
    section.mode.setCurrentIndex(section.mode.findData(mode.value))
    section.mode.activated.emit(section.mode.currentIndex())


def test_without_a_proxy_is_saved_at_once_and_services_restart(
    page: SettingsPage, program: Program, qtbot: QtBot
) -> None:
    choose(page.network, ProxyMode.NONE)
    qtbot.waitUntil(lambda: latest(program).network.proxy is ProxyMode.NONE)
    qtbot.waitUntil(lambda: "Saved. The update services are restarting." in texts(page))


def test_a_manual_proxy_is_saved_with_its_address_and_the_password_in_the_keyring(
    page: SettingsPage, program: Program, qtbot: QtBot
) -> None:
    network, form = page.network, page.network.form
    assert not form.isVisible()
    choose(network, ProxyMode.MANUAL)
    assert form.isVisible()
    assert saved(program) == []
    form.address.setText(" http://proxy.example:3128/ ")
    form.user.setText("analyst")
    form.password.setText("geheim")
    qtbot.keyClick(form.password, Qt.Key.Key_Return)
    manual = NetworkSettings(proxy=ProxyMode.MANUAL, proxy_address="proxy.example:3128", proxy_user="analyst")
    qtbot.waitUntil(lambda: latest(program).network == manual)
    assert ("save_proxy_password", "geheim") in program.calls
    assert form.password.echoMode() is QLineEdit.EchoMode.Password
    qtbot.waitUntil(form.remove.isVisible)
    assert form.password.text() == ""
    form.remove.click()
    qtbot.waitUntil(lambda: not form.remove.isVisible())
    assert program.calls[-1] == ("save_proxy_password", "")


def test_a_pasted_address_with_a_password_is_taken_apart(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    choose(page.network, ProxyMode.MANUAL)
    page.network.form.address.setText("https://analyst:geh%40im@proxy.example:8443")
    page.network.form.save.click()
    qtbot.waitUntil(lambda: latest(program).network.proxy_address == "https://proxy.example:8443")
    assert latest(program).network.proxy_user == "analyst"
    assert ("save_proxy_password", "geh@im") in program.calls


@pytest.mark.parametrize(
    ("address", "reason"), [("", "host:port"), ("socks5://x:1080", "SOCKS"), ("http://wpad/wpad.dat", "PAC")]
)
def test_an_address_that_is_none_is_not_saved(page: SettingsPage, program: Program, address: str, reason: str) -> None:
    choose(page.network, ProxyMode.MANUAL)
    page.network.form.address.setText(address)
    page.network.form.save.click()
    assert reason in page.network.form.message.text()
    assert program.calls == []
    assert page.network.form.isVisible()


def test_a_password_that_cannot_be_saved_saves_no_proxy(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    choose(page.network, ProxyMode.MANUAL)
    program.failing = OpenThreatError("The secret cannot be saved", "The disk is full.")
    page.network.form.address.setText("proxy.example:3128")
    page.network.form.password.setText("geheim")
    page.network.form.save.click()
    qtbot.waitUntil(page.banner.isVisible)
    assert saved(program) == []


def test_another_choice_takes_back_a_manual_proxy_that_was_not_saved(page: SettingsPage, program: Program) -> None:
    choose(page.network, ProxyMode.MANUAL)
    choose(page.network, ProxyMode.SYSTEM)
    assert not page.network.form.isVisible()
    assert saved(program) == []


def test_what_is_being_typed_stays_when_something_else_changes(
    page: SettingsPage, store: StateStore, qtbot: QtBot
) -> None:
    choose(page.network, ProxyMode.MANUAL)
    page.network.form.address.setText("proxy.exam")
    with qtbot.waitSignal(page.context.changed):
        store.post(SettingsSaved(UserSettings(release_check=False)))
    assert page.network.form.address.text() == "proxy.exam"
    assert page.network.mode.currentData() == ProxyMode.MANUAL


def test_proxy_scripts_are_said_to_be_unsupported(page: SettingsPage) -> None:
    assert "Proxy scripts (PAC) are not supported" in texts(page.network)


def test_what_the_environment_sets_cannot_be_changed_here(
    program: Program, page_with: Callable[..., SettingsPage], store: StateStore, qtbot: QtBot
) -> None:
    program.network_is_fixed, program.password_place = True, SecretSource.ENVIRONMENT
    network = page_with().network
    assert "Set by the environment variable OPENTHREAT_PROXY" in texts(network)
    assert not network.mode.isEnabled()
    qtbot.waitUntil(lambda: not network.form.password.isEnabled())


def test_a_certificate_file_is_tried_before_it_is_trusted(
    page: SettingsPage, program: Program, tmp_path: Path, qtbot: QtBot
) -> None:
    program.failing = OpenThreatError("The certificate file cannot be used", "root.pem: It has no valid certificate.")
    page.network.trust_file(tmp_path / "root.pem")
    qtbot.waitUntil(page.banner.isVisible)
    assert saved(program) == []
    program.failing = None
    page.network.trust_file(tmp_path / "root.pem")
    qtbot.waitUntil(lambda: latest(program).network.ca_file == str(tmp_path / "root.pem"))
    assert str(tmp_path / "root.pem") in texts(page.network)
    page.network.remove.click()
    qtbot.waitUntil(lambda: latest(program).network.ca_file == "")
    assert not page.network.remove.isVisible()
