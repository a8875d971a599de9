from __future__ import annotations

import json

import pytest

from backend.client.inventory.entries import MAX_SEEN, InventoryUnreadable, SkipReason
from backend.client.inventory.reading import InventoryFormat, read_inventory
from backend.contract.inventory import EntryKind, SoftwareEntry

FIREFOX = SoftwareEntry(name="Mozilla Firefox", publisher="Mozilla", version="115.0")


@pytest.mark.parametrize(
    "text",
    [
        "name,publisher,version\nMozilla Firefox,Mozilla,115.0\n",
        'DisplayName;Publisher;DisplayVersion\r\n"Mozilla Firefox";Mozilla;115.0',
        "Display Name\tVendor\tInstalled Version\nMozilla Firefox\tMozilla\t115.0",
        '#TYPE Selected.System.Object\n"Version","DisplayName","Publisher"\n"115.0","Mozilla Firefox","Mozilla"\n',
        "Host|Software|Manufacturer|Version\npc-1|Mozilla Firefox|Mozilla|115.0\n\n  |  |  |\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_reads_a_table_with_any_delimiter_and_encoding(text: str, encoding: str) -> None:
    imported = read_inventory(text.encode(encoding))
    assert imported.format == InventoryFormat.CSV
    assert imported.inventory.software == (FIREFOX,)


def test_a_western_code_page_is_read_without_being_stated() -> None:
    (entry,) = read_inventory("name,publisher\nBüro-Plan,Müller & Söhne\n".encode("cp1252")).inventory.software
    assert (entry.name, entry.publisher) == ("Büro-Plan", "Müller & Söhne")


def test_skips_rows_with_the_reason_and_the_line() -> None:
    table = (
        "publisher,name,version\nMozilla,Mozilla Firefox,115.0\nMozilla,Mozilla Firefox,115.0\nAcme,,1\nAcme\nAcme,"
        + "x" * 500
    )
    imported = read_inventory(table.encode())
    assert imported.inventory.software == (FIREFOX,)
    assert [(skipped.where, skipped.reason) for skipped in imported.skipped] == [
        ("line 3", SkipReason.DUPLICATE),
        ("line 4", SkipReason.NO_NAME),
        ("line 5", SkipReason.UNREADABLE),
        ("line 6", SkipReason.TOO_LONG),
    ]
    assert sum(imported.skip_counts.values()) == 4
    assert all(skipped.reason.sentence.endswith(".") for skipped in imported.skipped)


def test_two_versions_side_by_side_are_two_entries() -> None:
    assert len(read_inventory(b"name,version\nTool,1\nTool,2\n").inventory.software) == 2


def test_control_and_direction_marks_are_no_part_of_a_name() -> None:
    (entry,) = read_inventory(
        "name,version\n\u202eMozilla\x07 \u200bFirefox\x00,\x1b[31m1\n".encode()
    ).inventory.software
    assert (entry.name, entry.version) == ("Mozilla Firefox", "[31m1")


def test_twenty_thousand_entries_are_read_and_one_more_refuses_the_whole_file() -> None:
    rows = [f"Tool {number}" for number in range(20_001)]
    assert len(read_inventory("\n".join(["name", *rows[:-1]]).encode()).inventory.software) == 20_000
    with pytest.raises(InventoryUnreadable, match=r"20,000"):
        read_inventory("\n".join(["name", *rows]).encode())


def test_a_file_of_duplicates_is_refused_before_all_are_looked_at() -> None:
    with pytest.raises(InventoryUnreadable, match="too large"):
        read_inventory(b"name\n" + b"Tool\n" * (MAX_SEEN + 1))
    with pytest.raises(InventoryUnreadable, match="too large"):
        read_inventory(b"name\n" + b"\n" * 2_000_001)


def test_a_field_without_end_is_refused_in_words() -> None:
    with pytest.raises(InventoryUnreadable, match=r"table cannot be read"):
        read_inventory(b'name,version\n"' + b"x" * 200_000)


def test_reads_a_json_list_of_objects_by_the_names_of_columns() -> None:
    listed = [
        {"DisplayName": "Mozilla Firefox", "Publisher": "Mozilla", "DisplayVersion": "115.0", "EstimatedSize": 1},
        {"Name": "Tool", "Version": 2.5, "Kind": "store_app"},
    ]
    imported = read_inventory(json.dumps(listed).encode())
    assert imported.format == InventoryFormat.JSON
    assert imported.inventory.software == (FIREFOX, SoftwareEntry(name="Tool", version="2.5", kind=EntryKind.STORE_APP))


def test_reads_an_inventory_as_the_api_takes_it() -> None:
    stated = {
        "os": {"name": "Windows 11 Pro", "build": "10.0.22631.4317"},
        "machine": {"name": "PC-1"},
        "software": [{"name": "Mozilla Firefox", "publisher": "Mozilla", "version": "115.0", "cpe": None}],
    }
    inventory = read_inventory(json.dumps(stated).encode()).inventory
    assert inventory.software == (FIREFOX,)
    assert inventory.os is not None
    assert inventory.machine is not None
    assert (inventory.os.build, inventory.machine.name) == ("10.0.22631.4317", "PC-1")


def test_an_item_of_another_type_costs_only_itself() -> None:
    imported = read_inventory(b'[{"name": "Tool"}, 7, null, "x", [], {"name": {}}, {"name": true}]')
    assert [entry.name for entry in imported.inventory.software] == ["Tool"]
    assert imported.skip_counts == {SkipReason.UNREADABLE: 4, SkipReason.NO_NAME: 2}


@pytest.mark.parametrize(
    "document",
    [
        '{"software": [{"name": "Tool"}], "os": 7}',
        '{"software": [{"name": "Tool"}], "machine": "x"}',
        '{"software": [{"name": "Tool"}',
        '[{"name": "Tool"}, ',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"software": ' + "[" * 100_000,
        '{"software": {"name": "Tool"}}',
        "{}",
        "[]",
        '{"hello": 1}',
    ],
)
def test_a_damaged_or_other_document_is_refused_as_a_whole(document: str) -> None:
    with pytest.raises(InventoryUnreadable) as refused:
        read_inventory(document.encode())
    assert refused.value.title
    assert refused.value.message
