"""Where the files are that come with the program: icons, translations, the compose file."""

from __future__ import annotations

import sys
from pathlib import Path


def program_folder() -> Path:
    """From source the top of the checkout; frozen the folder that PyInstaller unpacks its data to."""
    bundle = getattr(sys, "_MEIPASS", None)
    return Path(bundle) if isinstance(bundle, str) else Path(__file__).resolve().parents[2]


def resource(name: str) -> Path:
    """name: below `resources`, as "icons/logo.svg"."""
    return program_folder() / "resources" / name
