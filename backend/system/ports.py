"""Who holds a TCP port of this machine, whether one is to be had, and which hosts are this machine."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

_BIND_LIKE_A_SERVER = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
"""SO_EXCLUSIVEADDRUSE exists on Windows only, where SO_REUSEADDR would share the port with whoever has it."""


@dataclass(frozen=True)
class Holder:
    """Who listens on a port, as the beginning of a sentence.

    pid and name are unknown for processes of other users, without the right to see them.
    """

    pid: int | None = None
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name or 'A program'} (process {self.pid})" if self.pid else "A program of another user"


def port_holder(port: int) -> Holder | None:
    """Who listens on a TCP port of this machine; None: nobody, as far as we may see."""
    import psutil  # only a port that is taken needs it

    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.Error:
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
            return _holder(connection.pid)
    return None


def _holder(pid: int | None) -> Holder:
    import psutil

    if pid is None:
        return Holder()
    try:
        return Holder(pid, psutil.Process(pid).name())
    except psutil.Error:
        return Holder(pid)


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    return binding_error(host, port) is None


def binding_error(host: str, port: int) -> OSError | None:
    """Why no server could listen there (on Windows some ports are reserved, held by nobody); None: one could."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, _BIND_LIKE_A_SERVER, 1)
            probe.bind(address)
    except OSError as error:
        return error
    return None


def is_loopback(host: str) -> bool:
    """Whether a name or address stands for this machine itself; no name is looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
