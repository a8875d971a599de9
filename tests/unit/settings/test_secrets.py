"""Secrets are stored in the keyring, or in a file that only the user can read."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from backend.secret_store import PrivateFiles, Secrets
from desktop.settings.secrets import NVD_KEY, PROXY_PASSWORD, SecretCache


class FakeKeyring:
    """A keyring; `broken`: it does not work; `unlocked` cleared: it waits for the user to unlock it."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.broken, self.unlocked = False, threading.Event()
        self.unlocked.set()

    def get(self, name: str) -> str:
        self.unlocked.wait(30)
        if self.broken:
            raise OSError("no keyring")
        return self.secrets.get(name, "")

    def put(self, name: str, secret: str) -> None:
        if self.broken:
            raise OSError("no keyring")
        self.secrets[name] = secret


@pytest.fixture
def keyring() -> FakeKeyring:
    return FakeKeyring()


@pytest.fixture
def secrets(keyring: FakeKeyring, home: Path) -> Secrets:
    return Secrets(keyring, PrivateFiles(home))


def test_a_secret_is_kept_in_the_keyring_and_nowhere_else(keyring: FakeKeyring, secrets: Secrets, home: Path) -> None:
    assert secrets.put(NVD_KEY, "geheim")
    assert secrets.get(NVD_KEY) == "geheim"
    assert keyring.secrets == {NVD_KEY: "geheim"}
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_without_a_keyring_it_is_in_a_file_for_the_user_alone(
    keyring: FakeKeyring, secrets: Secrets, home: Path
) -> None:
    keyring.broken = True
    assert not secrets.put(NVD_KEY, "geheim")
    assert secrets.get(NVD_KEY) == "geheim"
    file = home / "secrets" / NVD_KEY
    assert file.read_text(encoding="utf-8") == "geheim"
    if os.name == "posix":
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_keyring_that_came_later_takes_the_place_of_the_file(
    keyring: FakeKeyring, secrets: Secrets, home: Path
) -> None:
    keyring.broken = True
    secrets.put(NVD_KEY, "old")
    keyring.broken = False
    assert secrets.get(NVD_KEY) == "old"
    assert secrets.put(NVD_KEY, "new")
    assert not (home / "secrets" / NVD_KEY).exists()


def test_an_empty_secret_is_a_forgotten_one(secrets: Secrets) -> None:
    secrets.put(NVD_KEY, "geheim")
    secrets.put(NVD_KEY, "")
    assert secrets.get(NVD_KEY) == ""


def test_a_locked_keyring_holds_up_no_service_and_its_key_comes_later(keyring: FakeKeyring, secrets: Secrets) -> None:
    keyring.secrets[NVD_KEY] = "geheim"
    keyring.unlocked.clear()
    late = threading.Event()
    cache = SecretCache(secrets, late.set, timeout_s=0.01)
    cache.start()
    assert cache.variables() == {}
    keyring.unlocked.set()
    assert late.wait(30)
    assert cache.variables() == {NVD_KEY: "geheim"}


def test_all_secrets_are_passed_on_under_the_names_of_their_variables(keyring: FakeKeyring, secrets: Secrets) -> None:
    keyring.secrets.update({NVD_KEY: "key", PROXY_PASSWORD: "geheim"})
    cache = SecretCache(secrets, on_late=lambda: None)
    cache.start()
    assert cache.variables() == {"NVD_API_KEY": "key", "OPENTHREAT_PROXY_PASSWORD": "geheim"}
