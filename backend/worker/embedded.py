"""The embedded broker: kombu's SQLAlchemy transport on a SQLite file, with its known faults mended.

As it comes, the transport takes the write lock at every poll, keeps every message for ever, waits 5 s for a lock before it
gives up, and can only be asked to poll faster by an option that its engine then refuses. A message that was taken and
not finished is lost with its worker here as there: the ledger knows the run, and beat publishes it again.
"""

from __future__ import annotations

import json
from queue import Empty
from urllib.parse import unquote

from kombu.transport import sqlalchemy as kombu_sqlalchemy
from sqlalchemy import URL, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection

LOCK_PATIENCE = 30.0
"""Seconds to wait for another process's write."""
POLLING_INTERVAL = 0.5
"""Seconds between two looks into an empty queue."""

_OLDEST = text("SELECT id FROM kombu_message WHERE queue_id = :queue AND visible ORDER BY id LIMIT 1")
_TAKE = text(
    "DELETE FROM kombu_message WHERE id = (SELECT min(id) FROM kombu_message WHERE queue_id = :queue AND visible) RETURNING payload"
)


class Channel(kombu_sqlalchemy.Channel):  # type: ignore[misc]
    def _engine_from_config(self) -> Engine:
        path = unquote(self.connection.client.hostname.removeprefix("sqlite:///"))
        engine = create_engine(URL.create("sqlite", database=path), connect_args={"timeout": LOCK_PATIENCE})
        event.listen(engine, "connect", _settle)
        return engine

    def _get(self, queue: str) -> object:
        """The oldest message, which is gone from the file with this. Looking takes no lock; only taking does."""
        try:
            wanted = {"queue": self._get_or_create(queue).id}
            if self.session.execute(_OLDEST, wanted).first() is None:
                raise Empty
            self.session.commit()
            payload = self.session.execute(_TAKE, wanted).scalar_one_or_none()
            if payload is None:
                raise Empty
            return json.loads(payload)
        finally:
            self.session.commit()


class Transport(kombu_sqlalchemy.Transport):  # type: ignore[misc]
    Channel = Channel
    polling_interval = POLLING_INTERVAL


def _settle(connection: DBAPIConnection, record: object) -> None:  # noqa: ARG001 - SQLAlchemy passes both
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
