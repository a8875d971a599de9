"""The socket of the API."""

from __future__ import annotations

import os
import socket

import pytest

from backend.api.server import PortTaken, open_listener


def test_names_the_program_that_has_the_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as raised:
            open_listener("127.0.0.1", port)
    assert str(port) in raised.value.title
    assert f"(process {os.getpid()}) listens on it" in raised.value.message
    assert "OPENTHREAT_API_PORT" in raised.value.hint


def test_connections_send_at_once() -> None:
    """asyncio sets TCP_NODELAY where the socket names TCP; else each answer waits for a delayed acknowledgement."""
    with open_listener("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
