"""The owner of a socket on Windows: the process that the table of connections names, and the user of its token.

The API functions are looked up at run time, so that this module can be imported and checked on every platform.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import wintypes
from functools import cache

from backend.system.caller.connection import Caller, Connection, Endpoint

_AF_INET, _AF_INET6 = 2, 23
_TCP_TABLE_OWNER_PID_CONNECTIONS = 4
_INSUFFICIENT_BUFFER = 122
_FIRST_BYTES = 64 * 1024
_TRIES = 5  # the table may grow between two calls
_COUNT_BYTES = 4
_IPV4_ROW = struct.Struct("<4x4sH2x4sH2xI")  # MIB_TCPROW_OWNER_PID; ports are in network order
_IPV6_ROW = struct.Struct("<16s4xH2x16s4xH2x4xI")  # MIB_TCP6ROW_OWNER_PID

_PROCESS_QUERY_LIMITED_INFORMATION = 0x1000
_TOKEN_QUERY = 0x0008
_TOKEN_USER = 1
_TOKEN_USER_BYTES = 256  # a TOKEN_USER with the longest SID (68 bytes) is shorter
_THIS_PROCESS = -1


def owner_of(connection: Connection) -> Caller:
    """Return whose socket it is. The user's own elevated programs count as theirs; services of the system do not."""
    found = (find_pid(_connections(ipv6=form.is_ipv6), form) for form in connection.forms)
    pid = next(filter(None, found), None)
    if pid is None and _is_wine():
        return Caller.OWNER  # a program of the system around Wine: it is not in the table, and has no user of Windows
    user = user_of(pid) if pid else None
    if user is None:
        return Caller.UNKNOWN
    return Caller.OWNER if user == _this_user() else Caller.OTHER


def find_pid(table: bytes, connection: Connection) -> int | None:
    """Find the process of a connection in the content of a table; 0: no process holds it. None: it is not there."""
    row = _IPV6_ROW if connection.is_ipv6 else _IPV4_ROW
    count = min(int.from_bytes(table[:_COUNT_BYTES], "little"), (len(table) - _COUNT_BYTES) // row.size)
    wanted = (*_in_row(connection.local), *_in_row(connection.remote))
    for number in range(count):
        *ends, pid = row.unpack_from(table, _COUNT_BYTES + number * row.size)
        if tuple(ends) == wanted:
            return int(pid)
    return None


def _in_row(end: Endpoint) -> tuple[bytes, int]:
    return end.host, int.from_bytes(end.port.to_bytes(2, "big"), "little")


def _connections(*, ipv6: bool) -> bytes:
    """Return the table of all TCP connections by IPv4 or IPv6; empty if Windows does not give it."""
    family = _AF_INET6 if ipv6 else _AF_INET
    helper, size = ctypes.CDLL("iphlpapi"), wintypes.DWORD(_FIRST_BYTES)
    for _ in range(_TRIES):
        table = ctypes.create_string_buffer(size.value)
        error = helper.GetExtendedTcpTable(
            table, ctypes.byref(size), False, family, _TCP_TABLE_OWNER_PID_CONNECTIONS, 0
        )
        if error != _INSUFFICIENT_BUFFER:
            return b"" if error else table.raw
    return b""


@cache
def _is_wine() -> bool:
    return hasattr(ctypes.CDLL("ntdll"), "wine_get_version")


@cache
def _this_user() -> bytes | None:
    return _user_of_handle(wintypes.HANDLE(_THIS_PROCESS))


def user_of(pid: int) -> bytes | None:
    """Return the security identifier of a process's user; None if this one may not ask, or the process has ended."""
    kernel = _kernel()
    with _closing(kernel.OpenProcess(_PROCESS_QUERY_LIMITED_INFORMATION, False, pid)) as process:
        return _user_of_handle(process) if process else None


def _user_of_handle(process: wintypes.HANDLE) -> bytes | None:
    security, token, length = _security(), wintypes.HANDLE(), wintypes.DWORD()
    if not security.OpenProcessToken(process, _TOKEN_QUERY, ctypes.byref(token)):
        return None
    with _closing(token):
        user = ctypes.create_string_buffer(_TOKEN_USER_BYTES)
        if not security.GetTokenInformation(token, _TOKEN_USER, user, _TOKEN_USER_BYTES, ctypes.byref(length)):
            return None
        identifier = ctypes.c_void_p.from_buffer(user).value  # points into the buffer
        return ctypes.string_at(identifier, security.GetLengthSid(identifier)) if identifier else None


@contextmanager
def _closing(handle: wintypes.HANDLE) -> Iterator[wintypes.HANDLE]:
    try:
        yield handle
    finally:
        if handle:
            _kernel().CloseHandle(handle)


@cache
def _kernel() -> ctypes.CDLL:
    kernel = ctypes.CDLL("kernel32")
    kernel.OpenProcess.restype = wintypes.HANDLE
    kernel.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
    kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    return kernel


@cache
def _security() -> ctypes.CDLL:
    security, handle, pointer = ctypes.CDLL("advapi32"), wintypes.HANDLE, ctypes.c_void_p
    security.OpenProcessToken.argtypes = (handle, wintypes.DWORD, pointer)
    security.GetTokenInformation.argtypes = (handle, ctypes.c_int, pointer, wintypes.DWORD, pointer)
    security.GetLengthSid.argtypes = (pointer,)
    return security
