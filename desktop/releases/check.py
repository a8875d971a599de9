"""Asks once a day whether there is a new version, and tells of it. It never fetches or installs one.

What goes wrong is written to the supervisor's log, and to nowhere else: nobody has asked.

Fetches what a publisher says of the newest version, and checks whose word that is.
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

from backend.contract.version import VERSION
from backend.system.files import write_atomically
from backend.system.ports import is_loopback
from desktop.releases.manifest import Doubtful, ReleaseMemory, believed
from desktop.state.app_state import ReleaseAsked, StateStore

_SHAPE = TypeAdapter(ReleaseMemory)
_FIRST_S = 20.0  # the start has enough to do
_LOOK_S = 300.0


class ReleaseSource(Protocol):
    """A Publisher."""

    @property
    def is_set_up(self) -> bool: ...

    def ask(self) -> bytes: ...

    def verify(self, text: bytes, signature: bytes) -> bool: ...


class ReleaseFile:
    """A file that is lost, damaged or cannot be written costs one question more, and nothing else."""

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
    """say: writes a line to the log. running: the version that runs."""

    def __init__(
        self,
        source: ReleaseSource,
        file: ReleaseFile,
        store: StateStore,
        say: Callable[[str], None],
        now: Callable[[], datetime],
        running: str = VERSION,
    ) -> None:
        self._source, self._file, self._store, self._say, self._now = source, file, store, say, now
        self._running, self._over = running, threading.Event()
        self._thread = threading.Thread(target=self._watch, name="release check", daemon=True)

    def start(self) -> None:
        """Where nobody publishes, there is nothing to do."""
        if self._source.is_set_up:
            self._thread.start()

    def stop(self) -> None:
        """A question that is under way is not waited for."""
        self._over.set()

    def look(self) -> None:
        """Asks where it is time to and the user wants it, and tells what is known."""
        memory, now = self._file.load(), self._now()
        if self._store.state.settings.release_check and not memory.due_in(now):
            memory = self._asked(memory, now)
            self._file.save(memory)
        self._tell(memory)

    def _asked(self, memory: ReleaseMemory, now: datetime) -> ReleaseMemory:
        try:
            manifest = believed(self._source.ask(), self._source.verify, memory.manifest, now)
        except (OSError, ValueError, Doubtful) as error:
            self._say(f"The publisher's word on new versions could not be had: {error}")
            return replace(memory, asked_at=now, failed=True)
        return replace(memory, asked_at=now, failed=False, manifest=manifest)

    def _tell(self, memory: ReleaseMemory) -> None:
        self._store.post(ReleaseAsked(memory.standing_for(self._running)))

    def _watch(self) -> None:
        self._tell(self._file.load())
        pause = _FIRST_S
        while not self._over.wait(pause):
            self.look()
            pause = _LOOK_S


_WAIT_S = 10.0  # for connecting, and again for each part
_WHOLE_S = 30.0
_MAX_BYTES = 64 * 1024
_CHUNK = 8 * 1024
_USER_AGENT = f"OpenThreat-Desktop/{VERSION} (looks for a new version once a day)"


@dataclass(frozen=True)
class Publisher:
    """url: of the signed manifest; key: Ed25519, in hexadecimal."""

    url: str
    key: str

    @property
    def is_set_up(self) -> bool:
        return bool(self.url and self.key)

    def ask(self) -> bytes:
        """The document as it came, through the system's proxies. Raises OSError: it cannot be had, or is too long."""
        import requests  # once a day: an idle tray need not carry it

        if not _is_safe(self.url):
            raise OSError("its address does not begin with https://")
        begun = time.monotonic()
        headers = {"User-Agent": _USER_AGENT, "Accept": "application/json"}
        with requests.get(self.url, headers=headers, timeout=_WAIT_S, stream=True) as answer:
            answer.raise_for_status()
            document = b""
            for part in answer.iter_content(_CHUNK):
                document += part
                if len(document) > _MAX_BYTES:
                    raise OSError(f"its answer is longer than {_MAX_BYTES} bytes")
                if time.monotonic() - begun > _WHOLE_S:
                    raise OSError(f"its answer takes more than {_WHOLE_S:.0f} s")
        return document

    def verify(self, text: bytes, signature: bytes) -> bool:
        from nacl.exceptions import CryptoError  # once a day, and then in a thread of its own
        from nacl.signing import VerifyKey

        try:
            VerifyKey(bytes.fromhex(self.key)).verify(text, signature)
        except (CryptoError, ValueError, TypeError):
            return False
        return True


def _is_safe(url: str) -> bool:
    """One's own machine needs no encryption."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
