"""The user's session on Windows: start at login, display check, application id.

Start at login is a value in the user's Run key. The registry is imported at run time, so that this module can be
imported on every platform. By the application id (AppUserModelID) the shell finds name and icon of windows and
notifications; the installer writes the same id to the Start menu entry and to the registry.
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
"""Where the Task Manager stores disabled entries: their first byte is odd."""
_MAX_LENGTH = 260  # Windows ignores longer commands in the Run key


class Winreg(Protocol):
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
    """Whether the value exists and is not disabled in the Task Manager."""
    registry = _registry()
    if _value(registry, _RUN) is None:
        return False
    approved = _value(registry, _APPROVED)
    return not (isinstance(approved, bytes) and approved[:1] and approved[0] % 2)


def start_at_login(on: bool, command: Sequence[str]) -> None:
    """Turn the start at login on or off.

    Args:
        command: Its first word is an absolute path.

    Raises:
        OpenThreatError: The registry cannot be written, or the command is too long.
    """
    registry, line = _registry(), subprocess.list2cmdline(command)
    if on and len(line) > _MAX_LENGTH:
        raise OpenThreatError(
            "The start at login cannot be changed",
            f"Windows does not start commands longer than {_MAX_LENGTH} characters.",
            "Install the program into a folder with a shorter path.",
        )
    try:
        _delete(registry, _APPROVED)
        if not on:
            _delete(registry, _RUN)
            return
        with registry.CreateKeyEx(registry.HKEY_CURRENT_USER, _RUN, 0, registry.KEY_SET_VALUE) as key:
            registry.SetValueEx(key, _NAME, 0, registry.REG_SZ, line)
    except OSError as error:
        raise OpenThreatError(
            "The start at login cannot be changed", str(error), "An administrator may have forbidden it."
        ) from error


def _registry() -> Winreg:
    return cast(Winreg, import_module("winreg"))


def _value(registry: Winreg, path: str) -> object:
    """Return the value, or None if it does not exist or cannot be read."""
    try:
        with registry.OpenKey(registry.HKEY_CURRENT_USER, path) as key:
            return registry.QueryValueEx(key, _NAME)[0]
    except OSError:
        return None


def _delete(registry: Winreg, path: str) -> None:
    with (
        suppress(FileNotFoundError),
        registry.CreateKeyEx(registry.HKEY_CURRENT_USER, path, 0, registry.KEY_SET_VALUE) as key,
    ):
        registry.DeleteValue(key, _NAME)


INSTALL_HINT = "Install the program again."
OFFSCREEN_PLATFORM = "windows"
"""The Qt platform for drawing windows without showing them; Qt's offscreen platform finds no fonts on Windows."""


def display_problem() -> tuple[str, str] | None:
    """Return None: a logged-in user always has a display."""
    return None


_HIGH_CONTRAST, _CLIENT_AREA_ANIMATION = 0x0042, 0x1042  # SPI_GETHIGHCONTRAST, SPI_GETCLIENTAREAANIMATION
_HIGH_CONTRAST_ON = 0x1  # HCF_HIGHCONTRASTON


class _HighContrast(ctypes.Structure):
    """HIGHCONTRASTW."""

    _fields_ = (("size", wintypes.UINT), ("flags", wintypes.DWORD), ("scheme", wintypes.LPWSTR))


def high_contrast() -> bool:
    """Whether a contrast theme is on: then only the system's colours may be used."""
    found = _HighContrast(size=ctypes.sizeof(_HighContrast))
    return _read_parameter(_HIGH_CONTRAST, found.size, found) and bool(found.flags & _HIGH_CONTRAST_ON)


def animations_wanted() -> bool:
    """Whether windows may move by themselves ("Animation effects" in Windows' accessibility settings)."""
    wanted = wintypes.BOOL(True)
    return not _read_parameter(_CLIENT_AREA_ANIMATION, 0, wanted) or bool(wanted.value)


def _read_parameter(action: int, size: int, into: ctypes.Structure | wintypes.BOOL) -> bool:
    """Read a parameter of the system; False if this Windows does not know it."""
    user = ctypes.CDLL("user32")
    return bool(user.SystemParametersInfoW(action, size, ctypes.byref(into), 0))


APP_ID = "OpenThreat.Desktop"


def set_app_id() -> None:
    """Set the application id before the first window. On failure the shell uses the name of the executable."""
    shell = ctypes.CDLL("shell32")
    shell.SetCurrentProcessExplicitAppUserModelID.argtypes = (wintypes.LPCWSTR,)
    shell.SetCurrentProcessExplicitAppUserModelID(APP_ID)
