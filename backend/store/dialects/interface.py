"""The interfaces in which SQLite and PostgreSQL differ: the server, and the index of search documents.

A search document holds the tokens of `domain.search_text.search_words`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVarTuple

from sqlalchemy import ColumnElement, Index, Select
from sqlalchemy.engine import Connection, Engine

from backend.contract.errors import OpenThreatError
from backend.domain.search_text import Match


class DatabaseServer(Protocol):
    """One database: connecting, beginning transactions, and translating errors."""

    driver_errors: tuple[type[Exception], ...]
    """Errors raised by the driver where its cursor is used without SQLAlchemy (COPY)."""

    writes_in_server: bool
    """Whether another process does the writing, so that this one can work in the meantime."""

    def create_engine(self) -> Engine:
        """Create the engine with its pool, without connecting."""

    def begin(self, connection: Connection, *, writing: bool) -> None:
        """Begin the transaction. A reader cannot write and never waits for the writer."""

    def revision(self, engine: Engine) -> str | None:
        """Read the schema's revision without changing anything; None for a database without our tables."""

    def has_table(self, engine: Engine, name: str) -> bool:
        """Whether there is such a table. Changes nothing."""

    def lock_schema(self, connection: Connection) -> None:
        """Inside a writing transaction, wait until no other process prepares this database."""

    def sole_converter(self, engine: Engine) -> AbstractContextManager[bool]:
        """Whether this process is the one that converts the rows, until the end of the block or of the process."""

    def compact(self) -> int:
        """Return unused space to the system.

        Returns:
            Bytes returned; 0 if there is little to return, or if the server does that by itself.

        Raises:
            StoreFull: the disk has too little space for the copy that this takes.
        """

    def set_up(self, engine: Engine) -> None:
        """Prepare a new database by steps that are not possible inside a transaction.

        Raises:
            ConfigurationError: the database is not suitable.
        """

    def is_locked(self) -> bool:
        """Whether another process prevents all others from writing at this moment."""

    def check_room(self) -> None:
        """Raise StoreFull if the disk has no room for the next write, as far as this machine can tell."""

    def rebuild_indexes(self, connection: Connection) -> None:
        """Build all ordinary indexes anew from the tables, which must be whole."""

    def translate(self, error: BaseException) -> OpenThreatError | None:
        """Translate a driver's error for users; None for errors of the program itself (constraints, wrong SQL)."""


Columns = TypeVarTuple("Columns")


class SearchIndex(Protocol):
    def create(self, connection: Connection) -> None:
        """Create the empty index."""

    def is_whole(self, connection: Connection) -> bool:
        """Whether the index is undamaged. Needs a writing transaction; takes seconds on a large database."""

    def recreate(self, connection: Connection) -> None:
        """Replace the index, whatever its state, by an empty one."""

    def insert(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        """Insert documents (vulnerabilities.id, words) that are known to be new."""

    def put(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        """Insert or update documents; unchanged ones are not written."""

    def delete(self, connection: Connection, ids: Sequence[int]) -> None: ...

    def drop(self, connection: Connection) -> None:
        """Drop the index before a bulk write. The documents stay; searches may be slow until `build`."""

    def build(self, connection: Connection) -> None:
        """Build the index, also if `drop` was interrupted or never called."""

    def matching(self, match: Match) -> Select[int]:
        """The ids of all documents that match."""

    def is_in(self, matching: Select[int]) -> ColumnElement[bool]:
        """A condition on `vulnerabilities` for reading along an index, where most rows match."""

    def using_index(self, connection: Connection, rows: Select[*Columns], index: Index) -> Select[*Columns]:
        """The same query on `vulnerabilities`, with a hint to use the index if it exists and the planner needs one."""

    def top_vendors(self, connection: Connection, limit: int) -> list[tuple[str, int]]:
        """The vendors with most vulnerabilities, each in its most frequent spelling, and their number.

        Equal numbers come in alphabetical order of the vendors' keys.
        """
