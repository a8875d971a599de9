"""What SQLite and PostgreSQL each do their own way when a program talks to them. Both keep the same promises.

The search index as repositories see it: documents of words and facets (`domain.words`), found by tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVarTuple

from sqlalchemy import ColumnElement, Index, Select
from sqlalchemy.engine import Connection, Engine

from backend.contract.errors import OpenThreatError


class DatabaseServer(Protocol):
    """One database as the engine sees it: how to connect, begin, and understand what goes wrong."""

    driver_errors: tuple[type[Exception], ...]
    """What the driver raises where its cursor is used without SQLAlchemy (COPY)."""

    writes_apart: bool
    """Whether the writing is another process's work, so that this one has its hands free meanwhile."""

    def create_engine(self) -> Engine:
        """An engine with its pool. Nothing is connected yet."""

    def begin(self, connection: Connection, *, writing: bool) -> None:
        """Opens the transaction. A reader cannot write and never waits for the writer."""

    def revision(self, engine: Engine) -> str | None:
        """The schema's revision, read without changing anything; None for a database that holds nothing of ours."""

    def lock_schema(self, connection: Connection) -> None:
        """Inside a writing transaction: waits until no other process prepares this database."""

    def settle(self, engine: Engine) -> None:
        """What has to be true of a database before it becomes ours, and cannot be done inside a transaction.

        Raises ConfigurationError when it cannot become ours.
        """

    def translate(self, error: BaseException) -> OpenThreatError | None:
        """What the driver's error means for people; None for the program's own affairs (constraints, bad SQL)."""


Columns = TypeVarTuple("Columns")


class SearchTokens(Protocol):
    """What to look for: `words` by their beginnings, `facets` as a whole. All must be there."""

    @property
    def words(self) -> Sequence[str]: ...

    @property
    def facets(self) -> Sequence[str]: ...


class SearchIndex(Protocol):
    def create(self, connection: Connection) -> None:
        """The empty index."""

    def insert(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        """Documents (vulnerabilities.id, words) that are known to be new."""

    def put(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        """Documents that may be there already; those that say the same stay untouched."""

    def delete(self, connection: Connection, ids: Sequence[int]) -> None: ...

    def drop(self, connection: Connection) -> None:
        """Before very many documents are written. They stay; finding them may take long until `build`."""

    def build(self, connection: Connection) -> None:
        """Makes finding fast again, also after `drop` was interrupted or never called."""

    def found(self, tokens: SearchTokens) -> Select[int]:
        """The ids of all documents that hold the tokens."""

    def first(self, connection: Connection, tokens: SearchTokens, limit: int) -> Sequence[int]:
        """Some of what is found: all of it where that is less than `limit`."""

    def among(self, found: Select[int]) -> ColumnElement[bool]:
        """That a row of `vulnerabilities` is one of these, where rows are walked along an index and most will do."""

    def along(self, connection: Connection, rows: Select[*Columns], index: Index) -> Select[*Columns]:
        """The same rows of `vulnerabilities`, read by way of the index where it exists and the planner cannot know."""

    def top_vendors(self, connection: Connection, limit: int) -> list[tuple[str, int]]:
        """The vendors (folded) named by most documents, with how many; the first in the alphabet where equally many."""
