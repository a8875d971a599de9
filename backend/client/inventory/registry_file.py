"""Exports of the registry editor (.reg): the Uninstall keys and the version of Windows in them.

The format: support.microsoft.com/help/310516. Version 5.00 is UTF-16, REGEDIT4 is in the code page of the PC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.client.inventory.entries import EntryList, SkipReason
from backend.client.inventory.text_files import lines_of
from backend.client.inventory.uninstall import (
    CURRENT_VERSION,
    UNINSTALL,
    UNINSTALL_32,
    RegistryValue,
    Values,
    fields_of,
    windows_of,
)
from backend.contract.inventory import OperatingSystem

SIGNATURES = ("windows registry editor version 5", "regedit4")

_KEY = re.compile(r"\[(-?)([^\]]{1,1000})\]\s*")
_VALUE = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|@)\s*=\s*(.*)')
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"\s*')
_ESCAPED = re.compile(r"\\(.)")
_HEX = re.compile(r"hex(?:\(([0-9a-f]+)\))?:(.*)", re.IGNORECASE)
_TEXT_TYPES = frozenset({"1", "2"})  # REG_SZ and REG_EXPAND_SZ, written as bytes
_MAX_VALUE = 100_000  # characters of a continued value


def read_registry_file(data: bytes, entries: EntryList) -> OperatingSystem | None:
    """Add the programs of all Uninstall keys; the system, where its key is in the file as well."""
    system = None
    for path, values in _keys(data):
        _, _, below = path.partition("\\")
        parent, _, name = below.casefold().rpartition("\\")
        if parent in {UNINSTALL, UNINSTALL_32} or parent.endswith(("\\" + UNINSTALL, "\\" + UNINSTALL_32)):
            _add(path, name, values, entries)
        elif below.casefold().endswith(CURRENT_VERSION):
            system = windows_of(values) or system
    return system


def _add(path: str, name: str, values: Values, entries: EntryList) -> None:
    fields = fields_of(values)
    if isinstance(fields, SkipReason):
        shown = values.get("displayname")
        entries.skip(path, shown if isinstance(shown, str) else name, fields)
    else:
        entries.add(path, fields)


def _keys(data: bytes) -> Iterator[tuple[str, Values]]:
    path, values = "", dict[str, RegistryValue]()
    for line in _joined(lines_of(data)):
        if key := _KEY.fullmatch(line):
            if path:
                yield path, values
            path, values = ("" if key[1] else key[2]), {}
        elif path and (value := _VALUE.fullmatch(line)):
            values[_unescaped(value[1] or "").casefold()] = _value_of(value[2])
    if path:
        yield path, values


def _joined(lines: Iterator[str]) -> Iterator[str]:
    """Lines with their continuations, which a backslash at the end announces."""
    joined = ""
    for line in lines:
        if line.endswith("\\") and ("=hex" in joined or "=hex" in line) and len(joined) < _MAX_VALUE:
            joined += line[:-1].strip()
            continue
        yield joined + line.strip() if joined else line
        joined = ""
    if joined:
        yield joined


def _value_of(written: str) -> RegistryValue:
    if text := _TEXT.fullmatch(written):
        return _unescaped(text[1])
    if written.casefold().startswith("dword:"):
        return _number(written[6:].strip())
    if (coded := _HEX.fullmatch(written)) and (coded[1] or "") in _TEXT_TYPES:
        return _bytes_of(coded[2]).decode("utf-16-le", "replace").split("\0", 1)[0]
    return None


def _number(digits: str) -> int | None:
    try:
        return int(digits[:8], 16)
    except ValueError:
        return None


def _bytes_of(listed: str) -> bytes:
    try:
        return bytes.fromhex("".join(listed.replace(",", " ").split()))
    except ValueError:
        return b""


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
