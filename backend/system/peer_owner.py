"""The user whose process is at the other end of a loopback connection.

Linux tells it by the uid of the peer's socket (/proc/net/tcp, proc_pid_net(5)), Windows by the process that owns the
socket (GetExtendedTcpTable). Other users' processes on one machine can connect to a loopback port.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator, Sequence
from enum import Enum
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import psutil

Endpoint = tuple[str, int]
"""Address and port."""

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTENING = "0A"
_ROOT = 0
_SYSTEM_ACCOUNT = "NT AUTHORITY\\SYSTEM"
_MAPPED = b"\0" * 10 + b"\xff\xff"
"""Before an IPv4 address in the table of IPv6 sockets."""
_IPV4 = 4  # bytes


class PeerOwner(Enum):
    OWN = "own"  # this process's user, or the administrator of the whole machine
    OTHER = "other"
    UNKNOWN = "unknown"  # the system does not tell


def owner_of(peer: Endpoint, own: Endpoint) -> PeerOwner:
    """Tell whose process a loopback connection comes from.

    Args:
        peer: the other end.
        own: this end.
    """
    return owner_by_process(peer, own) if sys.platform == "win32" else owner_by_uid(peer, own, os.geteuid(), TABLES)


def owner_by_uid(peer: Endpoint, own: Endpoint, uid: int, tables: Sequence[Path]) -> PeerOwner:
    """Tell it by the kernel's tables of sockets. A connection that is in none is not of this machine's users."""
    sockets = [found for table in tables for found in _sockets(table)]
    ends = {(_written(peer, form), _written(own, form)) for form in (b"", _MAPPED)}
    for found in sockets:
        if (found.local, found.remote) in ends:
            return PeerOwner.OWN if found.uid in (uid, _ROOT) else PeerOwner.OTHER
    listener = f":{own[1]:04X}"
    is_complete = any(found.state == _LISTENING and found.local.endswith(listener) for found in sockets)
    return PeerOwner.OTHER if is_complete else PeerOwner.UNKNOWN


class _Socket(NamedTuple):
    """A TCP socket. local, remote: as the kernel writes an address and a port."""

    local: str
    remote: str
    state: str
    uid: int


def _sockets(table: Path) -> Iterator[_Socket]:
    try:
        lines = table.read_text("ascii").splitlines()[1:]
    except OSError:  # not every system has these tables; without any, nothing can be told
        return
    for line in lines:
        fields = line.split()
        yield _Socket(fields[1], fields[2], fields[3], int(fields[7]))


def _written(endpoint: Endpoint, before: bytes) -> str:
    """An address as the kernel writes it: words of four bytes in the order of the machine, in hexadecimal."""
    packed = ip_address(endpoint[0]).packed
    whole = before + packed if len(packed) == _IPV4 else packed
    words = struct.unpack(f"={len(whole) // 4}I", whole)
    return "".join(f"{word:08X}" for word in words) + f":{endpoint[1]:04X}"


def owner_by_process(peer: Endpoint, own: Endpoint) -> PeerOwner:
    """Tell it by the process that owns the socket; one that may not be asked belongs to somebody else."""
    for found in psutil.net_connections("tcp"):
        if found.raddr and (tuple(found.laddr), tuple(found.raddr)) == (peer, own) and found.pid is not None:
            try:
                account = psutil.Process(found.pid).username()
            except psutil.Error:
                return PeerOwner.OTHER
            return PeerOwner.OWN if account in (psutil.Process().username(), _SYSTEM_ACCOUNT) else PeerOwner.OTHER
    return PeerOwner.UNKNOWN
