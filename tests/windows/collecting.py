"""Run by Windows' own Python: what the collectors find there, and when the watcher calls back.

Usage: python -m tests.windows.collecting now | watch FILE | deny KEY | allow KEY

    now     prints what is installed, as one line of JSON
    watch   prints "watching", and the same line after each installation or removal, until the file exists
    deny    forbids everybody to read a key below HKEY_CURRENT_USER; `allow` ends that
"""

from __future__ import annotations

import ctypes
import json
import sys
import threading
from ctypes import wintypes
from importlib import import_module
from pathlib import Path

import msgspec

from backend.client.inventory.entries import Skipped, SkipReason
from backend.contract.inventory import Inventory
from desktop.host import this_registry
from desktop.inventory.collect import collect_here
from desktop.inventory.watch import InstallationWatcher

WATCHING = "watching"
_SETTLE_S, _POLL_S = 0.5, 0.1
_DENIED, _ALLOWED = "D:(D;;KR;;;WD)(A;;KA;;;WD)", "D:(A;;KA;;;WD)"  # WD is everybody, KR to read keys, KA all
_ACCESS_LIST = 0x4  # DACL_SECURITY_INFORMATION
_WRITE_ACCESS_LIST = 0x40000  # WRITE_DAC


class Printed(msgspec.Struct):
    """One line of output."""

    inventory: dict[str, object]
    skipped: list[Skipped]
    counts: dict[SkipReason, int]

    def read(self) -> Inventory:
        return Inventory.model_validate_json(json.dumps(self.inventory))


def print_now() -> None:
    collected = collect_here()
    assert collected.inventory is not None, collected.reason
    printed = Printed(collected.inventory.model_dump(mode="json"), list(collected.skipped), collected.skip_counts)
    print(msgspec.json.encode(printed).decode(), flush=True)


def print_changes(until: Path) -> None:
    registry, changed = this_registry(), threading.Semaphore(0)
    assert registry is not None
    watcher = InstallationWatcher(registry, changed.release, settle_s=_SETTLE_S)
    watcher.start()
    print(WATCHING, flush=True)
    while not until.exists():
        if changed.acquire(timeout=_POLL_S):
            print_now()
    watcher.stop()


def set_access(path: str, rights: str) -> None:
    """Set who may do what with a key, in Windows' own notation (SDDL)."""
    winreg, library, descriptor = import_module("winreg"), ctypes.CDLL("advapi32"), ctypes.c_void_p()
    library.RegSetKeySecurity.argtypes = (wintypes.HANDLE, wintypes.DWORD, ctypes.c_void_p)
    made = library.ConvertStringSecurityDescriptorToSecurityDescriptorW(rights, 1, ctypes.byref(descriptor), None)
    assert made, rights
    with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path, 0, _WRITE_ACCESS_LIST) as key:
        assert library.RegSetKeySecurity(int(key), _ACCESS_LIST, descriptor) == 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["now"]:
            print_now()
        case ["watch", until]:
            print_changes(Path(until))
        case ["deny", path]:
            set_access(path, _DENIED)
        case ["allow", path]:
            set_access(path, _ALLOWED)
        case _:
            sys.exit(__doc__)
