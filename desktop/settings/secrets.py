"""Secrets: stored in the system's keyring, or in a file that only the user can read, and cached for the services.

A keyring that waits for the user to unlock it delays the start of a service by a few seconds at most.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from backend.contract.errors import OpenThreatError
from backend.system.files import write_atomically

NVD_KEY, PROXY_PASSWORD, MAIL_PASSWORD = "NVD_API_KEY", "OPENTHREAT_PROXY_PASSWORD", "OPENTHREAT_MAIL_PASSWORD"
"""Names of the secrets and of the variables that pass them to the services."""
ALL_SECRETS = (NVD_KEY, PROXY_PASSWORD, MAIL_PASSWORD)
_SERVICE = "OpenThreat"


class SecretStore(Protocol):
    """A place for secrets. Its methods may block: a keyring may ask the user to unlock it.

    Raises:
        OSError: The place cannot be read or written.
    """

    def get(self, name: str) -> str:
        """Return the secret, or an empty text."""

    def put(self, name: str, secret: str) -> None:
        """Store the secret; an empty text deletes it."""


class Keyring:
    def get(self, name: str) -> str:
        import keyring  # importing takes a tenth of a second, and only one thread needs it
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(_SERVICE, name) or ""
        except (KeyringError, RuntimeError) as error:
            raise OSError(str(error)) from error

    def put(self, name: str, secret: str) -> None:
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            if secret:
                keyring.set_password(_SERVICE, name, secret)
            else:
                with suppress(PasswordDeleteError):
                    keyring.delete_password(_SERVICE, name)
        except (KeyringError, RuntimeError) as error:
            raise OSError(str(error)) from error


class PrivateFiles:
    """One file for each secret that only the user can read; on Windows the folder's permissions ensure that."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "secrets"

    def get(self, name: str) -> str:
        try:
            return (self._folder / name).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""

    def put(self, name: str, secret: str) -> None:
        path = self._folder / name
        if not secret:
            path.unlink(missing_ok=True)
            return
        self._folder.mkdir(mode=0o700, exist_ok=True)
        write_atomically(path, secret.encode("utf-8"), private=True, durable=True)


class Secrets:
    """The keyring if it works, else the file; both are searched."""

    def __init__(self, keyring: SecretStore, files: SecretStore) -> None:
        self._keyring, self._files = keyring, files

    def get(self, name: str) -> str:
        try:
            return self._keyring.get(name) or self._files.get(name)
        except OSError:
            return self._files.get(name)

    def put(self, name: str, secret: str) -> bool:
        """Store a secret; an empty text deletes it.

        Returns:
            True if it is in the keyring, False if it is in the file.

        Raises:
            OpenThreatError: Neither can be written.
        """
        try:
            self._keyring.put(name, secret)
        except OSError:
            in_keyring = False
        else:
            in_keyring = True
        try:
            self._files.put(name, "" if in_keyring else secret)
        except OSError as error:
            raise OpenThreatError(
                "The secret cannot be saved", str(error), "Check the permissions of the data folder."
            ) from error
        return in_keyring


class SecretSource(StrEnum):
    """Where a secret comes from; the first in this order that has one is used."""

    ENVIRONMENT = "environment"  # of this process: the program cannot change it
    STORED = "stored"  # by `Secrets`
    FILE = "file"  # `.env` in the data folder
    NONE = "none"


_TIMEOUT_S = 3.0


class SecretCache:
    """The variables with secrets that services are started with.

    Args:
        on_late: Called by another thread when a secret was read after a service had been started without it.
        timeout_s: Seconds that the start of a service waits for the first reading.
    """

    def __init__(self, secrets: Secrets, on_late: Callable[[], None], timeout_s: float = _TIMEOUT_S) -> None:
        self._secrets, self._on_late, self._timeout_s = secrets, on_late, timeout_s
        self._variables: Mapping[str, str] = {}
        self._missed = False
        self._loaded = threading.Event()

    def start(self) -> None:
        """Read the secrets in the background; to be repeated when they have changed."""
        self._loaded.clear()
        threading.Thread(target=self._load, name="reads secrets", daemon=True).start()

    def variables(self) -> Mapping[str, str]:
        """Return the variables; the first call waits for the first reading, up to the timeout."""
        if not self._missed:
            self._missed = not self._loaded.wait(self._timeout_s)
        return self._variables

    def _load(self) -> None:
        found = {name: self._secrets.get(name) for name in ALL_SECRETS}
        self._variables = {name: secret for name, secret in found.items() if secret}
        self._loaded.set()
        if self._missed and self._variables:
            self._on_late()
        self._missed = False
