"""Whose program is at the other end of a connection: by sockets of this machine, and by tables of both systems."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend.system.caller import Address, Caller, caller_of, linux, windows
from backend.system.caller.connection import Connection, connection_of
from backend.system.caller.linux import FoundSocket

on_linux = pytest.mark.skipif(sys.platform == "win32", reason="there the table of connections names the owner")


@contextmanager
def connected(host: str, client: socket.AddressFamily, name: str) -> Iterator[tuple[socket.socket, Address, Address]]:
    """A client that reached a server of this process by `name`, and both addresses as the server sees them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as server, socket.socket(client) as other:
        if client is socket.AF_INET6:
            other.setsockopt(
                socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0
            )  # on Windows it is 1 until a program changes it
        other.connect((name, server.getsockname()[1]))
        accepted, address = server.accept()
        with accepted:
            yield other, accepted.getsockname()[:2], address[:2]


@pytest.mark.parametrize(
    ("host", "client", "name"),
    [
        ("127.0.0.1", socket.AF_INET, "127.0.0.1"),
        ("::1", socket.AF_INET6, "::1"),
        ("127.0.0.1", socket.AF_INET6, "::ffff:127.0.0.1"),  # as Java's and .NET's programs connect
    ],
)
@pytest.mark.parametrize("by_kernel", [pytest.param(True, id="kernel"), pytest.param(False, id="tables")])
def test_our_own_programs_are_recognised(
    host: str, client: socket.AddressFamily, name: str, by_kernel: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linux, "_kernel_answers", lambda: by_kernel)
    with connected(host, client, name) as (_, own, other):
        assert caller_of(own, other) is Caller.OWNER


@on_linux
def test_the_kernel_answers_such_questions_here() -> None:
    assert linux._kernel_answers()


@on_linux
@pytest.mark.parametrize("by_kernel", [pytest.param(True, id="kernel"), pytest.param(False, id="tables")])
def test_a_socket_that_was_closed_has_no_owner_although_the_system_names_root(
    by_kernel: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linux, "_kernel_answers", lambda: by_kernel)
    with connected("127.0.0.1", socket.AF_INET, "127.0.0.1") as (client, own, other):
        client.sendall(b"a request whose answer nobody wants")
        client.close()
        assert caller_of(own, other) is Caller.UNKNOWN


@on_linux
@pytest.mark.parametrize("by_kernel", [pytest.param(True, id="kernel"), pytest.param(False, id="tables")])
def test_a_client_that_sends_no_more_and_waits_keeps_its_owner(
    by_kernel: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linux, "_kernel_answers", lambda: by_kernel)
    with connected("127.0.0.1", socket.AF_INET, "127.0.0.1") as (client, own, other):
        client.shutdown(socket.SHUT_WR)
        assert caller_of(own, other) is Caller.OWNER


@on_linux
def test_a_program_that_listens_on_the_port_of_an_ended_connection_is_not_its_other_end() -> None:
    """The kernel names it in place of the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert caller_of(("127.0.0.1", 9), listener.getsockname()) is Caller.UNKNOWN


@pytest.mark.parametrize(
    ("own", "other"),
    [
        (None, ("127.0.0.1", 5)),
        (("127.0.0.1", 5), None),
        (("127.0.0.1", 5), ("testclient", 50000)),
        (("127.0.0.1", 8001), ("192.0.2.7", 40000)),
        (("::1", 8001), ("::1", 1)),
    ],
)
def test_what_is_no_connection_of_this_machine_has_no_owner(
    own: Address | None, other: Address | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "_is_wine", lambda: False)
    assert caller_of(own, other) is Caller.UNKNOWN


@pytest.mark.parametrize(
    ("found", "caller"),
    [
        (FoundSocket(user=1000, inode=7), Caller.OWNER),
        (FoundSocket(user=0, inode=7), Caller.OWNER),
        (FoundSocket(user=1001, inode=7), Caller.OTHER),
        (FoundSocket(user=65534, inode=7), Caller.OTHER),
        (FoundSocket(user=0, inode=0), Caller.UNKNOWN),
        (FoundSocket(user=1000, inode=0), Caller.UNKNOWN),
        (None, Caller.UNKNOWN),
    ],
)
def test_this_user_and_root_count_as_the_owner(found: FoundSocket | None, caller: Caller) -> None:
    assert linux.judge(found, 1000) is caller


TCP = b"""\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F41 0100007F:B316 01 00000000:00000000 00:00000000 00000000  1000        0 85456 2 00000000c445831e 20 0 0 10 -1
   2: 0100007F:B316 0100007F:1F41 01 00000000:00000000 00:00000000 00000000  1001        0 85455 2 00000000c445831f 20 0 0 10 -1
   3: 0100007F:B317 0100007F:1F41 05 00000000:00000000 02:00000FFF 00000000     0        0 0 3 00000000c4458320
   4: 0100007F:B318 0100007F:1F41 01 00000000:00000000 00:00000000 00000000 someone
"""  # noqa: E501 - as the kernel writes it
TCP6 = b"""\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:B316 00000000000000000000000001000000:1F41 01 00000000:00000000 00:00000000 00000000  1002        0 90001 1 0000000000000000 20 4 30 10 -1
   1: 0000000000000000FFFF00000100007F:B319 0000000000000000FFFF00000100007F:1F41 01 00000000:00000000 00:00000000 00000000  1003        0 90002 1 0000000000000000 20 4 30 10 -1
"""  # noqa: E501


def seen_from_the_client(port: int, host: str = "127.0.0.1") -> Connection:
    connection = connection_of((host, 8001), (host, port))
    assert connection is not None
    return connection


@pytest.mark.parametrize(
    ("connection", "found"),
    [
        (seen_from_the_client(0xB316), FoundSocket(1001, 85455)),
        (seen_from_the_client(0xB317), FoundSocket(0, 0)),
        (seen_from_the_client(0xB318), None),
        (seen_from_the_client(0xB319), FoundSocket(1003, 90002)),
        (seen_from_the_client(0xB316, "::1"), FoundSocket(1002, 90001)),
        (seen_from_the_client(0xB320), None),
        (seen_from_the_client(0), None),
    ],
)
def test_a_socket_is_found_in_the_tables_of_linux(connection: Connection, found: FoundSocket | None) -> None:
    assert linux.find_in_tables([TCP, TCP6], connection) == found


@pytest.mark.parametrize("table", [b"", b"no table", TCP[:300], TCP6[:-170]])
def test_tables_that_break_off_name_nobody(table: bytes) -> None:
    assert linux.find_in_tables([table], seen_from_the_client(0xB319)) is None


def answer(kind: int, ports: tuple[int, int], user: int, inode: int) -> bytes:
    body = bytes(4) + struct.pack("!HH", *ports) + bytes(32 + 12) + struct.pack("=IIIII", 0, 0, 0, user, inode)
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


@pytest.mark.parametrize(
    ("received", "found"),
    [
        (answer(20, (0xB316, 8001), 1001, 85455), FoundSocket(1001, 85455)),
        (answer(20, (0xB316, 0), 1001, 85455), None),  # a program that listens
        (answer(2, (0xB316, 8001), 1001, 85455), None),  # an error
        (answer(20, (0xB316, 8001), 1001, 85455)[:60], None),
        (b"", None),
    ],
)
def test_only_the_answer_about_this_connection_is_taken(received: bytes, found: FoundSocket | None) -> None:
    assert linux.parse_answer(received, seen_from_the_client(0xB316)) == found


def windows_table(*rows: tuple[str, int, int], count: int | None = None) -> bytes:
    """Connections to port 8001 of the same address: address, own port, process."""
    return (len(rows) if count is None else count).to_bytes(4, "little") + b"".join(map(_windows_row, rows))


def _windows_row(row: tuple[str, int, int]) -> bytes:
    host, port, pid = row
    established, junk = struct.pack("<I", 5), b"\x9c\xff"  # Windows leaves the upper half of a port undefined
    ends = [(port.to_bytes(2, "big") + junk), ((8001).to_bytes(2, "big") + junk)]
    if ":" not in host:
        address = socket.inet_pton(socket.AF_INET, host)
        return established + b"".join(address + end for end in ends) + struct.pack("<I", pid)
    address = socket.inet_pton(socket.AF_INET6, host)
    return b"".join(address + bytes(4) + end for end in ends) + established + struct.pack("<I", pid)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_process_is_found_in_the_table_of_windows(host: str) -> None:
    table = windows_table((host, 49999, 10), (host, 50000, 4711), (host, 50001, 0)) + bytes(500)
    pids = [windows.find_pid(table, seen_from_the_client(port, host)) for port in (50000, 50001, 50002)]
    assert pids == [4711, 0, None]


@pytest.mark.parametrize("table", [b"", b"\x01", windows_table(count=3), windows_table(count=2**32 - 1) + bytes(23)])
def test_a_table_of_windows_that_breaks_off_names_nobody(table: bytes) -> None:
    assert windows.find_pid(table, seen_from_the_client(50000)) is None


@pytest.mark.parametrize(
    ("pid", "wine", "caller"),
    [
        (10, False, Caller.OWNER),
        (11, False, Caller.OTHER),
        (12, False, Caller.UNKNOWN),  # ended, or this user may not read it
        (0, False, Caller.UNKNOWN),
        (0, True, Caller.OWNER),
        (None, False, Caller.UNKNOWN),
        (None, True, Caller.OWNER),
    ],
)
def test_on_windows_the_user_of_the_process_decides(
    pid: int | None, wine: bool, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [] if pid is None else [("127.0.0.1", 50000, pid)]
    monkeypatch.setattr(windows, "_connections", lambda *, ipv6: b"" if ipv6 else windows_table(*rows))
    monkeypatch.setattr(windows, "_is_wine", lambda: wine)
    monkeypatch.setattr(windows, "_this_user", lambda: b"S-1-5-21-1")
    monkeypatch.setattr(windows, "user_of", {10: b"S-1-5-21-1", 11: b"S-1-5-21-2", 12: None}.__getitem__)
    assert windows.owner_of(seen_from_the_client(50000)) is caller


def test_a_connection_by_ipv4_may_be_in_the_table_of_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        windows, "_connections", lambda *, ipv6: windows_table(*[("::ffff:127.0.0.1", 50000, 10)][:ipv6])
    )
    monkeypatch.setattr(windows, "_this_user", lambda: b"S-1-5-21-1")
    monkeypatch.setattr(windows, "user_of", {10: b"S-1-5-21-1"}.__getitem__)
    assert windows.owner_of(seen_from_the_client(50000)) is Caller.OWNER
