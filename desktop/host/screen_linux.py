"""Linux: whether there is a screen that Qt can draw on. Qt itself ends the process where there is none."""

from __future__ import annotations

import ctypes
import os
from importlib.util import find_spec
from pathlib import Path

_PACKAGES = "libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libdbus-1-3 libfontconfig1"
INSTALL_HINT = (
    f"On Debian and Ubuntu: `apt install {_PACKAGES}`. Without windows, `openthreat up` runs everything in a terminal."
)
UNSEEN = "offscreen"
"""Qt's platform for windows that are drawn and never shown."""
_WITHOUT_WINDOWS = "`openthreat up` runs everything in a terminal, without windows."


def screen_trouble() -> tuple[str, str] | None:
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
