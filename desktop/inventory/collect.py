"""Collects what is installed on this PC.

Windows only: on Linux, distributions backport fixes without changing the version, so their packages cannot be judged by
the ranges in the records. There, inventories are imported.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator

import msgspec

from backend.client.inventory.entries import EntryList, Skipped, SkipReason
from backend.client.inventory.uninstall import CURRENT_VERSION, UNINSTALL, Values, fields_of, text_of, windows_of
from backend.contract.inventory import EntryKind, Inventory, MachineIdentity, OperatingSystem
from backend.system.machine import user_name
from desktop.host import Hive, RegistryKey, RegistryReader, RegistryView, this_registry
from desktop.inventory.components import (
    DEFENDER,
    DEFENDER_SIGNATURES,
    INSTALLED,
    NET_FRAMEWORK,
    SERVICING,
    defender_engine_fields,
    defender_platform_fields,
    net_framework_fields,
    update_fields,
)
from desktop.inventory.store_apps import REPOSITORY, store_fields

ELSEWHERE = (
    "Installed programs are collected on Windows only. Distributions correct errors without changing the version of a "
    "package, so what they install cannot be judged by its version. A list or an SBOM can be imported."
)
MACHINE_PROGRAMS = (
    RegistryKey(Hive.MACHINE, UNINSTALL, RegistryView.WIDE),
    RegistryKey(Hive.MACHINE, UNINSTALL, RegistryView.NARROW),
)
USER_PROGRAMS = RegistryKey(Hive.USER, UNINSTALL)
STORE_APPS = RegistryKey(Hive.USER, REPOSITORY)
_ENVIRONMENT = RegistryKey(Hive.MACHINE, r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment")
_COMPONENTS: tuple[tuple[str, Callable[[Values], dict[str, str] | None]], ...] = (
    (NET_FRAMEWORK, net_framework_fields),
    (DEFENDER, defender_platform_fields),
    (DEFENDER_SIGNATURES, defender_engine_fields),
)


class Collected(msgspec.Struct, frozen=True):
    """What is installed here, and what was skipped or denied.

    inventory: None where nothing can be collected; `reason` says why.
    """

    inventory: Inventory | None
    reason: str = ""
    skipped: tuple[Skipped, ...] = ()
    skip_counts: dict[SkipReason, int] = {}


def collect_here() -> Collected:
    """Collect what is installed on this PC for all users and for this one."""
    registry = this_registry()
    if registry is None:
        return Collected(None, ELSEWHERE)
    return collect(registry, MachineIdentity(name=platform.node(), user=user_name()))


def collect(registry: RegistryReader, machine: MachineIdentity) -> Collected:
    """Collect what a registry says.

    A program that is installed for the machine and for the user is there twice.
    """
    common, own = EntryList(), EntryList()
    for key in MACHINE_PROGRAMS:
        _add_programs(registry, key, common)
    _add_programs(registry, USER_PROGRAMS, own)
    _add_store_apps(registry, own)
    _add_components(registry, common)
    _add_updates(registry, common)
    return Collected(
        inventory=Inventory(os=_system(registry), software=(*common.entries, *own.entries), machine=machine),
        skipped=(*common.skipped, *own.skipped),
        skip_counts=dict(common.skip_counts + own.skip_counts),
    )


def _add_programs(registry: RegistryReader, root: RegistryKey, entries: EntryList) -> None:
    for _, key, values in _subkeys(registry, root, entries):
        fields = fields_of(values)
        if isinstance(fields, SkipReason):
            entries.skip(str(key), text_of(values.get("displayname")), fields)
        else:
            entries.add(str(key), fields)


def _add_store_apps(registry: RegistryReader, entries: EntryList) -> None:
    for name, key, values in _subkeys(registry, STORE_APPS, entries):
        fields = store_fields(name, values)
        if isinstance(fields, SkipReason):
            entries.skip(str(key), name, fields)
        else:
            entries.add(str(key), fields, EntryKind.STORE_APP)


def _add_components(registry: RegistryReader, entries: EntryList) -> None:
    for path, read in _COMPONENTS:
        key = RegistryKey(Hive.MACHINE, path)
        if fields := read(_values(registry, key, entries)):
            entries.add(str(key), fields, EntryKind.COMPONENT)


def _add_updates(registry: RegistryReader, entries: EntryList) -> None:
    root = RegistryKey(Hive.MACHINE, SERVICING)
    for name in _names(registry, root, entries):
        if (fields := update_fields(name)) and _values(registry, root.below(name), entries).get(
            "currentstate"
        ) == INSTALLED:
            entries.add(str(root.below(name)), fields, EntryKind.WINDOWS_UPDATE)


def _system(registry: RegistryReader) -> OperatingSystem | None:
    unread = EntryList()
    values = _values(registry, RegistryKey(Hive.MACHINE, CURRENT_VERSION), unread)
    environment = _values(registry, _ENVIRONMENT, unread)
    return windows_of(values, text_of(environment.get("processor_architecture")))


def _subkeys(
    registry: RegistryReader, root: RegistryKey, entries: EntryList
) -> Iterator[tuple[str, RegistryKey, Values]]:
    """The keys below one with their values; what is denied or vanishes meanwhile is skipped and counted."""
    for name in _names(registry, root, entries):
        key = root.below(name)
        try:
            yield name, key, registry.values(key)
        except OSError as error:
            entries.skip(str(key), name, _reason(error))


def _names(registry: RegistryReader, root: RegistryKey, entries: EntryList) -> list[str]:
    try:
        return registry.subkeys(root)
    except FileNotFoundError:
        return []
    except OSError as error:
        entries.skip(str(root), "", _reason(error))
        return []


def _values(registry: RegistryReader, key: RegistryKey, entries: EntryList) -> Values:
    try:
        return registry.values(key)
    except FileNotFoundError:
        return {}
    except OSError as error:
        entries.skip(str(key), "", _reason(error))
        return {}


def _reason(error: OSError) -> SkipReason:
    return SkipReason.DENIED if isinstance(error, PermissionError) else SkipReason.UNREADABLE
