"""The installer: how it names the program in Windows' list of installed programs, and what NSIS needs to build it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from desktop.releases.publication import PUBLISHER

NAME = "OpenThreat"
SCRIPT = Path(__file__).with_name("installer.nsi")


def uninstall_entry(version: str) -> dict[str, str]:
    """Return the registry values by which Windows and winget recognise the installed program. The key is NAME."""
    return {"DisplayName": NAME, "Publisher": PUBLISHER, "DisplayVersion": version}


def defines(program: Path, version: str, icon: Path, setup: Path, sign: str = "") -> dict[str, object]:
    """Return the definitions that installer.nsi describes.

    Args:
        program: The frozen program's folder.
        version: Its version.
        icon: The .ico file, with a .png of the same name beside it.
        setup: The path of the installer.
        sign: The command line that signs a file; empty: the uninstaller is not signed.
    """
    entry = uninstall_entry(version)
    kibibytes = sum(path.stat().st_size for path in program.rglob("*") if path.is_file()) // 1024
    return {
        "NAME": entry["DisplayName"], "PUBLISHER": entry["Publisher"], "VERSION": entry["DisplayVersion"],
        "DIST": program, "OUT": setup, "ICON": icon, "KIBIBYTES": kibibytes, **({"SIGN": sign} if sign else {}),
    }  # fmt: skip


def compiler() -> str | None:
    """Return the path of NSIS: MAKENSIS, the one on the path, or the one in its default folder on Windows."""
    programs = [Path(os.environ.get(name, "")) for name in ("ProgramFiles(x86)", "ProgramFiles")]
    usual = [path for folder in programs if (path := folder / "NSIS" / "makensis.exe").is_file()]
    return os.environ.get("MAKENSIS") or shutil.which("makensis") or next(map(str, usual), None)
