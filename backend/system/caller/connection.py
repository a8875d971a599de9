"""A connection on this machine as its other end sees it, and the answers about that end."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import Enum, auto

Address = tuple[str, int | None]
"""Host and port; a socket of another family than IP has no port."""


_IPV6_BYTES = 16
_MAPPED = bytes(10) + b"\xff\xff"  # ::ffff:0:0/96


class Caller(Enum):
    """Whose program is at the other end of a connection."""

    OWNER = auto()  # this user's, or that of an administrator who may read everything anyway
    OTHER = auto()
    UNKNOWN = auto()  # not of this machine, closed already, or the system does not say


@dataclass(frozen=True)
class Endpoint:
    """host: 4 or 16 bytes in network order."""

    host: bytes
    port: int


@dataclass(frozen=True)
class Connection:
    """The socket of the other end: `local` is its own address, `remote` that of this process."""

    local: Endpoint
    remote: Endpoint

    @property
    def is_ipv6(self) -> bool:
        return len(self.local.host) == _IPV6_BYTES

    @property
    def forms(self) -> tuple[Connection, ...]:
        """The connection, and one of IPv4 also as a socket of IPv6 has it, such as those of Java and .NET."""
        return (self,) if self.is_ipv6 else (self, Connection(_mapped(self.local), _mapped(self.remote)))


def connection_of(own: Address | None, other: Address | None) -> Connection | None:
    """Return the connection seen from the other end; None if an address is not known or is no IP address."""
    local, remote = _endpoint(other), _endpoint(own)
    return Connection(local, remote) if local and remote else None


def _mapped(end: Endpoint) -> Endpoint:
    return Endpoint(_MAPPED + end.host, end.port)


def _endpoint(address: Address | None) -> Endpoint | None:
    host, port = address or ("", None)
    try:
        return None if port is None else Endpoint(ipaddress.ip_address(host).packed, port)
    except ValueError:
        return None
