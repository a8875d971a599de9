"""Broker and result backend of the embedded stack, on a SQLite file.

The broker is a kombu transport with the tables of kombu's SQLAlchemy transport, which other clients may use on the
same file as `sqla+sqlite:///`. That transport takes the write lock at every poll, never deletes a message, gives
up on a lock after 5 s, has a fixed polling interval, and costs each process 7 MB for an ORM. With both, a message
that was received but not finished is lost when its worker dies: the ledger has the run, and beat publishes it again.

The result backend serves other Celery clients; the program itself reads results from the ledger.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from functools import cached_property
from queue import Empty
from typing import Any
from urllib.parse import unquote

from celery.backends.base import KeyValueStoreBackend
from kombu.transport import virtual

LOCK_TIMEOUT_S = 30.0
"""Seconds to wait for the write lock of the file."""
POLLING_INTERVAL_S = 0.5
"""Seconds between two polls of an empty queue."""

_TABLES = """
CREATE TABLE IF NOT EXISTS kombu_queue (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) UNIQUE);
CREATE TABLE IF NOT EXISTS kombu_message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, visible BOOLEAN, timestamp DATETIME, payload TEXT NOT NULL,
    version SMALLINT NOT NULL, queue_id INTEGER REFERENCES kombu_queue (id));
CREATE INDEX IF NOT EXISTS ix_kombu_message_queue ON kombu_message (queue_id, visible, id);
"""
_OF_QUEUE = "queue_id = (SELECT id FROM kombu_queue WHERE name = ?)"
_OLDEST = f"SELECT min(id) FROM kombu_message WHERE {_OF_QUEUE} AND visible"  # noqa: S608 - constants
_TAKE = f"DELETE FROM kombu_message WHERE id = ({_OLDEST}) RETURNING payload"  # noqa: S608
_PURGE = f"DELETE FROM kombu_message WHERE {_OF_QUEUE} AND visible"  # noqa: S608
_COUNT = f"SELECT count(*) FROM kombu_message WHERE {_OF_QUEUE} AND visible"  # noqa: S608
_PUT = (
    "INSERT INTO kombu_message (visible, payload, version, queue_id) SELECT 1, ?, 1, id FROM kombu_queue WHERE name = ?"
)


def connect(path: str) -> sqlite3.Connection:
    """Open the file. Each statement is its own transaction; several threads may use the connection one at a time."""
    connection = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


class Channel(virtual.Channel):
    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 - kombu's signature
        """Return the oldest message and delete it. An empty queue is found without taking the write lock."""
        if self._file.execute(_OLDEST, (queue,)).fetchone() == (None,):
            raise Empty
        taken = self._file.execute(_TAKE, (queue,)).fetchall()
        if not taken:
            raise Empty
        return json.loads(taken[0][0])

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        self._new_queue(queue)
        self._file.execute(_PUT, (json.dumps(message), queue))

    def _new_queue(self, queue: str, **_: Any) -> None:
        self._file.execute("INSERT OR IGNORE INTO kombu_queue (name) VALUES (?)", (queue,))

    def _purge(self, queue: str) -> int:
        return self._file.execute(_PURGE, (queue,)).rowcount

    def _size(self, queue: str) -> int:
        return int(self._file.execute(_COUNT, (queue,)).fetchone()[0])

    def close(self) -> None:
        super().close()  # type: ignore[no-untyped-call]
        if "_file" in self.__dict__:
            self._file.close()

    @cached_property
    def _file(self) -> sqlite3.Connection:
        connection = connect(unquote(self.connection.client.hostname.removeprefix("sqlite:///")))
        connection.executescript(_TABLES)
        return connection


class EmbeddedTransport(virtual.Transport):
    Channel = Channel
    can_parse_url = True
    driver_type = "sql"  # Celery reads from it that the transport has no fan-out
    driver_name = "sqlite3"
    default_port = 0  # type: ignore[assignment]
    polling_interval = POLLING_INTERVAL_S
    connection_errors = (sqlite3.OperationalError, ConnectionError)  # type: ignore[assignment]

    def driver_version(self) -> str:
        return sqlite3.sqlite_version


_TABLE = (
    "CREATE TABLE IF NOT EXISTS celery_results (key TEXT PRIMARY KEY, value BLOB NOT NULL, stored_at REAL NOT NULL)"
)


class EmbeddedResults(KeyValueStoreBackend):  # type: ignore[misc]
    """Results in the broker's file. Storing a result deletes expired ones."""

    supports_autoexpire = True
    persistent = True

    def get(self, key: str | bytes) -> bytes | None:
        found = self._file.execute("SELECT value FROM celery_results WHERE key = ?", (_text(key),)).fetchone()
        return None if found is None else bytes(found[0])

    def mget(self, keys: Sequence[str | bytes]) -> list[bytes | None]:
        return [self.get(key) for key in keys]

    def set(self, key: str | bytes, value: str | bytes) -> None:
        now, payload = time.time(), value.encode() if isinstance(value, str) else value
        self._file.execute("INSERT OR REPLACE INTO celery_results VALUES (?, ?, ?)", (_text(key), payload, now))
        self._file.execute("DELETE FROM celery_results WHERE stored_at < ?", (now - self.expires,))

    def delete(self, key: str | bytes) -> None:
        self._file.execute("DELETE FROM celery_results WHERE key = ?", (_text(key),))

    def as_uri(self, include_password: bool = False) -> str:  # noqa: ARG002 - Celery's signature
        return "broker.db"

    @cached_property
    def _file(self) -> sqlite3.Connection:
        settings: Any = self.app.settings
        connection = connect(str(settings.broker_file))
        connection.execute(_TABLE)
        return connection


def _text(key: str | bytes) -> str:
    return key.decode() if isinstance(key, bytes) else key
