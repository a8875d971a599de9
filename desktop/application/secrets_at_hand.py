"""The secrets that services are started with. A keyring that waits for its user holds up none of them for long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from desktop.settings.secret_store import NVD_KEY, Secrets

_PATIENCE_S = 3.0


class SecretsAtHand:
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
