"""Whose process is at the other end of a connection."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from backend.system.peer_owner import PeerOwner, owner_by_process, owner_by_uid, owner_of

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LISTENER = "   0: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1\n"
CLIENT = "   1: 0100007F:C350 0100007F:1F41 01 00000000:00000000 00:00000000 00000000  {uid}        0 2\n"
SERVER_END = "   2: 0100007F:1F41 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 3\n"
PEER, OWN = ("127.0.0.1", 50000), ("127.0.0.1", 8001)


def table(folder: Path, *lines: str) -> Path:
    file = folder / "tcp"
    file.write_text(HEAD + "".join(lines))
    return file


@pytest.mark.parametrize(("uid", "expected"), [(1000, PeerOwner.OWN), (0, PeerOwner.OWN), (1001, PeerOwner.OTHER)])
def test_the_uid_of_the_peers_socket_decides(tmp_path: Path, uid: int, expected: PeerOwner) -> None:
    tables = [table(tmp_path, LISTENER, SERVER_END, CLIENT.format(uid=uid))]
    assert owner_by_uid(PEER, OWN, 1000, tables) is expected


def test_a_connection_that_is_not_listed_is_somebody_elses(tmp_path: Path) -> None:
    assert owner_by_uid(PEER, OWN, 1000, [table(tmp_path, LISTENER, SERVER_END)]) is PeerOwner.OTHER


def test_tables_that_do_not_even_list_the_listener_tell_nothing(tmp_path: Path) -> None:
    assert owner_by_uid(PEER, OWN, 1000, [table(tmp_path)]) is PeerOwner.UNKNOWN
    assert owner_by_uid(PEER, OWN, 1000, [tmp_path / "missing"]) is PeerOwner.UNKNOWN


def test_addresses_of_ipv6_and_mapped_ones_are_found(tmp_path: Path) -> None:
    mapped, loopback = "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"
    for written, address in ((mapped, "127.0.0.1"), (loopback, "::1")):
        line = CLIENT.format(uid=1001).replace("0100007F", written)
        assert owner_by_uid((address, 50000), (address, 8001), 1000, [table(tmp_path, line)]) is PeerOwner.OTHER


@pytest.fixture
def connected() -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """The ends of a real connection of this process with itself."""
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as listener,
        closing(socket.create_connection(listener.getsockname())) as client,
    ):
        yield client.getsockname(), listener.getsockname()


def test_ones_own_connection(connected: tuple[tuple[str, int], tuple[str, int]]) -> None:
    assert owner_of(*connected) is PeerOwner.OWN
    assert owner_by_process(*connected) is PeerOwner.OWN


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="asks for another user as root can")
def test_another_users_connection() -> None:
    code = "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); sys.stdin.read()"
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
        other = subprocess.Popen([sys.executable, "-S", "-c", code, str(port)], stdin=subprocess.PIPE, user=65534)
        try:
            connection, peer = listener.accept()
            with closing(connection):
                assert owner_of(peer, connection.getsockname()) is PeerOwner.OTHER
        finally:
            other.communicate()
