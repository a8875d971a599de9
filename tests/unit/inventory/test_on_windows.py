"""The registry of the PC that runs the tests."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from backend.client.inventory.uninstall import CURRENT_VERSION
from desktop.host import Hive, RegistryKey, this_registry
from desktop.inventory.collect import collect_here

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="asks Windows itself")

TEST_KEY = r"Software\OpenThreatTest"


def test_the_system_is_named_by_its_full_build() -> None:
    inventory = collect_here().inventory
    assert inventory is not None
    assert inventory.os is not None
    assert inventory.os.name.startswith("Windows")
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
    winreg.CreateKey(winreg.HKEY_CURRENT_USER, TEST_KEY).Close()
    watch = registry.watch([RegistryKey(Hive.USER, TEST_KEY), RegistryKey(Hive.USER, r"Software\No such key")])
    try:
        assert watch.wait(0) is False
        winreg.SetValue(winreg.HKEY_CURRENT_USER, TEST_KEY, winreg.REG_SZ, "changed")
        assert watch.wait(10) is True
        watch.interrupt()
        assert watch.wait() is False
    finally:
        watch.close()
        winreg.DeleteKey(winreg.HKEY_CURRENT_USER, TEST_KEY)
