"""Linux: a desktop entry in the user's autostart folder (freedesktop.org's Desktop Application Autostart)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from backend.contract.errors import DesktopError

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
    """command: the first word is an absolute path. Raises DesktopError."""
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
        raise DesktopError(
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
