"""Is the network up? It is, as soon as something that an update needs accepts a connection.

Nothing is asked of anybody here: the door is opened and closed again. Not built on requests, which beat does without.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from backend.config import Settings
from backend.connectors.addresses import addresses

Door = tuple[str, int]
"""Host and port."""
PATIENCE = 3.0
"""Seconds for one door."""
_PORTS = {"http": 80, "https": 443}


def doors(settings: Settings) -> Sequence[Door]:
    """Of the sources that are switched on, or of the proxy on the way to them; each once."""
    found = (_door(address) for address in addresses(settings).values())
    return tuple(dict.fromkeys(door for door in found if door))


def any_opens(candidates: Iterable[Door]) -> bool:
    return any(_opens(door) for door in candidates)


def _door(address: str) -> Door | None:
    """None for an address that is none: the update itself says so."""
    direct = _parsed(address)
    if direct is None or _loopback(direct[0]) or proxy_bypass(direct[0]):
        return direct
    proxies = getproxies()
    proxy = proxies.get(urlsplit(address).scheme) or proxies.get("all")
    return _parsed(proxy if "://" in proxy else f"http://{proxy}") if proxy else direct


def _parsed(address: str) -> Door | None:
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _opens(door: Door) -> bool:
    try:
        socket.create_connection(door, timeout=PATIENCE).close()
    except (OSError, UnicodeError):  # UnicodeError: a host name that cannot be one
        return False
    return True
