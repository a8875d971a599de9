"""Whether the two servers answer, asked at their own ports: Docker's port opens before they do, and is cheap to ask."""

from __future__ import annotations

import socket
import struct

from backend.contract.stack import DockerAccess

_WAIT_S = 2.0
_PROTOCOL_3 = 196608
_STARTUP = b"user\0openthreat\0database\0openthreat\0\0"
_NOT_NOW = b"C57P03\0"  # cannot_connect_now: starting up, shutting down


def servers_answer(access: DockerAccess) -> bool:
    return postgres_answers(access.postgres_port) and redis_answers(
        access.redis_port, access.redis_password.get_secret_value()
    )


def postgres_answers(port: int) -> bool:
    """It asks for a password, or has another reason than being on its way up or down."""
    reply = _asked(port, struct.pack("!II", len(_STARTUP) + 8, _PROTOCOL_3) + _STARTUP)
    return reply[:1] == b"R" or (reply[:1] == b"E" and _NOT_NOW not in reply)


def redis_answers(port: int, password: str) -> bool:
    """It takes the password, so it is ours, and has read its data."""
    return b"+PONG" in _asked(port, f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())


def _asked(port: int, question: bytes) -> bytes:
    """Empty: no answer. Reads until the server has said enough."""
    reply = b""
    try:
        with socket.create_connection(("127.0.0.1", port), _WAIT_S) as connection:
            connection.sendall(question)
            while part := connection.recv(4096):
                reply += part
                if reply[:1] in (b"R", b"E") or reply.count(b"\r\n") >= 2:
                    break
    except OSError:
        return b""
    return reply
