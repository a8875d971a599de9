"""Who holds a TCP port of this machine, and whether one is to be had."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Holder:
    """Who listens on a port. pid and name are unknown for processes of other users, without the right to see them."""

    pid: int | None = None
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name or 'a program'} (process {self.pid})" if self.pid else "a program of another user"


def port_holder(port: int) -> Holder | None:
    """Who listens on a TCP port of this machine; None: nobody, as far as we may see."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
            return _holder(connection.pid)
    return None


def _holder(pid: int | None) -> Holder:
    if pid is None:
        return Holder()
    try:
        return Holder(pid, psutil.Process(pid).name())
    except psutil.Error:
        return Holder(pid)


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there: some ports are held by nobody and still not given away on Windows."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError:
        return False
    return True


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def holder(port: int) -> str | None:
    """The program that listens on a port of this machine, as "name (pid 123)"; None where the system does not say."""
    try:
        connections = psutil.net_connections(kind="tcp")
        pids = [
            c.pid for c in connections if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port and c.pid
        ]
        return f"{psutil.Process(pids[0]).name()} (pid {pids[0]})" if pids else None
    except psutil.Error:
        return None


def holder_of(port: int) -> str | None:
    """The program that listens on a TCP port, in words; None: nobody does, or the system does not say."""
    try:
        listening = [
            one
            for one in psutil.net_connections("tcp")
            if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port
        ]
        if not listening:
            return None
        if listening[0].pid is None:
            return "a program of another user"
        return f"{psutil.Process(listening[0].pid).name()} (process {listening[0].pid})"
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        return None
