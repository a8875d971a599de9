"""`openthreat inventory scan`: what is collected reaches the command that stores it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from backend.client.inventory.machine_id import known_machine_id, own_machine_id
from backend.contract.errors import OpenThreatError
from backend.contract.inventory import Inventory, MachineIdentity, SoftwareEntry
from desktop.composition.inventory_scan import scan
from desktop.inventory.collect import Collected

HERE = Inventory(software=(SoftwareEntry(name="Frob ü"),), machine=MachineIdentity(name="PC"))


def test_the_collected_inventory_is_imported_for_this_machine(home: Path) -> None:
    seen: list[tuple[list[str], object]] = []

    def run(words: list[str]) -> int:
        seen.append((words, json.loads(Path(words[2]).read_text("utf-8"))))
        return 7

    assert scan(as_json=True, collect=lambda: Collected(HERE), run=run) == 7
    ((words, content),) = seen
    assert words[:2] + words[3:] == ["inventory", "import", "--machine", own_machine_id(home), "--json"]
    assert content["software"][0]["name"] == "Frob ü"
    assert not Path(words[2]).exists()


def test_where_nothing_can_be_collected_the_reason_is_said(home: Path) -> None:
    with pytest.raises(OpenThreatError, match="Windows only"):
        scan(as_json=False, collect=lambda: Collected(None, "Windows only."), run=lambda _words: 0)


def test_the_machine_keeps_its_id(home: Path) -> None:
    first = own_machine_id(home)
    assert own_machine_id(home) == first
    (home / "machine-id").write_text("torn")
    assert own_machine_id(home) != first
    assert own_machine_id(home / "new") != own_machine_id(home)


def test_all_who_ask_first_get_the_same_id(home: Path) -> None:
    """Services and windows start at the same time, and a worker keeps what it has read."""
    together = Barrier(8)

    def read_id(_: int) -> str:
        together.wait()
        return known_machine_id(home)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read_id, range(8))) == {own_machine_id(home)}


def test_without_a_data_folder_there_is_no_id(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert known_machine_id(tmp_path / "file") == ""
    assert known_machine_id(tmp_path) == own_machine_id(tmp_path)
