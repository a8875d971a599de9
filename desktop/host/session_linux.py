"""The user's session on Linux: start at login, display check, application id.

Start at login is a desktop entry in the autostart folder (freedesktop.org's Desktop Application Autostart). The display
is checked before Qt starts, since Qt ends the process if there is none.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from backend.contract.errors import OpenThreatError
from backend.system.files import write_atomically
from backend.system.machine import home_folder

_OFF = ("Hidden=true", "X-GNOME-Autostart-enabled=false")
_RESERVED = frozenset(" \t\n\"'\\><~|&;$*?#()`")
_ENTRY = """\
[Desktop Entry]
Type=Application
Name=OpenThreat
Comment=Keeps the database of known vulnerabilities up to date
Icon=openthreat
Exec={command}
Terminal=false
X-GNOME-Autostart-enabled=true
"""


def starts_at_login() -> bool:
    """Whether the entry exists and is not disabled in the desktop's settings."""
    try:
        lines = _entry().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return not any(line.replace(" ", "") in _OFF for line in lines)


def start_at_login(on: bool, command: Sequence[str]) -> None:
    """Turn the start at login on or off.

    Args:
        command: Its first word is an absolute path.

    Raises:
        OpenThreatError: The entry cannot be written.
    """
    entry = _entry()
    try:
        if not on:
            entry.unlink(missing_ok=True)
            return
        entry.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(entry, _ENTRY.format(command=" ".join(map(_quoted, command))).encode("utf-8"))
    except OSError as error:
        raise OpenThreatError(
            "The start at login cannot be changed",
            f"{entry}: {error.strerror}",
            "Check the permissions of that folder.",
        ) from error


def _entry() -> Path:
    """Return the path of the entry; the specification says to ignore a relative XDG_CONFIG_HOME."""
    named = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    config = named if named.is_absolute() else home_folder() / ".config"
    return config / "autostart" / "openthreat.desktop"


def _quoted(word: str) -> str:
    """Quote an argument of Exec as in the Desktop Entry Specification: as an argument, then as a string."""
    if word and not _RESERVED & set(word):
        return word.replace("%", "%%")
    for character in '\\"`$':
        word = word.replace(character, "\\" + character)
    return '"' + word.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("%", "%%") + '"'


_PACKAGES = "libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libdbus-1-3 libfontconfig1"
INSTALL_HINT = (
    f"On Debian and Ubuntu: `apt install {_PACKAGES}`. Without windows, `openthreat up` runs everything in a terminal."
)
OFFSCREEN_PLATFORM = "offscreen"
"""The Qt platform for drawing windows without showing them."""
_WITHOUT_WINDOWS = "`openthreat up` runs everything in a terminal, without windows."


def display_problem() -> tuple[str, str] | None:
    """Return message and hint if windows cannot be shown, else None."""
    named = os.environ.get("QT_QPA_PLATFORM", "")
    if named.partition(":")[0] not in ("", "xcb") or _has_wayland():
        return None
    if not os.environ.get("DISPLAY"):
        return "There is no display: DISPLAY is not set.", _WITHOUT_WINDOWS
    try:
        ctypes.CDLL(str(_plugin()))
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as error:
        return f"A library that windows need is missing: {error}.", INSTALL_HINT
    return (
        None if _display_answers(xcb) else (f"The display {os.environ['DISPLAY']} does not answer.", _WITHOUT_WINDOWS)
    )


def _has_wayland() -> bool:
    name, folder = os.environ.get("WAYLAND_DISPLAY", ""), os.environ.get("XDG_RUNTIME_DIR", "/")
    return bool(name) and Path(folder, name).exists()


def _plugin() -> Path:
    """Return the path of Qt's X11 plugin; loading it loads its libraries, or fails with the name of a missing one."""
    found = find_spec("PySide6")
    package = Path(found.origin).parent if found and found.origin else Path()
    return package / "Qt" / "plugins" / "platforms" / "libqxcb.so"


def _display_answers(xcb: ctypes.CDLL) -> bool:
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(None, None)
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


def set_app_id() -> None:
    """Nothing to do: Qt sets the id when the application is created."""


def high_contrast() -> bool:
    """Return False: desktops of Linux have no setting in common."""
    return False


def animations_wanted() -> bool:
    """Return True: desktops of Linux have no setting in common."""
    return True
