"""The database: connections, transactions, and the translation of driver errors into errors of the program.

Repositories take a connection and never commit; `Database.transaction()` is the only place that does.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, exc
from sqlalchemy.engine import URL, Connection, make_url

from backend.contract.errors import ConfigurationError, StoreFull, StoreTooNew, StoreTooOld, StoreUnavailable
from backend.contract.wire import utc_now
from backend.store.dialects import server_for
from backend.store.migrations import HEAD, check_known, upgrade
from backend.store.old_tables import ConversionPosition, conversion_position, old_records
from backend.store.repositories.workers import check_unused_by_others

log = logging.getLogger(__name__)

_WRITING = "openthreat_writing"


class Database:
    """One database for one process; may be shared between threads. Connects on first use."""

    def __init__(self, url: str) -> None:
        """Prepare the engine without connecting.

        Args:
            url: in SQLAlchemy's form.

        Raises:
            ConfigurationError: the URL is not valid or names an unsupported database.
        """
        self._server = server_for(_parsed(url))
        self._driver_errors: tuple[type[Exception], ...] = (exc.DBAPIError, *self._server.driver_errors)
        self._readers = self._server.create_engine()
        self._writers = self._readers.execution_options(**{_WRITING: True})
        self._refusal: StoreTooNew | StoreTooOld | None = None  # why the schema was not usable when it was checked last
        event.listen(self._readers, "begin", self._begin)

    @property
    def writes_in_server(self) -> bool:
        """Whether a server does the writing, so that this process can continue in the meantime."""
        return self._server.writes_in_server

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a read-only connection with one consistent snapshot.

        Raises:
            StoreUnavailable, StoreDamaged
            StoreTooNew, StoreTooOld: The last check of the schema found it to be of another version of the program.
        """
        self._check_refusal()
        with self._translated(), self._readers.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction that commits at the end of the block and rolls back on an exception.

        Raises:
            StoreUnavailable, StoreFull, StoreDamaged; for violated constraints SQLAlchemy's IntegrityError.
            StoreTooNew, StoreTooOld: The last check of the schema found it to be of another version of the program.
        """
        self._check_refusal()
        with self._translated(), self._writers.connect() as connection, connection.begin():
            yield connection

    def prepare(self) -> None:
        """Create the tables or migrate them, and convert old rows, which may take minutes.

        Several processes may call this at once; cheap if nothing is to be done.

        Raises:
            StoreTooNew: the schema was written by a newer version of the program; nothing was changed.
            StoreUnavailable: another process converts the rows; the same call succeeds once it is done.
            StoreFull: the disk is full; the conversion goes on with the next call.
        """
        self.migrate()
        if not self.is_prepared():
            self._convert()

    def migrate(self) -> None:
        """Create the tables or bring the schema up to date, in seconds. `is_prepared` then tells whether rows remain.

        Raises:
            StoreTooNew: the schema was written by a newer version of the program; nothing was changed.
            StoreTooOld: other PCs use the database with an older version; nothing was changed.
        """
        if self._is_current():
            return
        with self._translated():
            self._server.set_up(self._readers)
        with self.transaction() as connection:
            self._server.lock_schema(connection)
            upgrade(connection)

    def check_schema(self) -> None:
        """Look again whether the schema is of this version: another PC may have brought it up to date.

        Until the next check, nothing is read or written where it is not.

        Raises:
            StoreTooNew, StoreTooOld, StoreUnavailable, StoreDamaged
        """
        self._is_current()

    def is_locked(self) -> bool:
        """Whether another process prevents all others from writing at this moment, so that heartbeats stop.

        Raises:
            StoreUnavailable, StoreDamaged
        """
        with self._translated():
            return self._server.is_locked()

    def check_room(self) -> None:
        """Raise StoreFull if there is no room for the next write."""
        self._server.check_room()

    def rebuild_indexes(self) -> None:
        """Build the indexes anew from their tables.

        Raises:
            StoreDamaged: The tables are damaged themselves.
        """
        with self.transaction() as connection:
            self._server.rebuild_indexes(connection)

    def is_prepared(self) -> bool:
        """Whether the schema is current and all rows have its form. Changes nothing.

        Raises:
            StoreTooNew, StoreTooOld, StoreUnavailable, StoreDamaged
        """
        if not self._is_current():
            return False
        with self._translated():
            return not self._server.has_table(self._readers, old_records.name)

    def conversion(self) -> ConversionPosition | None:
        """How far the conversion of old rows is; None if there is nothing to convert."""
        if not self._is_current():
            return None
        with self.reading() as connection:
            return conversion_position(connection)

    def compact(self) -> int:
        """Return unused space to the system and return its size in bytes.

        Raises:
            StoreFull: the disk has too little space for that.
            StoreUnavailable: another program uses the database.
        """
        with self._translated():
            return self._server.compact()

    def _is_current(self) -> bool:
        with self._translated():
            revision = self._server.revision(self._readers)
        try:
            check_known(revision)
            if revision not in (None, HEAD) and self._server.writes_in_server:
                with self._translated(), self._readers.connect() as connection:
                    check_unused_by_others(connection, utc_now())
        except (StoreTooNew, StoreTooOld) as error:
            self._refusal = error
            raise
        self._refusal = None
        return revision == HEAD

    def _check_refusal(self) -> None:
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)

    def _convert(self) -> None:
        # Only a process that converts needs the rules of merging, which take some megabytes.
        from backend.store.conversion import build_indexes, convert_page, finish_conversion

        with self._translated(), self._server.sole_converter(self._readers) as is_sole:
            if not is_sole:
                raise StoreUnavailable("The database is being prepared", "Another process does this.")
            log.info("the rows of the database are converted to a smaller form")
            while True:
                with self.transaction() as connection:
                    if not convert_page(connection):
                        break
            with self.transaction() as connection:
                build_indexes(connection)
            with self.transaction() as connection:
                finish_conversion(connection)
            log.info("the rows of the database are converted")
            try:
                self.compact()
            except (StoreFull, StoreUnavailable) as error:
                log.warning("%s", error)

    def close(self) -> None:
        """Close all idle connections."""
        self._readers.dispose()

    def _begin(self, connection: Connection) -> None:
        self._server.begin(connection, writing=bool(connection.get_execution_options().get(_WRITING)))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._driver_errors as error:
            translated = self._server.translate(error)
            if translated is None:
                raise
            raise translated from error
        except exc.TimeoutError as error:
            raise StoreUnavailable(
                "The database is busy", "All connections of this process are in use.", "Try again in a moment."
            ) from error


def _parsed(url: str) -> URL:
    """Parse a URL. A SQLite path is taken literally: it may contain any character of a file name."""
    if url.startswith("sqlite:///"):
        return URL.create("sqlite", database=url.removeprefix("sqlite:///"))
    try:
        parsed = make_url(url)
        bare = parsed.drivername in ("postgres", "postgresql")
        return parsed.set(drivername="postgresql+psycopg2") if bare else parsed
    except (exc.ArgumentError, ValueError):
        raise ConfigurationError(
            "DATABASE_URL cannot be used",
            "It is not the address of a database.",
            "It should look like postgresql://user:password@host:5432/name.",
        ) from None
