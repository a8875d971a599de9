"""Can the broker be reached right now?"""

from __future__ import annotations

import sqlite3
from typing import Protocol

from backend.config import Settings
from backend.services.runs.queue import BrokerUnavailable

_PATIENCE_S = 1.0


class Broker(Protocol):
    name: str

    def check(self) -> None:
        """Raises BrokerUnavailable."""


class BuiltInBroker:
    """The SQLite file of the embedded stack."""

    name = "The built-in broker"

    def __init__(self, settings: Settings) -> None:
        self._file = settings.home / "broker.db"

    def check(self) -> None:
        if not self._file.exists():
            return  # it is made when the first message is sent
        try:
            connection = sqlite3.connect(f"{self._file.absolute().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE_S)
            try:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise BrokerUnavailable(
                "The built-in broker's file cannot be read",
                f"{self._file}: {error}",
                "Stop the program and delete the file; it holds no data and is made anew.",
            ) from error


class RedisBroker:
    """Redis is imported where it is used: the embedded stack's API is 6 MiB smaller without."""

    name = "Redis"

    def __init__(self, settings: Settings) -> None:
        import redis

        self._client = redis.Redis.from_url(
            settings.broker_url, socket_connect_timeout=_PATIENCE_S, socket_timeout=_PATIENCE_S
        )

    def check(self) -> None:
        import redis

        try:
            self._client.ping()
        except redis.AuthenticationError as error:
            raise BrokerUnavailable("Redis refuses the password", "", "Correct the password in REDIS_URL.") from error
        except redis.RedisError as error:
            raise BrokerUnavailable(
                "Redis cannot be reached", f"{str(error).rstrip('.')}.", "Start Redis, or correct REDIS_URL."
            ) from error


def broker_of(settings: Settings) -> Broker:
    return BuiltInBroker(settings) if settings.embedded_broker else RedisBroker(settings)
