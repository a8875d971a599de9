"""TCP ports of this machine: which process holds one, whether one is free; and which host names are loopback."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

_BIND_LIKE_A_SERVER = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
"""SO_EXCLUSIVEADDRUSE exists on Windows only, where SO_REUSEADDR would share the port with its holder."""


@dataclass(frozen=True)
class Holder:
    """The process that listens on a port; its text begins a sentence.

    pid and name are unknown for a process of another user that this one may not inspect.
    """

    pid: int | None = None
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name or 'A program'} (process {self.pid})" if self.pid else "A program of another user"


def port_holder(port: int) -> Holder | None:
    """Return the process that listens on a TCP port of this machine; None if none is visible to this user."""
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
    """Whether a server could listen on this port."""
    return binding_error(host, port) is None


def binding_error(host: str, port: int) -> OSError | None:
    """Return why no server could listen there, or None. Windows reserves some ports that no process holds."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, _BIND_LIKE_A_SERVER, 1)
            probe.bind(address)
    except OSError as error:
        return error
    return None


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's loopback; names are not resolved."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
