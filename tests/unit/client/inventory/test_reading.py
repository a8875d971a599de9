from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.client.inventory.entries import InventoryUnreadable
from backend.client.inventory.reading import MAX_FILE, ImportedInventory, read_inventory, read_inventory_file

NONSENSE = {
    "zeros": b"\0",
    "letters": b"a",
    "lines": b"abc def\n",
    "commas": b",",
    "quotes": b'"',
    "braces": b"{",
    "brackets": b"[",
    "objects": b'[{"a":1},',
    "utf-16": "\u0416\n".encode("utf-16-le"),
    "registry": b"Windows Registry Editor Version 5.00\n",
    "requirements": b"a==1\n\\\n",
}


def answer(data: bytes) -> ImportedInventory | InventoryUnreadable:
    try:
        return read_inventory(data)
    except InventoryUnreadable as refused:
        return refused


def is_clear(given: ImportedInventory | InventoryUnreadable) -> bool:
    if isinstance(given, InventoryUnreadable):
        return bool(given.title and given.message)
    return bool(given.inventory.software or given.inventory.os)


@pytest.mark.parametrize("piece", NONSENSE.values(), ids=NONSENSE)
def test_megabytes_of_nonsense_get_a_clear_answer(piece: bytes) -> None:
    assert is_clear(answer(piece * (5_000_000 // len(piece))))


def test_random_bytes_are_no_inventory() -> None:
    with pytest.raises(InventoryUnreadable):
        read_inventory(random.Random(7).randbytes(1_000_000))


def test_an_empty_file_is_no_inventory() -> None:
    for data in (b"", b"\n", b"\xef\xbb\xbf", b"\xff\xfe"):
        with pytest.raises(InventoryUnreadable):
            read_inventory(data)


def test_what_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    with pytest.raises(InventoryUnreadable, match="too large"):
        read_inventory_file(large)
    with pytest.raises(InventoryUnreadable, match="too large"):
        read_inventory(bytes(MAX_FILE + 1))


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(InventoryUnreadable, match="missing"):
        read_inventory_file(tmp_path / "missing.csv")
    with pytest.raises(InventoryUnreadable):
        read_inventory_file(tmp_path)


def test_a_file_is_read_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("name,version\nTool,1\n", encoding="utf-16")
    assert read_inventory_file(path).inventory.software[0].name == "Tool"


_STARTS = [
    "",
    "[",
    "{",
    '{"software":',
    '{"bomFormat":"CycloneDX","components":',
    "name,version\n",
    "Windows Registry Editor Version 5.00\n",
    "SPDXVersion: x\nPackageName:",
    "a==1\n",
]


@settings(deadline=None)
@given(
    st.sampled_from(_STARTS),
    st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda text: text.encode("utf-16-le", "replace"))),
)
def test_whatever_is_in_a_file_it_is_read_or_refused(start: str, rest: bytes) -> None:
    assert is_clear(answer(start.encode() + rest))
