"""Tests that need Windows or Wine: registry, Credential Manager, application id."""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from pathlib import Path

import pytest

from backend.contract.environment import read_environment
from backend.secret_store import Keyring, PrivateFiles, Secrets
from desktop.host import set_app_id, start_at_login, starts_at_login
from desktop.host.session_windows import APP_ID

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="asks Windows itself")

_NOT_IMPLEMENTED = 0x80004001
SECRET = "Schlüssel 鍵 11111111-2222-3333"


def test_the_credential_manager_keeps_secrets_and_forgets_them(tmp_path: Path) -> None:
    name = "OPENTHREAT_TEST_SECRET"
    secrets = Secrets(Keyring(), PrivateFiles(tmp_path))
    try:
        assert secrets.put(name, SECRET)
        assert Secrets(Keyring(), PrivateFiles(tmp_path)).get(name) == SECRET
    finally:
        secrets.put(name, "")
    assert secrets.get(name) == ""
    assert list(tmp_path.rglob("*")) == []


def test_the_run_key_starts_it_at_login() -> None:
    if starts_at_login():
        pytest.skip("it is the user's own choice here")
    start_at_login(True, [r"C:\Users\Ünï cödé\OpenThreat.exe", "tray", "--hidden"])
    assert starts_at_login()
    start_at_login(False, [])
    assert not starts_at_login()


def test_windows_knows_whose_windows_and_notifications_these_are() -> None:
    set_app_id()
    shell, name = ctypes.CDLL("shell32"), wintypes.LPWSTR()
    shell.GetCurrentProcessExplicitAppUserModelID.argtypes = (ctypes.POINTER(wintypes.LPWSTR),)
    answer = shell.GetCurrentProcessExplicitAppUserModelID(ctypes.byref(name)) & 0xFFFFFFFF
    if answer == _NOT_IMPLEMENTED:
        pytest.skip("Wine does not keep it")
    assert (answer, name.value) == (0, APP_ID)


def test_the_data_folder_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "Benutzer Ünï cödé 用户"
    monkeypatch.setenv("OPENTHREAT_HOME", str(home))
    assert read_environment().home == home
    assert home.is_dir()
