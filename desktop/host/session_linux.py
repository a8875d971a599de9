"""Linux: a desktop entry in the user's autostart folder (freedesktop.org's Desktop Application Autostart).

Linux: whether there is a screen that Qt can draw on. Qt itself ends the process where there is none.

Linux: windows and notifications carry the name of the desktop entry, which Qt is told.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from backend.contract.errors import OpenThreatError

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
    """Not where the entry was switched off in the desktop's own settings."""
    try:
        lines = _entry().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return not any(line.replace(" ", "") in _OFF for line in lines)


def start_at_login(on: bool, command: Sequence[str]) -> None:
    """command: the first word is an absolute path. Raises OpenThreatError."""
    entry = _entry()
    try:
        if not on:
            entry.unlink(missing_ok=True)
            return
        entry.parent.mkdir(parents=True, exist_ok=True)
        beside = entry.with_name(entry.name + ".new")
        beside.write_text(_ENTRY.format(command=" ".join(map(_quoted, command))), encoding="utf-8")
        beside.replace(entry)
    except OSError as error:
        raise OpenThreatError(
            "The start at login cannot be changed", f"{entry}: {error.strerror}", "Check the rights to that folder."
        ) from error


def _entry() -> Path:
    """A relative XDG_CONFIG_HOME counts as none, as its specification wants it."""
    named = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    config = named if named.is_absolute() else Path.home() / ".config"
    return config / "autostart" / "openthreat.desktop"


def _quoted(word: str) -> str:
    """As the Desktop Entry Specification quotes an argument of Exec: once for the argument, once for the string."""
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
"""Qt's platform for windows that are drawn and never shown."""
_WITHOUT_WINDOWS = "`openthreat up` runs everything in a terminal, without windows."


def display_problem() -> tuple[str, str] | None:
    """Message and hint; None: windows can be shown. Raises nothing."""
    named = os.environ.get("QT_QPA_PLATFORM", "")
    if named.partition(":")[0] not in ("", "xcb") or _has_wayland():
        return None
    if not os.environ.get("DISPLAY"):
        return "There is no screen: DISPLAY is not set.", _WITHOUT_WINDOWS
    try:
        ctypes.CDLL(str(_plugin()))
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as error:
        return f"A library that windows need is missing: {error}.", INSTALL_HINT
    return None if _answers(xcb) else (f"The screen {os.environ['DISPLAY']} does not answer.", _WITHOUT_WINDOWS)


def _has_wayland() -> bool:
    name, folder = os.environ.get("WAYLAND_DISPLAY", ""), os.environ.get("XDG_RUNTIME_DIR", "/")
    return bool(name) and Path(folder, name).exists()


def _plugin() -> Path:
    """What Qt loads for X11; loading it brings all that it needs, or names what is missing."""
    found = find_spec("PySide6")
    package = Path(found.origin).parent if found and found.origin else Path()
    return package / "Qt" / "plugins" / "platforms" / "libqxcb.so"


def _answers(xcb: ctypes.CDLL) -> bool:
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(None, None)
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


def set_app_id() -> None:
    """Nothing to do before there are windows."""
