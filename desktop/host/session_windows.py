"""Windows: a value in the user's own Run key. The registry is looked up at run time, as in the host's other twin.

Windows: there is always a screen for who has logged in.

Windows: by its AppUserModelID the shell knows whose windows and notifications these are, under which name and icon.

The installer's Start menu entry carries the same one, and it says in the registry what belongs to it.
"""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from ctypes import wintypes
from importlib import import_module
from typing import Protocol, cast

from backend.contract.errors import OpenThreatError

_NAME = "OpenThreat"
_EXPLORER = r"Software\Microsoft\Windows\CurrentVersion"
_RUN = _EXPLORER + r"\Run"
_APPROVED = _EXPLORER + r"\Explorer\StartupApproved\Run"
"""Where the Task Manager notes what was switched off there: the first byte is odd then."""
_LONGEST = 260  # Windows starts nothing longer from the Run key


class Registry(Protocol):
    """The part of `winreg` that is used here."""

    HKEY_CURRENT_USER: int
    KEY_SET_VALUE: int
    REG_SZ: int

    def OpenKey(self, key: int, sub_key: str) -> AbstractContextManager[int]: ...  # noqa: N802 - winreg's own names

    def CreateKeyEx(  # noqa: N802
        self, key: int, sub_key: str, reserved: int, access: int
    ) -> AbstractContextManager[int]: ...

    def QueryValueEx(self, key: int, name: str) -> tuple[object, int]: ...  # noqa: N802

    def SetValueEx(self, key: int, name: str, reserved: int, kind: int, value: str) -> None: ...  # noqa: N802

    def DeleteValue(self, key: int, name: str) -> None: ...  # noqa: N802


def starts_at_login() -> bool:
    """Not where it was switched off in the Task Manager."""
    registry = _registry()
    if _value(registry, _RUN) is None:
        return False
    approved = _value(registry, _APPROVED)
    return not (isinstance(approved, bytes) and approved[:1] and approved[0] % 2)


def start_at_login(on: bool, command: Sequence[str]) -> None:
    """command: the first word is an absolute path. Raises OpenThreatError."""
    registry, line = _registry(), subprocess.list2cmdline(command)
    if on and len(line) > _LONGEST:
        raise OpenThreatError(
            "The start at login cannot be changed",
            f"Windows starts nothing by a line longer than {_LONGEST} characters.",
            "Install the program into a folder with a shorter name.",
        )
    try:
        _forget(registry, _APPROVED)
        if not on:
            _forget(registry, _RUN)
            return
        with registry.CreateKeyEx(registry.HKEY_CURRENT_USER, _RUN, 0, registry.KEY_SET_VALUE) as key:
            registry.SetValueEx(key, _NAME, 0, registry.REG_SZ, line)
    except OSError as error:
        raise OpenThreatError(
            "The start at login cannot be changed", str(error), "An administrator may have forbidden it."
        ) from error


def _registry() -> Registry:
    return cast(Registry, import_module("winreg"))


def _value(registry: Registry, path: str) -> object:
    """None: there is none, or none that we may read."""
    try:
        with registry.OpenKey(registry.HKEY_CURRENT_USER, path) as key:
            return registry.QueryValueEx(key, _NAME)[0]
    except OSError:
        return None


def _forget(registry: Registry, path: str) -> None:
    with (
        suppress(FileNotFoundError),
        registry.CreateKeyEx(registry.HKEY_CURRENT_USER, path, 0, registry.KEY_SET_VALUE) as key,
    ):
        registry.DeleteValue(key, _NAME)


INSTALL_HINT = "Install the program again."
OFFSCREEN_PLATFORM = "windows"
"""Qt's platform for windows that are drawn and never shown: the one without a screen finds no fonts here."""


def display_problem() -> tuple[str, str] | None:
    """Message and hint; None: windows can be shown."""
    return None


APP_ID = "OpenThreat.Desktop"


def set_app_id() -> None:
    """Before the first window. Whatever comes of it, the program goes on: under the name of its file then."""
    shell = ctypes.CDLL("shell32")
    shell.SetCurrentProcessExplicitAppUserModelID.argtypes = (wintypes.LPCWSTR,)
    shell.SetCurrentProcessExplicitAppUserModelID(APP_ID)
