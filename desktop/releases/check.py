"""The daily check for a new version: fetches the signed manifest and posts the result. Never downloads a version.

Errors are written to the supervisor's log only, since the user did not request the check.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from backend.contract.errors import OpenThreatError
from backend.contract.version import VERSION
from backend.network.access import NetworkAccess
from backend.system.files import write_atomically
from backend.system.ports import is_loopback
from desktop.releases.manifest import ManifestRejected, ReleaseMemory, verified_manifest
from desktop.releases.publication import Publication
from desktop.state.app_state import ReleaseChecked, StateStore

_SHAPE = TypeAdapter(ReleaseMemory)
_FIRST_S = 20.0  # not while the program starts
_POLL_S = 300.0


class ReleaseSource(Protocol):
    """Where the manifest comes from: a Publisher, or a fake in tests."""

    def fetch(self) -> bytes: ...

    def verify(self, text: bytes, signature: bytes) -> bool: ...


class ReleaseFile:
    """Stores the memory. A lost, damaged or read-only file only causes an additional check."""

    def __init__(self, home: Path) -> None:
        self._path = home / "release.json"

    def load(self) -> ReleaseMemory:
        try:
            return _SHAPE.validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return ReleaseMemory()

    def save(self, memory: ReleaseMemory) -> None:
        with suppress(OSError):
            write_atomically(self._path, _SHAPE.dump_json(memory))


class ReleaseCheck:
    """Checks in a separate thread.

    Args:
        log: Writes a line to the supervisor's log.
        running: The version of this program.
    """

    def __init__(
        self,
        source: ReleaseSource,
        file: ReleaseFile,
        store: StateStore,
        log: Callable[[str], None],
        now: Callable[[], datetime],
        running: str = VERSION,
    ) -> None:
        self._source, self._file, self._store, self._log, self._now = source, file, store, log, now
        self._running, self._stopped = running, threading.Event()
        self._thread = threading.Thread(target=self._run, name="release check", daemon=True)

    def show_known(self) -> None:
        """Post what the last check has found."""
        self._post(self._file.load())

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop without waiting for a running check."""
        self._stopped.set()

    def check(self) -> None:
        """Ask the publisher if a check is due and the user allows it, and post what is known."""
        memory, now = self._file.load(), self._now()
        if self._store.state.settings.release_check and not memory.due_in(now):
            memory = self._ask_publisher(memory, now)
            self._file.save(memory)
        self._post(memory)

    def _ask_publisher(self, memory: ReleaseMemory, now: datetime) -> ReleaseMemory:
        try:
            manifest = verified_manifest(self._source.fetch(), self._source.verify, memory.manifest, now)
        except (OSError, ValueError, OpenThreatError, ManifestRejected) as error:
            self._log(f"The check for a new version failed: {error}")
            return replace(memory, asked_at=now, failed=True)
        return replace(memory, asked_at=now, failed=False, manifest=manifest)

    def _post(self, memory: ReleaseMemory) -> None:
        self._store.post(ReleaseChecked(memory.status_for(self._running)))

    def _run(self) -> None:
        pause = _FIRST_S
        while not self._stopped.wait(pause):
            self.check()
            pause = _POLL_S


_WAIT_S = 10.0  # for connecting, and again for each part
_WHOLE_S = 30.0
_MAX_BYTES = 64 * 1024
_CHUNK = 8 * 1024
_USER_AGENT = f"OpenThreat-Desktop/{VERSION} (looks for a new version once a day)"


@dataclass(frozen=True)
class Publisher:
    """Attributes:
    url: Address of the signed manifest.
    key: Ed25519 public key, hexadecimal.
    network: Returns the way to the internet, which settings may change.
    """

    url: str
    key: str
    network: Callable[[], NetworkAccess]

    def fetch(self) -> bytes:
        """Return the document.

        Raises:
            OSError: It cannot be fetched, is too long, or takes too long.
            OpenThreatError: The proxy or the certificate file cannot be used.
        """
        from backend.network.session import NetworkSession  # imports requests: once a day, to save memory in the tray

        if not is_safe_address(self.url):
            raise OSError("the address does not begin with https://")
        started = time.monotonic()
        headers = {"User-Agent": _USER_AGENT, "Accept": "application/json"}
        session = NetworkSession(self.network())
        with session.get(self.url, headers=headers, timeout=_WAIT_S, stream=True) as response:
            response.raise_for_status()
            document = b""
            for part in response.iter_content(_CHUNK):
                document += part
                if len(document) > _MAX_BYTES:
                    raise OSError(f"the answer is longer than {_MAX_BYTES} bytes")
                if time.monotonic() - started > _WHOLE_S:
                    raise OSError(f"the answer takes more than {_WHOLE_S:.0f} s")
        return document

    def verify(self, text: bytes, signature: bytes) -> bool:
        from nacl.exceptions import CryptoError  # imported once a day, in this thread only
        from nacl.signing import VerifyKey

        try:
            VerifyKey(bytes.fromhex(self.key)).verify(text, signature)
        except (CryptoError, ValueError, TypeError):
            return False
        return True


def is_safe_address(url: str) -> bool:
    """Whether the address is encrypted, or loopback, which needs no encryption."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def release_check(
    publication: Publication | None,
    home: Path,
    network: Callable[[], NetworkAccess],
    store: StateStore,
    log: Callable[[str], None],
    now: Callable[[], datetime],
) -> ReleaseCheck | None:
    """Return the check of this build and post its last result; None: the build does not check for new versions.

    Args:
        publication: The build settings.
        home: The data folder.
    """
    if publication is None or publication.manifest is None:
        return None
    address = publication.manifest
    check = ReleaseCheck(Publisher(address.url, address.key, network), ReleaseFile(home), store, log, now)
    check.show_known()
    return check
