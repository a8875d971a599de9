"""Bulk writes: COPY on PostgreSQL, executemany on SQLite; updates through a temporary table on both.

COPY gets rows in CSV (https://www.postgresql.org/docs/current/sql-copy.html, "CSV Format"): Python's csv module is
written in C and several times faster than Python code for COPY's text format.
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
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
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

from backend.store.tables import CompactInstant, UtcDateTime

Row = Sequence[object]
Convert = Callable[[object], object] | None


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows that are known to be new.

    Args:
        rows: values in the order of `columns`, as the columns' types take them.

    Raises:
        IntegrityError, SQLAlchemy's or the driver's: a row exists already.
    """
    if not rows:
        return
    chosen = [table.c[name] for name in columns]
    converted = _converted(connection, chosen, rows)
    if connection.dialect.name == "postgresql":
        copy_rows(connection, chosen, converted)
    else:
        _execute_many(connection, chosen, converted)


def continue_numbers(connection: Connection, column: Column[int]) -> None:
    """Continue the numbers of a primary key after rows were inserted with given ones; SQLite does so by itself."""
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(column.table.name, column.name)
        connection.execute(select(func.setval(sequence, func.coalesce(func.max(column), 1))))


@contextmanager
def staged(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> Iterator[None]:
    """Hold rows in a `temporary_table` during the block; after an error the transaction is rolled back with it."""
    connection.execute(CreateTable(table))
    insert_rows(connection, table, columns, rows)
    yield
    connection.execute(DropTable(table))


def one_of(
    connection: Connection, column: Column[str] | Column[int], values: Collection[str] | Collection[int]
) -> ColumnElement[bool]:
    """`column IN values` with one parameter for all values: thousands of parameters take longer than the query."""
    if connection.dialect.name == "postgresql":
        kind = BigInteger if isinstance(column.type, Integer) else Text
        return column == func.any(bindparam(None, list(values), ARRAY(kind)))
    given = func.json_each(bindparam(None, json.dumps(list(values)), Text)).table_valued("value")
    return column.in_(select(given.c.value))


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT with ON CONFLICT, which has the same methods but another class for each dialect."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def like(column: Column[Any]) -> Column[Any]:
    """A copy with the same name, type and nullability, for a temporary table."""
    return Column(column.name, column.type, nullable=column.nullable)


def temporary_table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])


def _converter(column: Column[Any], connection: Connection) -> Convert:
    """The conversion of a column's values for the driver; None if there is none."""
    if isinstance(column.type, LargeBinary):
        # The types wrap bytes for statements; bulk rows take plain bytes.
        return _hexadecimal if connection.dialect.name == "postgresql" else None
    if isinstance(column.type, UtcDateTime) and connection.dialect.name == "sqlite":
        return _instant
    if isinstance(column.type, CompactInstant) and connection.dialect.name == "postgresql":
        return None
    return column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)


def _hexadecimal(value: object) -> object:
    return "\\x" + value.hex() if isinstance(value, bytes) else value


def _instant(value: object) -> object:
    """The text that SQLAlchemy writes into SQLite for an instant, in a quarter of the time."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC).isoformat(" ", "microseconds").removesuffix("+00:00")


def _converted(connection: Connection, columns: Sequence[Column[Any]], rows: Sequence[Row]) -> list[Row]:
    """Convert by column, since most need no conversion: a call per value would take longer than the write."""
    values: list[Iterable[object]] = []
    for column, given in zip(columns, zip(*rows, strict=True), strict=True):
        convert = _converter(column, connection)
        values.append(given if convert is None else map(convert, given))
    return list(zip(*values, strict=True))


def _execute_many(connection: Connection, columns: Sequence[Column[Any]], rows: list[Row]) -> None:
    names, marks = ", ".join(f'"{column.name}"' for column in columns), ", ".join("?" * len(columns))
    table = columns[0].table.name
    connection.exec_driver_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608 - our own names


def copy_rows(connection: Connection, columns: Sequence[Column[Any]], rows: Iterable[Sequence[object]]) -> None:
    """Insert rows by COPY.

    CSV has no difference between null and an empty text: the value is null in nullable columns and a text in others.

    Args:
        rows: values as psycopg2 takes them.

    Raises:
        psycopg2.IntegrityError: a row exists already.
    """
    import psycopg2.extensions  # 4.4 MiB that processes of the embedded stack do not need

    driver = connection.connection.dbapi_connection
    if not isinstance(driver, psycopg2.extensions.connection):
        raise TypeError(f"COPY needs psycopg2, not {type(driver).__module__}")
    table = io.BytesIO()  # not StringIO, which takes four bytes for every character
    encoding = psycopg2.extensions.encodings[driver.encoding]
    text = io.TextIOWrapper(table, encoding=encoding, newline="", write_through=True)
    csv.writer(text, lineterminator="\r\n").writerows(rows)  # also makes csv quote values with either character
    text.detach()
    table.seek(0)
    never_null = _names(column for column in columns if not column.nullable)
    options = f"FORMAT csv, FORCE_NOT_NULL ({never_null})" if never_null else "FORMAT csv"
    with driver.cursor() as cursor:
        cursor.copy_expert(f'COPY "{columns[0].table.name}" ({_names(columns)}) FROM STDIN ({options})', table)


def _names(columns: Iterable[Column[Any]]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)
