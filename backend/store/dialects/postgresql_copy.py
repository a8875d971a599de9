"""Rows in COPY's CSV format (https://www.postgresql.org/docs/current/sql-copy.html, "CSV Format").

Python writes CSV in C, several times faster than rows in COPY's own text format could be put together here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg2.extensions
from sqlalchemy import Column, Connection


def copy_rows(connection: Connection, columns: Sequence[Column[Any]], rows: Iterable[Sequence[object]]) -> None:
    """Values as psycopg2 takes them. CSV knows no difference between null and an empty text: it is the one in columns
    that may be null, the other in those that may not.

    Raises psycopg2.IntegrityError when a row is there already.
    """
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
