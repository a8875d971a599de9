"""The keyring of a machine that has none: secrets are in files of the data folder."""

from __future__ import annotations

import pytest

from backend import secret_store


class NoKeyring:
    def get(self, name: str) -> str:
        raise OSError(f"no keyring for {name}")

    def put(self, name: str, secret: str) -> None:
        raise OSError(f"no keyring for {name}, {len(secret)} characters")


def replace_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own keyring out of a test."""
    monkeypatch.setattr(secret_store, "Keyring", NoKeyring)
