"""The registry of this PC.

winreg and the API functions are looked up at run time, so that this module can be imported and checked on every
platform.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from ctypes import wintypes
from importlib import import_module
from typing import Protocol, cast

from backend.client.inventory.uninstall import RegistryValue
from desktop.host.registry import Hive, Registry, RegistryKey, RegistryReader, RegistryView, RegistryWatch

_NOTIFY_NAMES = 0x1  # REG_NOTIFY_CHANGE_NAME
_NOTIFY_NAMES_AND_VALUES = _NOTIFY_NAMES | 0x4  # REG_NOTIFY_CHANGE_LAST_SET
_NOTIFY_THREAD_AGNOSTIC = 0x10000000  # the notification survives the thread that asked for it
_WAIT_FAILED = _INFINITE = 0xFFFFFFFF
_MAX_WATCHED = 63  # Windows waits for 64 objects at most, one of which interrupts


class KeyHandle(AbstractContextManager["KeyHandle"], Protocol):
    def __int__(self) -> int: ...

    def Close(self) -> None: ...  # noqa: N802 - winreg's own names


class WinReg(Protocol):
    """The part of `winreg` that is used here."""

    HKEY_LOCAL_MACHINE: int
    HKEY_CURRENT_USER: int
    KEY_READ: int
    KEY_NOTIFY: int
    KEY_WOW64_64KEY: int
    KEY_WOW64_32KEY: int

    def OpenKey(self, key: int, sub_key: str, reserved: int, access: int) -> KeyHandle: ...  # noqa: N802

    def QueryInfoKey(self, key: KeyHandle) -> tuple[int, int, int]: ...  # noqa: N802

    def EnumKey(self, key: KeyHandle, index: int) -> str: ...  # noqa: N802

    def EnumValue(self, key: KeyHandle, index: int) -> tuple[str, object, int]: ...  # noqa: N802


class WindowsRegistry(RegistryReader):
    def __init__(self, winreg: WinReg) -> None:
        self._winreg = winreg

    def subkeys(self, key: RegistryKey) -> list[str]:
        with self._open(key, self._winreg.KEY_READ) as opened:
            count, _, _ = self._winreg.QueryInfoKey(opened)
            return self._names(opened, count)

    def values(self, key: RegistryKey) -> dict[str, RegistryValue]:
        with self._open(key, self._winreg.KEY_READ) as opened:
            _, count, _ = self._winreg.QueryInfoKey(opened)
            found = [self._winreg.EnumValue(opened, place) for place in range(count)]
        return {name.casefold(): _known(value) for name, value, _ in found}

    def watch(self, keys: Sequence[RegistryKey]) -> RegistryWatch:
        watched: list[_WatchedKey] = []
        for key in keys[:_MAX_WATCHED]:
            with suppress(PermissionError):  # the others are watched
                watched.append(_WatchedKey(self._open_to_watch, key))
        if not watched:
            raise PermissionError("none of the keys may be watched")
        return WindowsRegistryWatch(watched)

    def _open_to_watch(self, key: RegistryKey) -> KeyHandle:
        return self._open(key, self._winreg.KEY_READ | self._winreg.KEY_NOTIFY)

    def _open(self, key: RegistryKey, access: int) -> KeyHandle:
        registry = self._winreg
        hive = registry.HKEY_LOCAL_MACHINE if key.hive is Hive.MACHINE else registry.HKEY_CURRENT_USER
        view = registry.KEY_WOW64_32KEY if key.view is RegistryView.NARROW else registry.KEY_WOW64_64KEY
        return registry.OpenKey(hive, key.path, 0, access | view)

    def _names(self, opened: KeyHandle, count: int) -> list[str]:
        """The names of the keys; fewer, where some are removed in the meantime."""
        names: list[str] = []
        with suppress(OSError):
            names.extend(self._winreg.EnumKey(opened, place) for place in range(count))
        return names


class _WatchedKey:
    """A key and the event that is signalled when something below it changes (RegNotifyChangeKeyValue).

    While the key does not exist, the nearest key above it is watched for new keys directly below that one: the user's
    Uninstall key is made by the first program that is installed for the user only.
    """

    def __init__(self, open_key: Callable[[RegistryKey], KeyHandle], key: RegistryKey) -> None:
        self._open, self._key = open_key, key
        self._registry, self._kernel = _libraries()
        self._handle, self._exists = self._nearest()
        self.event = _checked(self._kernel.CreateEventW(None, False, False, None))
        self._ask()

    def arm(self) -> None:
        """Ask for the next change. The key is opened again, since it may have been made or deleted."""
        self._handle.Close()
        self._handle, self._exists = self._nearest()
        self._ask()

    def close(self) -> None:
        self._handle.Close()
        self._kernel.CloseHandle(self.event)

    def _nearest(self) -> tuple[KeyHandle, bool]:
        """Open the key or the nearest one above it; whether it is the key itself."""
        path = self._key.path
        while True:
            try:
                return self._open(self._key._replace(path=path)), path == self._key.path
            except FileNotFoundError:
                if not path:
                    raise
                path, _, _ = path.rpartition("\\")

    def _ask(self) -> None:
        changes = _NOTIFY_NAMES_AND_VALUES if self._exists else _NOTIFY_NAMES
        code = self._registry.RegNotifyChangeKeyValue(
            int(self._handle), self._exists, changes | _NOTIFY_THREAD_AGNOSTIC, self.event, True
        )
        if code:
            raise OSError(code, "changes of the registry cannot be watched")


class WindowsRegistryWatch:
    """Waits for the events of all watched keys, and for one that interrupts."""

    def __init__(self, keys: Sequence[_WatchedKey]) -> None:
        self._keys = keys
        _, self._kernel = _libraries()
        self._interrupt = _checked(self._kernel.CreateEventW(None, True, False, None))

    def wait(self, seconds: float | None = None) -> bool:
        events = [self._interrupt, *(key.event for key in self._keys)]
        handles = (wintypes.HANDLE * len(events))(*events)
        milliseconds = _INFINITE if seconds is None else int(seconds * 1000)
        signalled = self._kernel.WaitForMultipleObjects(len(events), handles, False, milliseconds)
        if signalled == _WAIT_FAILED:
            raise OSError("waiting for a change of the registry failed")
        if not 0 < signalled < len(events):
            return False
        self._keys[signalled - 1].arm()
        return True

    def interrupt(self) -> None:
        self._kernel.SetEvent(self._interrupt)

    def close(self) -> None:
        self._kernel.CloseHandle(self._interrupt)
        for key in self._keys:
            key.close()


def this_registry() -> Registry | None:
    return WindowsRegistry(cast(WinReg, import_module("winreg")))


def _libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    registry, kernel = ctypes.CDLL("advapi32"), ctypes.CDLL("kernel32")
    registry.RegNotifyChangeKeyValue.argtypes = (
        wintypes.HANDLE,
        wintypes.BOOL,
        wintypes.DWORD,
        wintypes.HANDLE,
        wintypes.BOOL,
    )
    kernel.CreateEventW.restype = wintypes.HANDLE
    kernel.WaitForMultipleObjects.argtypes = (wintypes.DWORD, ctypes.c_void_p, wintypes.BOOL, wintypes.DWORD)
    kernel.WaitForMultipleObjects.restype = wintypes.DWORD
    kernel.SetEvent.argtypes = (wintypes.HANDLE,)
    kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    return registry, kernel


def _checked(handle: int | None) -> int:
    if not handle:
        raise OSError("Windows gives no event")
    return handle


def _known(value: object) -> RegistryValue:
    if isinstance(value, list):
        return [text for text in value if isinstance(text, str)]
    return value if isinstance(value, str | int | bytes) else None
