"""Licences, sizes and SBOM of the packages in the frozen program."""

from __future__ import annotations

import json
import platform
import re
import shutil
import sqlite3
import ssl
import zlib
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any
from xml.parsers import expat

Component = dict[str, str]
"""A component of an SBOM (CycloneDX)."""
_LICENCE_NAMES = ("licen", "copying", "notice", "authors")
_NAME_IN_LOCK = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)


def bundled_names(lock: Path) -> frozenset[str]:
    """Return the normalised names of the packages that the program needs at run time."""
    return frozenset(map(plain_name, _NAME_IN_LOCK.findall(lock.read_text(encoding="utf-8"))))


def plain_name(name: str) -> str:
    """Normalise a package name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def bundled_packages(installed: Path, lock: Path) -> list[metadata.Distribution]:
    """Return the bundled packages that are installed in a folder."""
    names = bundled_names(lock)
    found = metadata.distributions(path=[str(installed)])
    bundled = [package for package in found if plain_name(package.name) in names]
    return sorted(bundled, key=lambda package: plain_name(package.name))


def add_licences(packages: list[metadata.Distribution], python_licence: Path, ours: Path, target: Path) -> None:
    """Write an overview and copy the licence texts of all packages. Python's text covers its standard library."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    overview = [f"{package.name} {package.version}: {_licence_of(package)}" for package in packages]
    for package in packages:
        for text in _licence_texts(package):
            shutil.copyfile(text, target / f"{package.name}-{text.name}")
    if python_licence.is_file():
        shutil.copyfile(python_licence, target / "Python-LICENSE.txt")
    shutil.copyfile(ours, target / "OpenThreat-LICENSE")
    (target / "OVERVIEW.txt").write_text("\n".join([*overview, ""]), encoding="utf-8")


def _licence_of(package: metadata.Distribution) -> str:
    stated = (package.metadata.get_all(name) or [""] for name in ("License-Expression", "License"))
    declared = next((text for text, *_ in stated if text), "")
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in package.metadata.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    return next(iter(declared.splitlines()), "") or ", ".join(classifiers) or "see the licence text"


def _licence_texts(package: metadata.Distribution) -> Iterator[Path]:
    for file in package.files or ():
        text = Path(str(package.locate_file(file)))
        if file.name.casefold().startswith(_LICENCE_NAMES) and file.suffix not in (".py", ".pyc") and text.is_file():
            yield text


def sizes(folder: Path) -> Counter[str]:
    """Sum up bytes by package, or by file for files that belong to none."""
    sizes_by_package: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file():
            parts = path.relative_to(folder).parts
            sizes_by_package[parts[1] if len(parts) > 2 else parts[-1]] += path.stat().st_size
    return sizes_by_package


def keep_bundled(sbom: Path, lock: Path, version: str, python: list[Component]) -> None:
    """Turn an SBOM (CycloneDX) of the build environment into one of the frozen program.

    Packages that are not bundled are removed. PyInstaller stays, since its bootloader is in the programs.

    Args:
        sbom: The file, which is replaced.
        lock: The lock file of the bundled packages.
        version: The program's version.
        python: What `python_components` returns.
    """
    listed: dict[str, Any] = json.loads(sbom.read_text(encoding="utf-8"))
    names = bundled_names(lock) | {"pyinstaller"}
    components = [*(part for part in listed["components"] if plain_name(part["name"]) in names), *python]
    program = listed["metadata"]["component"]
    known = {part["bom-ref"] for part in (program, *components)}
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in listed["dependencies"] if entry["ref"] in known}
    needs[program["bom-ref"]] += [part["bom-ref"] for part in python]
    program["version"] = version
    listed["components"] = components
    listed["dependencies"] = [
        {"ref": name, "dependsOn": [other for other in needs.get(name, ()) if other in known]} for name in sorted(known)
    ]
    sbom.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8", newline="\n")


def python_components() -> list[Component]:
    """Return the Python that runs, and the libraries it is built with, as components of an SBOM (CycloneDX)."""
    versions = {
        "CPython": platform.python_version(),
        "OpenSSL": ssl.OPENSSL_VERSION.split()[1],
        "SQLite": sqlite3.sqlite_version,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "Expat": expat.EXPAT_VERSION.removeprefix("expat_"),
    }
    return [
        {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
        for name, version in versions.items()
        for purl in [f"pkg:generic/{name.lower()}@{version}"]
    ]
