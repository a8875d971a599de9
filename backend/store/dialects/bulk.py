"""Many rows at once: COPY on PostgreSQL, executemany on SQLite; and changes by way of a temporary table on both.

Rows in COPY's CSV format (https://www.postgresql.org/docs/current/sql-copy.html, "CSV Format").

Python writes CSV in C, several times faster than rows in COPY's own text format could be put together here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable, DropTable

from backend.store.tables import UtcDateTime

Row = Sequence[object]
Convert = Callable[[object], object] | None


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Rows that are known to be new, values in the order of `columns`, as the columns' types take them.

    Raises IntegrityError (or the driver's own) when one is there already.
    """
    if not rows:
        return
    chosen = [table.c[name] for name in columns]
    converted = _converted(connection, chosen, rows)
    if connection.dialect.name == "postgresql":
        copy_rows(connection, chosen, converted)
    else:
        _execute_many(connection, chosen, converted)


@contextmanager
def staged(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> Iterator[None]:
    """The rows in `table`, a `temporary_table`, for the length of the block; an error ends it with the transaction."""
    connection.execute(CreateTable(table))
    insert_rows(connection, table, columns, rows)
    yield
    connection.execute(DropTable(table))


def one_of(connection: Connection, column: Column[Any], values: Collection[str]) -> ColumnElement[bool]:
    """`column IN values` with all of them in one parameter: thousands of parameters take longer than the answer."""
    if connection.dialect.name == "postgresql":
        return column == func.any(bindparam(None, list(values), ARRAY(Text)))
    given = func.json_each(bindparam(None, json.dumps(list(values)), Text)).table_valued("value")
    return column.in_(select(given.c.value))


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT: the same words on both, but a class each."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def like(column: Column[Any]) -> Column[Any]:
    """The same name and type, null where that one may be, and nothing else, for a table of its own."""
    return Column(column.name, column.type, nullable=column.nullable)


def temporary_table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])


def _converter(column: Column[Any], connection: Connection) -> Convert:
    """What the column's type does to a value on its way to the driver; None where it passes as it is."""
    if isinstance(column.type, LargeBinary):
        # The types wrap bytes for statements; rows in bulk take them bare.
        return _hexadecimal if connection.dialect.name == "postgresql" else None
    if isinstance(column.type, UtcDateTime) and connection.dialect.name == "sqlite":
        return _instant
    return column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)


def _hexadecimal(value: object) -> object:
    return "\\x" + value.hex() if isinstance(value, bytes) else value


def _instant(value: object) -> object:
    """As SQLAlchemy writes instants into SQLite, in a quarter of its time."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC).isoformat(" ", "microseconds").removesuffix("+00:00")


def _converted(connection: Connection, columns: Sequence[Column[Any]], rows: Sequence[Row]) -> list[Row]:
    """Column by column, since most need no converting: a call for each value would cost more than the writing."""
    values: list[Iterable[object]] = []
    for column, given in zip(columns, zip(*rows, strict=True), strict=True):
        to = _converter(column, connection)
        values.append(given if to is None else map(to, given))
    return list(zip(*values, strict=True))


def _execute_many(connection: Connection, columns: Sequence[Column[Any]], rows: list[Row]) -> None:
    names, marks = ", ".join(f'"{column.name}"' for column in columns), ", ".join("?" * len(columns))
    table = columns[0].table.name
    connection.exec_driver_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608 - our own names


def copy_rows(connection: Connection, columns: Sequence[Column[Any]], rows: Iterable[Sequence[object]]) -> None:
    """Values as psycopg2 takes them. CSV knows no difference between null and an empty text: it is the one in columns
    that may be null, the other in those that may not.

    Raises psycopg2.IntegrityError when a row is there already.
    """
    import psycopg2.extensions  # 4.4 MiB that a process on the embedded stack does without

    driver = connection.connection.dbapi_connection
    if not isinstance(driver, psycopg2.extensions.connection):
        raise TypeError(f"COPY needs psycopg2, not {type(driver).__module__}")
    table = io.BytesIO()  # not StringIO, which takes four bytes for every character
    encoding = psycopg2.extensions.encodings[driver.encoding]
    text = io.TextIOWrapper(table, encoding=encoding, newline="", write_through=True)
    csv.writer(text, lineterminator="\r\n").writerows(rows)  # quotes whatever holds one of these two
    text.detach()
    table.seek(0)
    never_null = _names(column for column in columns if not column.nullable)
    options = f"FORMAT csv, FORCE_NOT_NULL ({never_null})" if never_null else "FORMAT csv"
    with driver.cursor() as cursor:
        cursor.copy_expert(f'COPY "{columns[0].table.name}" ({_names(columns)}) FROM STDIN ({options})', table)


def _names(columns: Iterable[Column[Any]]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)
