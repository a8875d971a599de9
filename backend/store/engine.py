"""The database: connections, transactions, and the one place where a driver's error becomes a sentence.

Repositories take a connection and never commit; `Database.transaction()` is the only place that does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, exc
from sqlalchemy.engine import URL, Connection, make_url

from backend.contract.errors import ConfigurationError, StoreUnavailable
from backend.store.dialects import server_for
from backend.store.migrations import HEAD, check_known, upgrade

_WRITING = "openthreat_writing"


class Database:
    """One database for one process; safe to share between threads. Connects when it is first used."""

    def __init__(self, url: str) -> None:
        """url: SQLAlchemy's form. Raises ConfigurationError when it cannot be understood."""
        self._server = server_for(_parsed(url))
        self._driver_errors: tuple[type[Exception], ...] = (exc.DBAPIError, *self._server.driver_errors)
        self._readers = self._server.create_engine()
        self._writers = self._readers.execution_options(**{_WRITING: True})
        event.listen(self._readers, "begin", self._begin)

    @property
    def writes_apart(self) -> bool:
        """Whether a server does the writing, so that this process can work on while it waits."""
        return self._server.writes_apart

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; writing in it is refused. Raises StoreUnavailable, StoreDamaged."""
        with self._translated(), self._readers.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing: commits at the end of the block, rolls back when it raises.

        Raises StoreUnavailable, StoreFull, StoreDamaged. Constraint errors stay SQLAlchemy's IntegrityError.
        """
        with self._translated(), self._writers.connect() as connection, connection.begin():
            yield connection

    def prepare(self) -> None:
        """Creates the tables or brings them up to date, whoever comes first; cheap when there is nothing to do.

        Raises StoreTooNew, without having touched anything, when a newer version of the program has been here.
        """
        if self.is_prepared():
            return
        with self._translated():
            self._server.settle(self._readers)
        with self.transaction() as connection:
            self._server.lock_schema(connection)
            upgrade(connection)

    def is_prepared(self) -> bool:
        """Whether `prepare` would have nothing to do. Changes nothing.

        Raises StoreTooNew, StoreUnavailable, StoreDamaged.
        """
        with self._translated():
            revision = self._server.revision(self._readers)
        check_known(revision)
        return revision == HEAD

    def close(self) -> None:
        """Lets go of all idle connections."""
        self._readers.dispose()

    def _begin(self, connection: Connection) -> None:
        self._server.begin(connection, writing=bool(connection.get_execution_options().get(_WRITING)))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._driver_errors as error:
            told = self._server.translate(error)
            if told is None:
                raise
            raise told from error
        except exc.TimeoutError as error:
            raise StoreUnavailable(
                "The database is busy", "All connections of this process are in use.", "Try again in a moment."
            ) from error


def _parsed(url: str) -> URL:
    """A SQLite path is taken as it stands: it may hold any character that a file name may."""
    if url.startswith("sqlite:///"):
        return URL.create("sqlite", database=url.removeprefix("sqlite:///"))
    try:
        parsed = make_url(url)
        bare = parsed.drivername in ("postgres", "postgresql")
        return parsed.set(drivername="postgresql+psycopg2") if bare else parsed
    except (exc.ArgumentError, ValueError):
        raise ConfigurationError(
            "DATABASE_URL cannot be used",
            "It is not an address of a database.",
            "It should look like postgresql://user:password@host:5432/name.",
        ) from None
