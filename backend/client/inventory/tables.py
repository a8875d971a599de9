"""Lists of software as tables: CSV with a line of column names, and JSON lists of objects."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence

from backend.client.inventory.entries import EntryList, InventoryUnreadable, SkipReason
from backend.client.inventory.text_files import head_of, lines_of
from backend.contract.inventory import EntryKind

_COLUMNS = {
    "name": "name displayname software program application app title product productname programname softwarename",
    "publisher": "publisher vendor manufacturer company author supplier softwarepublisher",
    "version": "version displayversion installedversion softwareversion productversion programversion versioninfo",
    "cpe": "cpe cpe23 cpename",
    "purl": "purl packageurl",
    "kind": "kind",
}
_FIELDS = {column: field for field, columns in _COLUMNS.items() for column in columns.split()}
_DELIMITERS = ",;\t|"


def field_of(column: str) -> str | None:
    """The field that a column of this name holds: "Display Name" is the name."""
    return _FIELDS.get("".join(filter(str.isalnum, column.casefold())))


def looks_like_csv(data: bytes) -> bool:
    """Whether the first line names a column for names."""
    first = next(_without_type_line(head_of(data).splitlines()), "")
    return "name" in _header(first)[1]


def read_csv(data: bytes, entries: EntryList) -> None:
    """Add the rows of a table whose first line names its columns; the delimiter is found in that line."""
    lines = _without_type_line(lines_of(data))
    delimiter, columns = _header(next(lines, ""))
    reader = csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter)
    try:
        for row in reader:
            _add_row(f"line {reader.line_num + 1}", row, columns, entries)
    except csv.Error as error:
        raise InventoryUnreadable(
            "The table cannot be read", f"Line {reader.line_num + 1}: {error}.", "Write it anew as CSV in UTF-8."
        ) from error


def add_object(where: str, values: Mapping[str, object], entries: EntryList) -> None:
    """Add an object of a JSON list, whose keys are names of columns."""
    named = ((field_of(key), value) for key, value in values.items())
    fields = {field: _as_text(value) for field, value in named if field is not None}
    entries.add(where, {**fields, "kind": fields.get("kind") or EntryKind.PROGRAM})


def _add_row(where: str, row: Sequence[str], columns: Mapping[str, int], entries: EntryList) -> None:
    if not any(cell.strip() for cell in row):
        return
    if len(row) <= columns["name"]:
        entries.skip(where, row[0] if row else "", SkipReason.UNREADABLE)
        return
    fields = {field: row[place] for field, place in columns.items() if place < len(row)}
    entries.add(where, {**fields, "kind": fields.get("kind") or EntryKind.PROGRAM})


def _header(line: str) -> tuple[str, dict[str, int]]:
    """The delimiter that gives most columns, and the places of the fields."""
    delimiter = max(_DELIMITERS, key=line.count)
    names = next(csv.reader([line], delimiter=delimiter), []) if len(line) < csv.field_size_limit() else []
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if (field := field_of(name)) is not None:
            places.setdefault(field, place)
    return delimiter, places


def _without_type_line(lines: Iterable[str]) -> Iterator[str]:
    """Without the line in which PowerShell names the type of the objects."""
    return (line for place, line in enumerate(lines) if place or not line.startswith("#TYPE"))


def _as_text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
