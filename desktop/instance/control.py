"""How one program tells the one that runs already what to do: JSON over loopback, for those who can read the key file.

The key file lies beside the lock and means something only while somebody holds that.
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


class _Door(BaseModel):
    """Content of the key file."""

    port: int
    key: str


class _Request(BaseModel):
    command: str


class ControlServer:
    """commands: what may be asked by name; each answers at once. Raises OSError where it cannot listen.

    Raises OpenThreatError where the data folder cannot be written, which is found here before anything is started.
    """

    def __init__(self, home: Path, commands: Mapping[str, Callable[[], Reply]]) -> None:
        self._commands, self._file = commands, home / KEY_FILE
        self._key = secrets.token_bytes(32)
        self._closed = False
        self._listener = Listener((_LOOPBACK, 0), "AF_INET", backlog=8)
        self._thread = threading.Thread(target=self._listen, name="control", daemon=True)
        try:
            door = _Door(port=self._listener.address[1], key=self._key.hex())
            write_atomically(self._file, door.model_dump_json().encode(), private=True)
        except OSError as error:
            self._listener.close()
            raise OpenThreatError(
                "The data folder cannot be written",
                f"{error}.",
                "Make room on its disk, or name another folder in OPENTHREAT_HOME.",
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
        with suppress(OSError):  # waiting for a visitor is only ended by one
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
            # A visitor who says nothing keeps nobody waiting.
            threading.Thread(target=self._serve, args=(connection,), name="control visitor", daemon=True).start()

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


def ask(home: Path, command: str) -> Reply:
    """What the running program of this data folder answers. Raises OpenThreatError where it does not."""
    try:
        door = _Door.model_validate_json((home / KEY_FILE).read_bytes())
        with _connected(door) as connection:
            connection.send_bytes(_Request(command=command).model_dump_json().encode())
            _awaited(connection)
            answer: object = json.loads(connection.recv_bytes(_MAX_BYTES))
    except (OSError, EOFError, ValueError, AuthenticationError) as error:
        raise OpenThreatError(
            "The running program does not answer", str(error), "End it in the system's list of processes."
        ) from error
    return answer if isinstance(answer, dict) else {}


def _connected(door: _Door) -> Connection:
    """Like `multiprocessing.connection.Client`, which waits for ever for a stranger at that port to speak."""
    plain = socket.create_connection((_LOOPBACK, door.port), _WAIT_S)
    plain.setblocking(True)
    connection = Connection(plain.detach())
    _awaited(connection)
    answer_challenge(connection, bytes.fromhex(door.key))
    deliver_challenge(connection, bytes.fromhex(door.key))
    return connection


def _awaited(connection: Connection) -> None:
    if not connection.poll(_WAIT_S):
        raise TimeoutError("no answer in time")
