"""Inventories of machines: stored, listed, removed. What they change is matched by a run of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec
from sqlalchemy import Connection

from backend.contract.errors import NotFound
from backend.contract.exposure import (
    InstalledProgram,
    InventoryStored,
    Machine,
    MachineDetails,
    MachineFindings,
    MachineList,
)
from backend.contract.inventory import Inventory, MatchCounts, OperatingSystem, SoftwareEntry
from backend.contract.names import API_PREFIX
from backend.services.exposure.events import refresh_concern
from backend.services.exposure.finding_events import note_found
from backend.services.exposure.findings import resolve_gone
from backend.services.exposure.stored_resolution import StoredResolution
from backend.store.repositories.events import EventRepository
from backend.store.repositories.finding_news import FindingNewsRepository
from backend.store.repositories.findings import FindingRepository, FindingScope
from backend.store.repositories.inventories import InventoryRepository, ProgramEntry, StoredMachine

GONE_AFTER = timedelta(days=90)
SEEN_EVERY = timedelta(hours=20)
"""How often an unchanged inventory renews the time when a machine was last seen."""


def machine_not_found(machine_id: str) -> NotFound:
    return NotFound(
        "No such machine",
        f"There is no machine “{machine_id[:80]}”.",
        f"`openthreat inventory list` and {API_PREFIX}/machines list all of them.",
    )


@dataclass(frozen=True)
class _Read:
    """An inventory as it is stored. duplicates: entries that are equal to another one."""

    entries: Sequence[ProgramEntry]
    system: str | None
    duplicates: int
    digest: bytes


def store_inventory(
    connection: Connection, machine_id: str, inventory: Inventory, sent_by: str, now: datetime
) -> InventoryStored:
    """Store all that is installed on a machine. The same inventory again writes nothing.

    Args:
        sent_by: The id of the PC that sent it. What is new on the machine concerns that PC.
    """
    read, store = _read(inventory), InventoryRepository(connection)
    known = store.machine(machine_id)
    if known is not None and known.digest == read.digest:
        if now - known.last_seen_at > SEEN_EVERY or known.sent_by != sent_by:
            store.see_machine(known.number, sent_by, now)
        return _stored(machine_id, read, 0, 0)
    identity = inventory.machine
    name = (identity.name if identity else "") or (known.name if known else machine_id)
    user = (identity.user if identity else "") or (known.user if known else "")
    number = store.put_machine(machine_id, name, user, read.system, read.digest, sent_by, now)
    programs = store.put_programs(read.entries)
    changes = store.install(number, programs.values(), now)
    scope = FindingScope(machine=number)
    new = FindingRepository(connection).add(scope, now)
    note_found(connection, new, now)
    resolve_gone(connection, scope, now)
    refresh_concern(connection, FindingNewsRepository(connection).cve_ids(scope))
    return _stored(machine_id, read, len(changes.added), len(changes.removed))


def _read(inventory: Inventory) -> _Read:
    entries = dict.fromkeys(_entry(software) for software in inventory.software)
    system = inventory.os.model_dump_json() if inventory.os else None
    programs = [ProgramEntry(entry, name) for entry, name in entries]
    if inventory.os is not None and system is not None:
        programs.append(ProgramEntry(system, _clean(inventory.os.name), is_system=True))
    identity = inventory.machine.model_dump_json() if inventory.machine else ""
    stated = msgspec.json.encode([identity, system, sorted(entry for entry, _ in entries)])
    digest = blake2b(stated, digest_size=16).digest()
    return _Read(programs, system, len(inventory.software) - len(entries), digest)


def _entry(software: SoftwareEntry) -> tuple[str, str]:
    """The entry as JSON, and its name, without characters that no database stores."""
    fields = {name: _clean(value) if isinstance(value, str) else value for name, value in software}
    cleaned = SoftwareEntry.model_validate(fields)
    return cleaned.model_dump_json(), cleaned.name


def _clean(text: str) -> str:
    return "".join(" " if letter < " " or "\ud800" <= letter <= "\udfff" else letter for letter in text)


def _stored(machine_id: str, read: _Read, added: int, removed: int) -> InventoryStored:
    return InventoryStored(
        machine=machine_id, programs=len(read.entries), added=added, removed=removed, duplicates=read.duplicates
    )


def list_machines(connection: Connection, now: datetime) -> MachineList:
    store = InventoryRepository(connection)
    counts, programs = FindingRepository(connection).counts(), store.program_counts()
    return MachineList(
        items=tuple(
            Machine(**machine_fields(stored, counts.get(stored.number, {}), programs.get(stored.number, 0), now))
            for stored in store.machines()
        )
    )


def get_machine(connection: Connection, machine_id: str, now: datetime) -> MachineDetails:
    """Return a machine with all its programs.

    Raises:
        NotFound: No machine has this id.
    """
    store, stored = InventoryRepository(connection), stored_machine(connection, machine_id)
    counts = FindingRepository(connection).counts().get(stored.number, {})
    software = tuple(
        _program(entry, resolution, {**verdicts, "not_affected": not_affected}, is_matched=is_matched)
        for entry, resolution, is_matched, not_affected, verdicts in store.programs_of(stored.number)
    )
    return MachineDetails(software=software, **machine_fields(stored, counts, len(software), now))


def stored_machine(connection: Connection, machine_id: str) -> StoredMachine:
    """Return the row of a machine.

    Raises:
        NotFound: No machine has this id.
    """
    stored = InventoryRepository(connection).machine(machine_id)
    if stored is None:
        raise machine_not_found(machine_id)
    return stored


def delete_machine(connection: Connection, machine_id: str) -> None:
    """Remove a machine with its findings and what happened on it.

    Raises:
        NotFound: No machine has this id.
    """
    stored = stored_machine(connection, machine_id)
    found = FindingNewsRepository(connection).cve_ids(FindingScope(machine=stored.number))
    InventoryRepository(connection).delete_machine(stored.number)
    EventRepository(connection).delete_of_machine(stored.number)
    refresh_concern(connection, found)


def machine_fields(stored: StoredMachine, counts: Mapping[str, int], programs: int, now: datetime) -> dict[str, object]:
    """The fields of the message Machine. counts: its findings, as `MachineFindings` names them."""
    return {
        "id": stored.id,
        "name": stored.name,
        "user": stored.user,
        "os": OperatingSystem.model_validate_json(stored.os) if stored.os else None,
        "first_seen_at": stored.first_seen_at,
        "last_seen_at": stored.last_seen_at,
        "is_gone": now - stored.last_seen_at > GONE_AFTER,
        "programs": programs,
        "findings": MachineFindings(**counts),
    }


def _program(entry: str, resolution: str | None, counts: dict[str, int], *, is_matched: bool) -> InstalledProgram:
    resolved = StoredResolution.model_validate_json(resolution) if resolution else StoredResolution()
    return InstalledProgram(
        software=SoftwareEntry.model_validate_json(entry),
        product=resolved.product,
        candidates=resolved.candidates,
        version=resolved.version,
        reason=resolved.reason,
        matched=is_matched,
        counts=MatchCounts(**counts),
    )
