"""The registry of the PC that runs the tests."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module

import pytest

from backend.client.inventory.uninstall import CURRENT_VERSION
from desktop.host import Hive, RegistryKey, RegistryWatch, this_registry
from desktop.inventory.collect import collect_here

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="asks Windows itself")

CHANGED_KEY, LATE_KEY = r"Software\OpenThreatTestChanged", r"Software\OpenThreatTestLate"  # tests run side by side


def test_the_system_is_named_by_its_full_build() -> None:
    inventory = collect_here().inventory
    assert inventory is not None
    assert inventory.os is not None
    assert "Windows" in inventory.os.name  # Wine: "Microsoft Windows 10"
    assert inventory.os.build.count(".") >= 2


def test_keys_and_values_are_read_and_missing_ones_said() -> None:
    registry = this_registry()
    assert registry is not None
    current = RegistryKey(Hive.MACHINE, CURRENT_VERSION)
    assert registry.values(current)["currentbuild"]
    assert "CurrentVersion" in registry.subkeys(RegistryKey(Hive.MACHINE, r"SOFTWARE\Microsoft\Windows NT"))
    with pytest.raises(FileNotFoundError):
        registry.values(current.below("no such key"))


def test_a_change_is_told_and_an_interrupt_ends_the_wait() -> None:
    registry, winreg = this_registry(), import_module("winreg")
    assert registry is not None
    winreg.CreateKey(winreg.HKEY_CURRENT_USER, CHANGED_KEY).Close()
    watch = registry.watch([RegistryKey(Hive.USER, CHANGED_KEY), RegistryKey(Hive.USER, r"Software\No such key")])
    try:
        assert watch.wait(0) is False
        winreg.SetValue(winreg.HKEY_CURRENT_USER, CHANGED_KEY, winreg.REG_SZ, "changed")
        assert watch.wait(10) is True
        watch.interrupt()
        assert watch.wait() is False
    finally:
        watch.close()
        winreg.DeleteKey(winreg.HKEY_CURRENT_USER, CHANGED_KEY)


def test_a_key_is_watched_from_its_making_over_its_removal_to_its_next_making() -> None:
    registry, winreg = this_registry(), import_module("winreg")
    assert registry is not None
    late = LATE_KEY + r"\Made\Later"
    watch = registry.watch([RegistryKey(Hive.USER, late)])
    try:
        for _ in range(2):
            winreg.CreateKey(winreg.HKEY_CURRENT_USER, late).Close()
            assert has_changed(watch)
            winreg.CreateKey(winreg.HKEY_CURRENT_USER, late + r"\Program").Close()
            assert has_changed(watch)
            winreg.DeleteKey(winreg.HKEY_CURRENT_USER, late + r"\Program")
            winreg.DeleteKey(winreg.HKEY_CURRENT_USER, late)
            assert has_changed(watch)
    finally:
        watch.close()
        for path in (late, late.rpartition("\\")[0], LATE_KEY):
            with suppress(FileNotFoundError):
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, path)


def has_changed(watch: RegistryWatch) -> bool:
    """Return whether a change is reported, after waiting for further reports of the same change."""
    first = watch.wait(10)
    while watch.wait(0.2):
        pass
    return first
