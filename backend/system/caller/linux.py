"""The owner of a socket on Linux, by sock_diag(7): one question about one connection, which takes 0.05 ms.

Where a sandbox or a small kernel lacks sock_diag, the tables of proc(5) are read, which takes from 5 to 50 ms. Neither
needs any rights.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backend.system.caller.connection import Caller, Connection, Endpoint, connection_of

_ROOT = 0
_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUESTED = 1  # NLM_F_REQUEST
_EVERY_STATE = 0xFFFFFFFF
_ANY_COOKIE = b"\xff" * 8
_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port id
_QUESTION = struct.Struct("=BBBBI")  # the start of inet_diag_req_v2: family, protocol, extensions, padding, states
_SOCKET = struct.Struct("!HH16s16s")  # the start of inet_diag_sockid; it ends with interface and cookie
_END = struct.Struct("=I8s")
_STATE = struct.Struct("=BBBB")  # the start of inet_diag_msg: family, state, timer, retransmissions
_OWNER = struct.Struct("=IIIII")  # its end: expires, receive queue, send queue, user, inode
_ANSWER_BYTES = 4096
_TIMEOUT_S = 1.0


@dataclass(frozen=True)
class FoundSocket:
    """inode: 0 for a socket that its program has closed; the kernel then gives user 0 for a socket of any user."""

    user: int
    inode: int


def owner_of(connection: Connection) -> Caller:
    """Return whose socket it is."""
    found = ask_kernel(connection) if _kernel_answers() else _look_up(connection)
    return judge(found, os.geteuid())


def judge(found: FoundSocket | None, user: int) -> Caller:
    """Compare a socket's owner with a user. Root counts as each of them: it can read their files and processes too."""
    if found is None or not found.inode:
        return Caller.UNKNOWN
    return Caller.OWNER if found.user in (user, _ROOT) else Caller.OTHER


@cache
def _kernel_answers() -> bool:
    """Whether sock_diag knows a connection that exists. Its error for unknown connections is that for a lack of it."""
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.create_connection(server.getsockname(), _TIMEOUT_S) as client,
        ):
            connection = connection_of(client.getpeername(), client.getsockname())
            return connection is not None and ask_kernel(connection) is not None
    except OSError:
        return False


def ask_kernel(connection: Connection) -> FoundSocket | None:
    """Ask the kernel for one socket; None if there is none, or the kernel does not answer such questions."""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as kernel:
            kernel.settimeout(_TIMEOUT_S)
            kernel.sendto(question(connection), (0, 0))
            return parse_answer(kernel.recv(_ANSWER_BYTES), connection)
    except OSError:
        return None


def question(connection: Connection) -> bytes:
    family = socket.AF_INET6 if connection.is_ipv6 else socket.AF_INET
    start = _QUESTION.pack(family, socket.IPPROTO_TCP, 0, 0, _EVERY_STATE)
    body = start + _ends(connection) + _END.pack(0, _ANY_COOKIE)
    return _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _REQUESTED, 0, 0) + body


def parse_answer(answer: bytes, connection: Connection) -> FoundSocket | None:
    """Read the kernel's answer. For a connection that has ended it may name a program that listens on the same port."""
    ends, owner = _HEADER.size + _STATE.size, _HEADER.size + _STATE.size + _SOCKET.size + _END.size
    if len(answer) < owner + _OWNER.size or _HEADER.unpack_from(answer)[1] != _SOCK_DIAG_BY_FAMILY:
        return None
    if not answer.startswith(_ports(connection), ends):
        return None
    *_, user, inode = _OWNER.unpack_from(answer, owner)
    return FoundSocket(user, inode)


def _ends(connection: Connection) -> bytes:
    return _SOCKET.pack(connection.local.port, connection.remote.port, connection.local.host, connection.remote.host)


def _ports(connection: Connection) -> bytes:
    """A socket that listens has the remote port 0. Addresses alone may differ in form, as ::ffff:127.0.0.1 does."""
    return _ends(connection)[:4]


def _look_up(connection: Connection) -> FoundSocket | None:
    try:
        tables = [path.read_bytes() for path in _TABLES if path.exists()]
    except OSError:
        return None
    return find_in_tables(tables, connection)


def find_in_tables(tables: Iterable[bytes], connection: Connection) -> FoundSocket | None:
    """Find a connection in the contents of /proc/net/tcp and tcp6. One of IPv4 may be in either."""
    forms = [f": {_table_form(ends.local)} {_table_form(ends.remote)} ".encode() for ends in connection.forms]
    found = [table[start:] for table in tables for form in forms if (start := table.find(form)) >= 0]
    return _parse_line(found[0].partition(b"\n")[0]) if found else None


def _table_form(end: Endpoint) -> str:
    """The table has each four bytes of an address as one number in the machine's own byte order."""
    words = struct.unpack(f"={len(end.host) // 4}I", end.host)
    return "".join(f"{word:08X}" for word in words) + f":{end.port:04X}"


def _parse_line(line: bytes) -> FoundSocket | None:
    """Columns by proc_pid_net(5): ":", local, remote, state, queues, timer, retransmissions, user, timeout, inode."""
    match line.split():
        case [_, _, _, _, _, _, _, user, _, inode, *_] if user.isdigit() and inode.isdigit():
            return FoundSocket(int(user), int(inode))
    return None
