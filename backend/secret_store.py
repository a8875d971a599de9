"""Secrets: stored in the system's keyring, or in a file that only the user can read.

The desktop and the services of one user have the same secrets.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Protocol

from backend.contract.errors import OpenThreatError
from backend.system.files import write_atomically

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


def stored_secrets(home: Path) -> Secrets:
    """The secrets of this user. home: the data folder."""
    return Secrets(Keyring(), PrivateFiles(home))
