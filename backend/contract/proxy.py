"""How the internet is reached: the choice of a proxy, and the address of one as people write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote, unquote, urlsplit

_PORTS = {"http": 80, "https": 443}


class ProxyFault(StrEnum):
    """Why a text is no address of a proxy, without the text itself, which may hold a password."""

    FORM = "The proxy's address has the form host:port"
    SOCKS = "SOCKS proxies are not supported, only HTTP proxies"
    SCRIPT = "Scripts (PAC) are not supported; enter the address of the proxy itself"


class ProxyMode(StrEnum):
    SYSTEM = "system"  # what the system's settings say, or its variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY
    NONE = "none"
    MANUAL = "manual"


@dataclass(frozen=True)
class Proxy:
    """Its text is "host:port", without user and password."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """The address with user and password, for an HTTP client; not to be shown."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        return f"{self.scheme}://{login}{self}"

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_proxy(text: str) -> Proxy:
    """Parse "host:port", with or without http:// or https:// and a user before it.

    Raises:
        ValueError: The text is no such address; the message is a ProxyFault.
    """
    address = text.strip()
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        port = parts.port
    except ValueError as error:
        raise ValueError(ProxyFault.FORM) from error
    if parts.scheme.startswith("socks"):
        raise ValueError(ProxyFault.SOCKS)
    if parts.scheme not in _PORTS or not parts.hostname or port == 0 or any(letter.isspace() for letter in address):
        raise ValueError(ProxyFault.FORM)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(ProxyFault.SCRIPT)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password)


def parse_proxy_choice(text: str) -> tuple[ProxyMode, Proxy | None]:
    """Parse the value of OPENTHREAT_PROXY: "system", "none", or the address of a proxy.

    Raises:
        ValueError: As `parse_proxy`.
    """
    word = text.strip().lower()
    if word in (ProxyMode.SYSTEM, ProxyMode.NONE):
        return ProxyMode(word), None
    return ProxyMode.MANUAL, parse_proxy(text)
