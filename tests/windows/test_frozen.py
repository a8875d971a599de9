"""Content of the frozen folder, and its self-test."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pefile
import pytest

from backend.contract.version import VERSION
from tests.windows.frozen import CONSOLE, WINDOWED, Frozen
from tests.windows.installing import Packaging

MAX_BYTES = 120 * 10**6
NOT_OURS = re.compile(
    r"tkinter|_tkinter|(^|/)tcl|qml|quick|designer|qt6?test|pytest|(^|/)tests?/|pip/|setuptools|chardet", re.IGNORECASE
)
"""Modules of other programs, of the tests, or of build tools."""
PROGRAMS = pytest.mark.parametrize("name", [WINDOWED, CONSOLE])


def files(frozen: Frozen) -> list[Path]:
    return [path for path in frozen.folder.rglob("*") if path.is_file()]


def test_is_small_and_says_what_it_is_made_of(frozen: Frozen) -> None:
    total = sum(path.stat().st_size for path in files(frozen))
    assert f"{total / 2**20:.1f} MiB, of which" in frozen.build_output
    assert total < MAX_BYTES


def test_nothing_is_in_it_that_it_does_not_need(frozen: Frozen) -> None:
    names = [
        path.relative_to(frozen.folder / "_internal").as_posix()
        for path in files(frozen)
        if "licences" not in path.parts and path.suffix != ".exe"
    ]
    assert [name for name in names if NOT_OURS.search(name)] == []
    assert len([name for name in names if name.endswith(".ttf")]) == 1


def test_every_library_comes_from_python_and_its_packages_and_none_from_wine(frozen: Frozen) -> None:
    """Wine's own libraries have its name in their stub; its copies of Windows libraries are known by file name."""
    libraries = [path for path in files(frozen) if path.suffix.lower() in (".dll", ".pyd", ".exe")]
    assert libraries
    strange = [path.name for path in libraries if b"Wine builtin DLL" in path.read_bytes()[:4096]]
    strange += [path.name for path in libraries if path.stem.lower() in ("icuuc", "mscms", "ucrtbase", "kernel32")]
    assert strange == []


@PROGRAMS
def test_windows_shows_its_name_version_and_icon(frozen: Frozen, name: str) -> None:
    with pefile.PE(str(frozen.folder / name)) as program:
        words = {
            key.decode(): value.decode()
            for info in program.FileInfo[0]
            for table in getattr(info, "StringTable", ())
            for key, value in table.entries.items()
        }
        kinds = {entry.id for entry in program.DIRECTORY_ENTRY_RESOURCE.entries}
        subsystem = program.OPTIONAL_HEADER.Subsystem
    assert (words["ProductName"], words["ProductVersion"], words["OriginalFilename"]) == ("OpenThreat", VERSION, name)
    assert {pefile.RESOURCE_TYPE["RT_ICON"], pefile.RESOURCE_TYPE["RT_GROUP_ICON"]} <= kinds
    kind = "IMAGE_SUBSYSTEM_WINDOWS_GUI" if name == WINDOWED else "IMAGE_SUBSYSTEM_WINDOWS_CUI"
    assert subsystem == pefile.SUBSYSTEM_TYPE[kind]


@PROGRAMS
def test_its_manifest_asks_for_what_it_needs_and_no_rights(frozen: Frozen, name: str) -> None:
    with pefile.PE(str(frozen.folder / name)) as program:
        [manifest] = [
            program.get_data(leaf.data.struct.OffsetToData, leaf.data.struct.Size).decode()
            for kind in program.DIRECTORY_ENTRY_RESOURCE.entries
            if kind.id == pefile.RESOURCE_TYPE["RT_MANIFEST"]
            for entry in kind.directory.entries
            for leaf in entry.directory.entries
        ]
    for wanted in (
        'level="asInvoker"',
        ">PerMonitorV2<",
        ">true</",  # long paths
        ">UTF-8<",
        "{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}",  # Windows 10 and 11
    ):
        assert wanted in manifest


def test_licences_and_ingredients_are_of_all_that_is_bundled_and_no_more(frozen: Frozen) -> None:
    overview = (frozen.folder / "licences" / "OVERVIEW.txt").read_text(encoding="utf-8")
    for package in ("PySide6_Essentials", "celery", "psycopg2-binary", "QtAwesome"):
        assert re.search(rf"^{package} \S+: \S", overview, re.MULTILINE | re.IGNORECASE), overview
    assert "pyinstaller" not in overview.lower()
    for name in ("OpenThreat-LICENSE", "Python-LICENSE.txt", "LGPL-3.0.txt", "GPL-3.0.txt"):
        assert (frozen.folder / "licences" / name).stat().st_size
    listed = json.loads((frozen.folder.parent / f"OpenThreat-{VERSION}-sbom.cdx.json").read_text(encoding="utf-8"))
    named = {part["name"].lower() for part in listed["components"]}
    assert {"celery", "sqlalchemy", "pyinstaller", "cpython", "openssl", "sqlite"} <= named  # PyInstaller's bootloader
    assert not {"pyinstaller-hooks-contrib", "cyclonedx-bom"} & named
    assert listed["metadata"]["component"]["version"] == VERSION


@PROGRAMS
def test_its_own_test_passes(frozen: Frozen, data: Path, name: str) -> None:
    """The windowed program has no console, but its output to a pipe arrives."""
    tested = frozen.machine.run(frozen.program(name), "selftest", "--json", OPENTHREAT_HOME=frozen.machine.seen(data))
    findings = {finding["name"]: finding["state"] for finding in json.loads(tested.output)["findings"]}
    names = ("modules", "product tables", "database", "built-in broker", "worker")
    assert findings == dict.fromkeys(names, "ok"), tested.output
    assert tested.code == 0


@pytest.mark.full
def test_it_works_from_another_folder_for_another_user(frozen: Frozen, data: Path) -> None:
    """The program also works in another folder than that of its build."""
    moved = frozen.machine.folder / "Programme für Ünï" / "OpenThreat"
    shutil.rmtree(moved, ignore_errors=True)
    shutil.copytree(frozen.folder, moved)
    home = data / "Benutzer 用户"
    tested = frozen.machine.run(
        frozen.machine.seen(moved / CONSOLE), "doctor", "--json", folder=data, OPENTHREAT_HOME=frozen.machine.seen(home)
    )
    shutil.rmtree(moved)
    assert json.loads(tested.output)["findings"]
    assert home.is_dir()


@pytest.mark.full
def test_the_installer_is_made_of_it_without_any_package(packaging: Packaging) -> None:
    made = packaging.ended()
    assert made.code == 0, made.output
    assert "not signed" in made.output
    print(f"\n{packaging.setup.name}: {packaging.setup.stat().st_size / 2**20:.1f} MiB")
