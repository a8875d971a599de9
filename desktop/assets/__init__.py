"""Files of the program that are no modules: icons, translations, the compose file of the Docker stack."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path


def asset(name: str) -> Path:
    """A path, because Qt and docker open files themselves; so the program does not run from a zip archive.

    Args:
        name: path below this package, such as "icons/logo.svg".
    """
    return Path(str(files(__name__).joinpath(name)))


def licence_folder() -> Path | None:
    """The licences of everything in the frozen program; None where each package brings its own along."""
    return Path(sys.executable).parent / "licences" if getattr(sys, "frozen", False) else None


def _compose_file() -> Path:
    """A wheel and the frozen program have a copy here; a checkout has the file at the top, where people look for it."""
    packaged = asset("docker-compose.yml")
    return packaged if packaged.is_file() else Path(__file__).resolve().parents[2] / packaged.name


COMPOSE_FILE = _compose_file()
