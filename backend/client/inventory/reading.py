"""Reading of a file with an inventory, in whatever format it is.

The format is detected from the content, not from the name. A file is used as a whole or not at all: a file that is no
inventory, is too large or is cut off gives an error; single entries that cannot be used are listed with their reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec
from pydantic import ValidationError

from backend.client.inventory.entries import EntryList, InventoryUnreadable, Skipped, SkipReason
from backend.client.inventory.json_items import each
from backend.client.inventory.packages import (
    PackageLock,
    WingetExport,
    add_package_lock,
    add_winget,
    looks_like_requirements,
    read_requirements,
)
from backend.client.inventory.registry_file import SIGNATURES, read_registry_file
from backend.client.inventory.sbom import (
    CycloneDx,
    Spdx2,
    Spdx3,
    add_cyclonedx,
    add_spdx2,
    add_spdx3,
    read_spdx_tags,
)
from backend.client.inventory.tables import add_object, looks_like_csv, read_csv
from backend.client.inventory.text_files import as_utf8, head_of
from backend.contract.inventory import Inventory, MachineIdentity, OperatingSystem
from backend.contract.wire import Wire

MAX_FILE = 64 * 2**20  # bytes
_MAX_LINES = 2_000_000
_MAX_OBJECTS = 2_000_000  # "{" in a JSON file: bounds the memory of a list of tiny objects
_READABLE = "CSV, JSON, .reg, winget's export, CycloneDX, SPDX, requirements.txt and package-lock.json can be read."


_M = TypeVar("_M", bound=Wire)


class InventoryFormat(StrEnum):
    CSV = "csv"
    JSON = "json"
    REGISTRY = "reg"
    WINGET = "winget"
    CYCLONEDX = "cyclonedx"
    SPDX = "spdx"
    REQUIREMENTS = "requirements.txt"
    PACKAGE_LOCK = "package-lock.json"


class ImportedInventory(msgspec.Struct, frozen=True):
    """What a file says, and what of it is not used.

    skipped: the first thousand skipped entries; skip_counts counts all.
    """

    format: InventoryFormat
    inventory: Inventory
    skipped: tuple[Skipped, ...]
    skip_counts: dict[SkipReason, int]

    def machine_id(self, path: Path) -> str:
        """The id under which it is stored unless another one is given: its machine's name, or the file's."""
        machine = self.inventory.machine
        return (machine.name if machine else "") or path.stem


_NULL = msgspec.Raw(b"null")


class _Stated(msgspec.Struct):
    """An inventory as the API takes it."""

    software: list[msgspec.Raw]
    os: msgspec.Raw = _NULL
    machine: msgspec.Raw = _NULL


def read_inventory_file(path: Path) -> ImportedInventory:
    """Read a file.

    Raises:
        InventoryUnreadable: it cannot be opened, is too large, or holds no inventory.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise _too_large()
        data = path.read_bytes()
    except OSError as error:
        raise InventoryUnreadable("The file cannot be opened", f"{path}: {error.strerror}.") from error
    return read_inventory(data, path.name)


def read_inventory(data: bytes, file_name: str = "") -> ImportedInventory:
    """Read the content of a file.

    Args:
        data: the bytes of the file, in any encoding that Windows programs write.
        file_name: distinguishes requirements.txt from other lists of names.

    Raises:
        InventoryUnreadable: it is too large, or holds no inventory.
    """
    if len(data) > MAX_FILE or data.count(b"\n") > _MAX_LINES:
        raise _too_large()
    entries = EntryList()
    head = head_of(data)
    if head.startswith(("{", "[")):
        return _read_json(as_utf8(data), entries)
    if head.casefold().startswith(SIGNATURES):
        system = read_registry_file(data, entries)
        return _imported(InventoryFormat.REGISTRY, entries, system)
    return _read_text(data, head, file_name, entries)


def _read_text(data: bytes, head: str, file_name: str, entries: EntryList) -> ImportedInventory:
    if head.startswith("<"):
        raise InventoryUnreadable("XML is not read", "The file is an XML document.", _READABLE)
    if head.startswith("SPDXVersion:"):
        read_spdx_tags(data, entries)
        return _imported(InventoryFormat.SPDX, entries)
    if looks_like_csv(data):
        read_csv(data, entries)
        return _imported(InventoryFormat.CSV, entries)
    if looks_like_requirements(data, file_name):
        read_requirements(data, entries)
        return _imported(InventoryFormat.REQUIREMENTS, entries)
    raise _unknown()


def _read_json(data: bytes, entries: EntryList) -> ImportedInventory:
    if data.count(b"{") > _MAX_OBJECTS:
        raise _too_large()
    try:
        if data.lstrip()[:1] == b"[":
            return _read_list(msgspec.json.decode(data, type=list[msgspec.Raw]), entries)
        return _read_object(data, msgspec.json.decode(data, type=dict[str, msgspec.Raw]), entries)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InventoryUnreadable("The file is damaged", f"It is no complete JSON document: {error}.") from error


def _read_list(items: list[msgspec.Raw], entries: EntryList) -> ImportedInventory:
    for where, values in each(items, dict[str, object], "entry", entries):
        add_object(where, values, entries)
    return _imported(InventoryFormat.JSON, entries)


def _read_object(data: bytes, keys: Mapping[str, msgspec.Raw], entries: EntryList) -> ImportedInventory:
    """Read the format that the keys of a JSON document show."""
    if "bomFormat" in keys:
        add_cyclonedx(msgspec.json.decode(data, type=CycloneDx), entries)
        return _imported(InventoryFormat.CYCLONEDX, entries)
    if "spdxVersion" in keys:
        add_spdx2(msgspec.json.decode(data, type=Spdx2), entries)
        return _imported(InventoryFormat.SPDX, entries)
    if "@graph" in keys:
        add_spdx3(msgspec.json.decode(data, type=Spdx3), entries)
        return _imported(InventoryFormat.SPDX, entries)
    if "Sources" in keys:
        add_winget(msgspec.json.decode(data, type=WingetExport), entries)
        return _imported(InventoryFormat.WINGET, entries)
    if "lockfileVersion" in keys:
        add_package_lock(msgspec.json.decode(data, type=PackageLock), entries)
        return _imported(InventoryFormat.PACKAGE_LOCK, entries)
    if "software" in keys:
        return _read_stated(msgspec.json.decode(data, type=_Stated), entries)
    raise _unknown()


def _read_stated(stated: _Stated, entries: EntryList) -> ImportedInventory:
    for where, values in each(stated.software, dict[str, object], "entry", entries):
        add_object(where, values, entries)
    system, machine = _validated(OperatingSystem, stated.os), _validated(MachineIdentity, stated.machine)
    return _imported(InventoryFormat.JSON, entries, system, machine)


def _validated(kind: type[_M], raw: msgspec.Raw) -> _M | None:
    if (written := bytes(raw)) == b"null":
        return None
    try:
        return kind.model_validate_json(written)
    except ValidationError as error:
        raise InventoryUnreadable(
            "The inventory is damaged", "Its system or machine has an unexpected form."
        ) from error


def _imported(
    found: InventoryFormat,
    entries: EntryList,
    system: OperatingSystem | None = None,
    machine: MachineIdentity | None = None,
) -> ImportedInventory:
    if not entries.entries and system is None:
        raise InventoryUnreadable("The file holds no software", _why_empty(entries), _READABLE)
    inventory = Inventory(os=system, software=entries.entries, machine=machine)
    return ImportedInventory(found, inventory, tuple(entries.skipped), dict(entries.skip_counts))


def _why_empty(entries: EntryList) -> str:
    reasons = (f"{count:,} entries: {reason.sentence}" for reason, count in entries.skip_counts.most_common(3))
    return " ".join(reasons) or "There is not one entry in it."


def _too_large() -> InventoryUnreadable:
    return InventoryUnreadable(
        "The file is too large",
        f"An inventory has at most {MAX_FILE // 2**20} MB, two million lines and a few thousand entries.",
        "Export the list of one machine only.",
    )


def _unknown() -> InventoryUnreadable:
    return InventoryUnreadable("The file is no inventory that can be read", "Its format is not known.", _READABLE)
