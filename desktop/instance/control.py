"""Commands from another process to the running program: JSON over loopback, authenticated by a key in a file.

Only the owner of the data folder can read the key file. It is valid only while the instance lock is held.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, JsonValue, ValidationError

from backend.contract.errors import OpenThreatError
from backend.system.files import write_atomically

KEY_FILE = "desktop.key"
Reply = Mapping[str, JsonValue]
_LOOPBACK = "127.0.0.1"
_MAX_BYTES = 64 * 1024
_WAIT_S = 5.0


class _KeyFileContent(BaseModel):
    port: int
    key: str


class _Request(BaseModel):
    command: str


class ControlServer:
    """Answers commands while it is entered.

    Args:
        commands: The function that answers each command; it must return at once.

    Raises:
        OSError: No port can be opened.
        OpenThreatError: The data folder cannot be written. This is the first write of a start, so it fails early.
    """

    def __init__(self, home: Path, commands: Mapping[str, Callable[[], Reply]]) -> None:
        self._commands, self._file = commands, home / KEY_FILE
        self._key = secrets.token_bytes(32)
        self._closed = False
        self._listener = Listener((_LOOPBACK, 0), "AF_INET", backlog=8)
        self._thread = threading.Thread(target=self._listen, name="control", daemon=True)
        try:
            content = _KeyFileContent(port=self._listener.address[1], key=self._key.hex())
            write_atomically(self._file, content.model_dump_json().encode(), private=True)
        except OSError as error:
            self._listener.close()
            raise OpenThreatError(
                "The data folder cannot be written",
                f"{error}.",
                "Free space on its disk, or set OPENTHREAT_HOME to another folder.",
            ) from error

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
        self._closed = True
        with suppress(OSError):  # only a connection ends the accept call
            socket.create_connection(self._listener.address, _WAIT_S).close()
        self._thread.join(_WAIT_S)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:
                return
            if self._closed:
                connection.close()
                return
            # A client that sends nothing must not block others.
            threading.Thread(target=self._serve, args=(connection,), name="control client", daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection, suppress(OSError, EOFError, AuthenticationError):
            deliver_challenge(connection, self._key)
            answer_challenge(connection, self._key)
            connection.send_bytes(json.dumps(self._answer(connection.recv_bytes(_MAX_BYTES))).encode())

    def _answer(self, message: bytes) -> Reply:
        try:
            command = self._commands[_Request.model_validate_json(message).command]
        except (ValidationError, KeyError):
            return {"error": "not a command of this version"}
        return command()


def send_command(home: Path, command: str) -> Reply:
    """Send a command to the running program of this data folder and return its answer.

    Raises:
        OpenThreatError: It does not answer.
    """
    try:
        endpoint = _KeyFileContent.model_validate_json((home / KEY_FILE).read_bytes())
        with _connect(endpoint) as connection:
            connection.send_bytes(_Request(command=command).model_dump_json().encode())
            _wait_readable(connection)
            answer: object = json.loads(connection.recv_bytes(_MAX_BYTES))
    except (OSError, EOFError, ValueError, AuthenticationError) as error:
        raise OpenThreatError(
            "The running program does not answer", str(error), "End its process, on Windows in the Task Manager."
        ) from error
    return answer if isinstance(answer, dict) else {}


def _connect(endpoint: _KeyFileContent) -> Connection:
    """Like `multiprocessing.connection.Client`, but with a timeout for a program that accepts and sends nothing."""
    plain = socket.create_connection((_LOOPBACK, endpoint.port), _WAIT_S)
    plain.setblocking(True)
    connection = Connection(plain.detach())
    _wait_readable(connection)
    answer_challenge(connection, bytes.fromhex(endpoint.key))
    deliver_challenge(connection, bytes.fromhex(endpoint.key))
    return connection


def _wait_readable(connection: Connection) -> None:
    if not connection.poll(_WAIT_S):
        raise TimeoutError("no answer in time")
