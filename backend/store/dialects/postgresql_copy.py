"""Rows in COPY's text format (https://www.postgresql.org/docs/current/sql-copy.html, "Text Format")."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

import psycopg2.extensions
from sqlalchemy import Connection

Convert = Callable[[object], object] | None


def copy_rows(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    convert: Sequence[Convert],
    rows: Iterable[Sequence[object]],
) -> None:
    """Raises psycopg2.IntegrityError when a row is there already."""
    driver = connection.connection.dbapi_connection
    if not isinstance(driver, psycopg2.extensions.connection):
        raise TypeError(f"COPY needs psycopg2, not {type(driver).__module__}")
    names = ", ".join(f'"{name}"' for name in columns)
    with driver.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', io.StringIO(_text(convert, rows)))


def _text(convert: Sequence[Convert], rows: Iterable[Sequence[object]]) -> str:
    pairs = tuple(enumerate(convert))
    return "".join(
        "\t".join([_field(row[index] if to is None else to(row[index])) for index, to in pairs]) + "\n" for row in rows
    )


def _field(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    raise TypeError(f"no COPY form for {type(value).__name__}")


def _escaped(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\n" in text:
        text = text.replace("\n", "\\n")
    if "\t" in text:
        text = text.replace("\t", "\\t")
    if "\r" in text:
        text = text.replace("\r", "\\r")
    return text
