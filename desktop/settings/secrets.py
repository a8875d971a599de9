"""Secrets of the settings: where they come from, and a cache for the services.

A keyring that waits for the user to unlock it delays the start of a service by a few seconds at most.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from enum import StrEnum

from backend.secret_store import Secrets

NVD_KEY, PROXY_PASSWORD, MAIL_PASSWORD = "NVD_API_KEY", "OPENTHREAT_PROXY_PASSWORD", "OPENTHREAT_MAIL_PASSWORD"
"""Names of the secrets and of the variables that pass them to the services."""
ALL_SECRETS = (NVD_KEY, PROXY_PASSWORD, MAIL_PASSWORD)


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
