"""Fetches what a publisher says of the newest version, and checks whose word that is."""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from backend.contract.version import VERSION

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
    try:
        own = parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        own = False
    return parts.scheme == "https" or (parts.scheme == "http" and own)
