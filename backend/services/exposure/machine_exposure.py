"""One machine with what is known of each of its programs: what is exploited, and what to update to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from backend.contract.exposure import Machine
from backend.contract.inventory import (
    EntryKind,
    FindingVerdict,
    MatchedProduct,
    OperatingSystem,
    ResolvedBy,
    SoftwareEntry,
)
from backend.contract.machine_exposure import MachineExposure, ProgramExposure
from backend.contract.names import Severity
from backend.domain.products.winget import winget_table
from backend.domain.purl import winget_id
from backend.domain.versions import CannotCompare, compare, highest
from backend.services.exposure.inventories import machine_fields, stored_machine
from backend.services.exposure.stored_resolution import StoredResolution
from backend.store.repositories.machine_exposure import (
    FindingCount,
    FixedCount,
    InstalledEntry,
    MachineExposureRepository,
)

_WORST_FIRST = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.NONE, Severity.UNKNOWN)


def machine_exposure(connection: Connection, machine_id: str, now: datetime) -> MachineExposure:
    """Return a machine with its programs.

    Raises:
        NotFound: No machine has this id.
    """
    stored = stored_machine(connection, machine_id)
    found = MachineExposureRepository(connection, stored.number)
    counts: defaultdict[int, list[FindingCount]] = defaultdict(list)
    for count in (counted := found.counts()):
        counts[count.program].append(count)
    fixes: defaultdict[int, list[FixedCount]] = defaultdict(list)
    for fixed in found.fixed_versions():
        fixes[fixed.program].append(fixed)
    programs = [_program(entry, counts[entry.id], fixes[entry.id]) for entry in found.entries()]
    listed = [program for program in programs if program.software.kind is not EntryKind.WINDOWS_UPDATE]
    return MachineExposure(
        machine=Machine(**machine_fields(stored, _totals(counted), len(programs), now)),
        programs=tuple(sorted(listed, key=_urgency)),
        windows_updates=len(programs) - len(listed),
    )


def _totals(counts: Iterable[FindingCount]) -> Mapping[str, int]:
    """The findings of the machine as the list of machines counts them, the ignored ones too."""
    totals = Counter({"affected": 0, "cannot_tell": 0, "exploited": 0})
    for count in counts:
        totals[count.verdict] += count.count
        totals["exploited"] += count.exploited if count.verdict == FindingVerdict.AFFECTED else 0
    return totals


def _urgency(program: ProgramExposure) -> tuple[bool, float, bool]:
    """The exploited ones first, then by priority; the order of the names stays otherwise."""
    return not program.exploited, -program.priority, not program.cannot_tell


def _program(entry: InstalledEntry, counts: Sequence[FindingCount], fixes: Sequence[FixedCount]) -> ProgramExposure:
    software = system_entry(entry.entry) if entry.is_system else SoftwareEntry.model_validate_json(entry.entry)
    resolved = StoredResolution.model_validate_json(entry.resolution) if entry.resolution else StoredResolution()
    return ProgramExposure(
        id=entry.id,
        software=software,
        is_system=entry.is_system,
        product=resolved.product,
        candidates=resolved.candidates,
        version=resolved.version,
        reason=resolved.reason,
        matched=entry.is_matched,
        not_affected=entry.not_affected,
        winget=winget_id(software.purl) or _known_winget_id(software, resolved.product),
        **_figures(counts),
        **_update(fixes),
    )


def _known_winget_id(software: SoftwareEntry, product: MatchedProduct | None) -> str:
    """The id for the name. Where the user has chosen the product, the name says something else."""
    if software.kind is not EntryKind.PROGRAM or (product is not None and product.by is ResolvedBy.USER):
        return ""
    return winget_table().find(software.name, software.publisher)


def system_entry(entry: str) -> SoftwareEntry:
    """An operating system as an entry of the list of programs; its build is the version."""
    system = OperatingSystem.model_validate_json(entry)
    return SoftwareEntry(name=f"{system.name} {system.version}".strip() or "?", version=system.build)


def _figures(counts: Iterable[FindingCount]) -> Mapping[str, int | float | Severity]:
    concerning = [count for count in counts if not count.is_ignored]
    affected = [count for count in concerning if count.verdict == FindingVerdict.AFFECTED]
    severities = {count.severity for count in affected}
    return {
        "affected": sum(count.count for count in affected),
        "cannot_tell": sum(count.count for count in concerning if count.verdict == FindingVerdict.CANNOT_TELL),
        "ignored": sum(count.count for count in counts if count.is_ignored),
        "exploited": sum(count.exploited for count in affected),
        "worst": next((severity for severity in _WORST_FIRST if severity in severities), Severity.UNKNOWN),
        "priority": max((count.priority for count in affected), default=0.0),
    }


def _update(fixes: Sequence[FixedCount]) -> Mapping[str, str | int | None]:
    """The version to update to, and how many vulnerabilities it ends: those whose fixed version is not above it."""
    target = highest([fixed.version for fixed in fixes])
    return {
        "update_to": target or None,
        "mended": sum(fixed.count for fixed in fixes if _is_reached(fixed.version, target)),
    }


def _is_reached(version: str, target: str) -> bool:
    try:
        return compare(version, target) <= 0
    except CannotCompare:
        return False
