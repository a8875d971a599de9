"""Celery's results on the embedded stack, for clients that ask Celery; the ledger is what the program itself reads."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from celery.backends.base import KeyValueStoreBackend

from backend.worker.embedded import connect

_TABLE = (
    "CREATE TABLE IF NOT EXISTS celery_results (key TEXT PRIMARY KEY, value BLOB NOT NULL, stored_at REAL NOT NULL)"
)


class EmbeddedResults(KeyValueStoreBackend):  # type: ignore[misc]
    """Lives in the broker's file. Storing a result removes those that expired, so that none pile up."""

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
        connection = connect(str(settings.home / "broker.db"))
        connection.execute(_TABLE)
        return connection


def _text(key: str | bytes) -> str:
    return key.decode() if isinstance(key, bytes) else key
