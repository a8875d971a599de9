"""Secrets: in the system's keyring, or where there is none in a file that only the user can read.

The secrets that services are started with. A keyring that waits for its user holds up none of them for long.
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

NVD_KEY = "NVD_API_KEY"
"""Under the name of the variable by which the services are told."""
_SERVICE = "OpenThreat"


class SecretStore(Protocol):
    """May wait: a keyring may ask the user to unlock it. Raises OSError where that is impossible."""

    def get(self, name: str) -> str:
        """Empty: there is none."""

    def put(self, name: str, secret: str) -> None:
        """Empty: forgets it."""


class Keyring:
    def get(self, name: str) -> str:
        import keyring  # a tenth of a second, and only one thread ever needs it
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
    """One small file for each secret, which only the user can read; on Windows the folder's rights see to that."""

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
    """The keyring where it works, else the file; what either has is found."""

    def __init__(self, keyring: SecretStore, files: SecretStore) -> None:
        self._keyring, self._files = keyring, files

    def get(self, name: str) -> str:
        try:
            return self._keyring.get(name) or self._files.get(name)
        except OSError:
            return self._files.get(name)

    def put(self, name: str, secret: str) -> bool:
        """Whether the keyring has it; else the file. Raises OpenThreatError where neither can be written."""
        try:
            self._keyring.put(name, secret)
        except OSError:
            kept_in_keyring = False
        else:
            kept_in_keyring = True
        try:
            self._files.put(name, "" if kept_in_keyring else secret)
        except OSError as error:
            raise OpenThreatError(
                "The key cannot be kept", str(error), "Check the rights to the data folder."
            ) from error
        return kept_in_keyring


class KeyPlace(StrEnum):
    """Where NVD's key comes from; of several the first in this order is used."""

    ENVIRONMENT = "environment"  # of the program: it cannot be changed here
    KEPT = "kept"
    FILE = "file"  # `.env` in the data folder
    NOWHERE = "nowhere"


_PATIENCE_S = 3.0


class SecretCache:
    """late: called by another thread when a secret came after somebody was started without it."""

    def __init__(self, secrets: Secrets, late: Callable[[], None], patience_s: float = _PATIENCE_S) -> None:
        self._secrets, self._late, self._patience_s = secrets, late, patience_s
        self._found: Mapping[str, str] = {}
        self._missed = False
        self._read = threading.Event()

    def start(self) -> None:
        """Reads them, in the background; done again when they have changed."""
        self._read.clear()
        threading.Thread(target=self._look, name="reads secrets", daemon=True).start()

    def variables(self) -> Mapping[str, str]:
        """By the name of the variable that each goes into. Waits for the first reading, for a few seconds."""
        if not self._missed:
            self._missed = not self._read.wait(self._patience_s)
        return self._found

    def _look(self) -> None:
        key = self._secrets.get(NVD_KEY)
        self._found = {NVD_KEY: key} if key else {}
        self._read.set()
        if self._missed and key:
            self._late()
        self._missed = False
