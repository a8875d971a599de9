"""The collectors and the watcher over a registry that real installers and Windows' own tools have written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from backend.client.inventory.entries import SkipReason
from backend.client.inventory.reading import read_inventory
from backend.contract.inventory import EntryKind, Inventory
from tests.servers import wait_until
from tests.windows.collecting import WATCHING, Printed
from tests.windows.installing import compile_script
from tests.windows.machine import Ended, Machine

pytestmark = pytest.mark.full

SCRIPT = Path(__file__).with_name("program.nsi")
UNINSTALL = r"Software\Microsoft\Windows\CurrentVersion\Uninstall"
PACKAGES = r"Software\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel\Repository\Packages"
CURRENT_VERSION = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
PREFIX = "OpenThreatTest"
NOTEPAD = f"{PREFIX}.Notepad_11.2407.8.0_x64__8wekyb3d8bbwe"
PLAYER = f"{PREFIX}.Player_1.240.447.0_x64__zpdnekdrzrea0"
PICTURES = f"{PREFIX}.Notepad_11.2407.8.0_neutral_split.scale-100_8wekyb3d8bbwe"
DENIED = f"{PREFIX}-denied"


def text(value: str) -> str:
    """A text as .reg files have it."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def coded(kind: int, data: bytes) -> str:
    """A value of any type, byte by byte: 0 none, 1 text, 2 text with variables, 3 bytes, 7 texts, 11 a long number."""
    return f"hex({kind:x}):" + ",".join(f"{byte:02x}" for byte in data)


def wide(value: str) -> bytes:
    return value.encode("utf-16-le", "surrogatepass")


ODD_NAMES: Mapping[str, tuple[str, str | SkipReason]] = {
    "number": ("dword:00000007", SkipReason.NO_NAME),
    "long number": (coded(11, bytes(8)), SkipReason.NO_NAME),
    "bytes": (coded(3, wide("Tool")), SkipReason.NO_NAME),
    "texts": (coded(7, wide("One\0Two\0\0")), SkipReason.NO_NAME),
    "no type": (coded(0, wide("Tool")), SkipReason.NO_NAME),
    "no data": (coded(1, b""), SkipReason.NO_NAME),
    "blanks": (text(" \t "), SkipReason.NO_NAME),
    "signs only": (coded(1, wide("\u200b\x07\0")), SkipReason.NO_NAME),
    "signs": (coded(1, wide("Tab\tand\x07bell\u202e exe.\r\nline\0")), "Tab and bell exe. line"),
    "half a letter": (coded(1, wide("Left \ud83d right\0")), "Left right"),
    "without an end": (coded(1, wide("Open end")), "Open end"),
    "after the end": (coded(1, wide("Seen\0unseen\0")), "Seen"),
    "variables": (coded(2, wide("Tool for %OS%\0")), "Tool for %OS%"),
    "long": (text("Long " * 59 + "names"), "Long " * 59 + "names"),
    "too long": (text("x" * 401), SkipReason.TOO_LONG),
}
"""By key: DisplayName as it is stored, and the name of the entry or why there is none."""


@dataclass(frozen=True)
class Program:
    name: str
    version: str
    view: int
    user: bool = False
    publisher: str = "Ünïcode Söftware 用户 GmbH"

    def make(self, machine: Machine, folder: Path) -> Path:
        """Build its installer."""
        setup = folder / f"{self.name}.exe"
        defines = {"NAME": self.name, "PUBLISHER": self.publisher, "VERSION": self.version, "VIEW": self.view}
        places = {"FOLDER": machine.seen(folder / self.name), "OUT": setup}
        compile_script(SCRIPT, {**defines, **places, **({"USER": 1} if self.user else {})})
        return setup


WIDE = Program(f"{PREFIX} Wide (x64)", "3.1.4", view=64)
NARROW = Program(f"{PREFIX} Narrow", "2.0 beta", view=32)
OWN = Program(f"{PREFIX} Own 資料", "1.71.2", view=64, user=True)


class InventoryPc:
    """Installs programs, changes the registry, and collects with Windows' own Python."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.folder = machine, machine.folder / "inventory"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def installs(self, program: Program) -> None:
        setup = program.make(self.machine, self.folder)
        assert self.runs(self.machine.seen(setup), "/S").code == 0

    def uninstalls(self, program: Program) -> None:
        """The uninstaller runs from a copy of itself, so its end is seen by its file."""
        file = self.folder / program.name / "uninstall.exe"
        self.runs(self.machine.seen(file), "/S")
        wait_until(lambda: not file.exists(), "it is uninstalled", 60)

    def imports(self, keys: Mapping[str, Mapping[str, str]]) -> None:
        """Have Windows read a file of keys with their values."""
        lines = ["Windows Registry Editor Version 5.00"]
        for key, values in keys.items():
            lines += ["", f"[{key}]", *(f'"{name}"={value}' for name, value in values.items())]
        file = self.folder / "keys.reg"
        file.write_text("\r\n".join([*lines, ""]), encoding="utf-16", newline="")
        assert self.runs("reg", "import", self.machine.seen(file)).code == 0

    def exports(self, key: str) -> bytes:
        file = self.folder / "exported.reg"
        assert self.runs("reg", "export", key, self.machine.seen(file), "/y", "/reg:64").code == 0
        return file.read_bytes()

    def runs(self, *command: str) -> Ended:
        return self.machine.run(*command, folder=self.folder)

    def run_collector(self, *words: str) -> str:
        ended = self.machine.run(*self.command(*words), PYTHONUTF8="1", timeout=600)
        assert ended.code == 0, ended.output
        return ended.output

    def collects(self) -> Printed:
        return msgspec.json.decode(self.run_collector("now").splitlines()[-1], type=Printed)

    def command(self, *words: str) -> tuple[str, ...]:
        """In an environment with the packages of the program."""
        return (self.machine.python, "resources/bootstrap.py", "python", "-m", "tests.windows.collecting", *words)


@pytest.fixture(scope="module")
def pc(windows: Machine, nsis: None) -> InventoryPc:
    return InventoryPc(windows)


@contextmanager
def registry_keys(pc: InventoryPc, keys: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    pc.imports(keys)
    try:
        yield
    finally:
        for key in keys:
            pc.runs("reg", "delete", key, "/f")


@pytest.fixture(scope="module")
def collected(pc: InventoryPc) -> Iterator[Printed]:
    """What is collected with three programs installed, and with keys of store apps, odd ones, and one denied."""
    programs = (WIDE, NARROW, OWN)
    user = "HKEY_CURRENT_USER"
    apps = {
        NOTEPAD: text("@{OpenThreatTest_11?ms-resource://Notepad/Resources/AppName}"),
        PLAYER: text("Player 用户"),
        PICTURES: text(""),
    }
    keys = {
        **{rf"{user}\{PACKAGES}\{name}": {"DisplayName": shown} for name, shown in apps.items()},
        **{rf"{user}\{UNINSTALL}\{PREFIX}-{key}": {"DisplayName": shown} for key, (shown, _) in ODD_NAMES.items()},
        rf"{user}\{UNINSTALL}\{PREFIX}-version": {
            "DisplayName": text("Numbered"), "DisplayVersion": "dword:00000003", "Publisher": coded(7, wide("A\0\0")),
        },
        rf"{user}\{UNINSTALL}\{PREFIX}-part": {"DisplayName": text("Part"), "SystemComponent": "dword:00000001"},
        rf"{user}\{UNINSTALL}\{DENIED}": {"DisplayName": text("Denied")},
    }  # fmt: skip
    with registry_keys(pc, keys):
        for program in programs:
            pc.installs(program)
        pc.run_collector("deny", rf"{UNINSTALL}\{DENIED}")
        yield pc.collects()
        pc.run_collector("allow", rf"{UNINSTALL}\{DENIED}")
        for program in programs:
            pc.uninstalls(program)


@pytest.fixture(scope="module")
def inventory(collected: Printed) -> Inventory:
    return collected.read()


def reasons(collected: Printed) -> dict[str, SkipReason]:
    """Why keys of these tests are skipped, by the last part of their paths."""
    named = ((skipped.where.rpartition("\\")[2], skipped.reason) for skipped in collected.skipped)
    return {name: reason for name, reason in named if name.startswith(PREFIX)}


def test_installed_programs_are_found_in_both_views_and_of_the_user(inventory: Inventory) -> None:
    found = {entry.name: (entry.publisher, entry.version, entry.kind) for entry in inventory.software}
    for program in (WIDE, NARROW, OWN):
        assert found[program.name] == (program.publisher, program.version, EntryKind.PROGRAM)


def test_each_program_is_found_once(inventory: Inventory) -> None:
    """The keys of 32-bit programs are another place on 64-bit Windows only."""
    names = [entry.name for entry in inventory.software]
    assert [names.count(program.name) for program in (WIDE, NARROW, OWN)] == [1, 1, 1]


def test_store_apps_are_found_by_their_packages_and_their_pictures_are_not_apps(
    inventory: Inventory, collected: Printed
) -> None:
    apps = {
        (entry.name, entry.publisher, entry.version)
        for entry in inventory.software
        if entry.kind == EntryKind.STORE_APP
    }
    assert apps >= {
        (f"{PREFIX}.Notepad", "Microsoft Corporation", "11.2407.8.0"),
        ("Player 用户", "", "1.240.447.0"),
    }
    assert reasons(collected)[PICTURES] == SkipReason.HIDDEN


def test_the_system_is_named_as_windows_states_it(pc: InventoryPc, inventory: Inventory) -> None:
    output = pc.runs("reg", "query", CURRENT_VERSION, "/reg:64").output
    stated = dict(re.findall(r"^ +(\w+) +REG_\w+ +(.*\S)", output, re.MULTILINE))
    revision = [str(int(stated["UBR"], 16))] if "UBR" in stated else []  # Wine has none
    assert inventory.os is not None
    assert inventory.os.build.split(".")[2:] == [stated["CurrentBuild"], *revision]
    assert inventory.os.name.split()[-1] == stated["ProductName"].split()[-1]
    assert inventory.os.architecture == "AMD64"


@pytest.mark.parametrize("key", list(ODD_NAMES))
def test_an_odd_name_is_cleaned_or_skipped_with_its_reason(key: str, inventory: Inventory, collected: Printed) -> None:
    _, expected = ODD_NAMES[key]
    if isinstance(expected, SkipReason):
        assert reasons(collected)[f"{PREFIX}-{key}"] == expected
    else:
        assert expected in [entry.name for entry in inventory.software]


def test_a_version_or_publisher_that_is_no_text_is_not_stated(inventory: Inventory) -> None:
    [entry] = [entry for entry in inventory.software if entry.name == "Numbered"]
    assert (entry.version, entry.publisher) == ("", "")


def test_denied_keys_and_parts_are_counted(collected: Printed) -> None:
    found = reasons(collected)
    assert (found[DENIED], found[f"{PREFIX}-part"]) == (SkipReason.DENIED, SkipReason.HIDDEN)
    assert collected.counts[SkipReason.DENIED] >= 1


def test_an_export_of_the_registry_gives_the_same_programs(pc: InventoryPc, inventory: Inventory) -> None:
    exported = read_inventory(pc.exports(r"HKLM\Software"))
    there = {(entry.name, entry.publisher, entry.version) for entry in exported.inventory.software}
    assert {(program.name, program.publisher, program.version) for program in (WIDE, NARROW)} <= there
    assert exported.inventory.os is not None
    assert inventory.os is not None
    assert (exported.inventory.os.name, exported.inventory.os.build) == (inventory.os.name, inventory.os.build)


@pytest.mark.parametrize(
    "program",
    [Program(f"{PREFIX} Common", "1.0", view=32), Program(f"{PREFIX} Personal", "1.0", view=64, user=True)],
    ids=["machine", "user"],
)
def test_the_watcher_tells_of_an_installation_and_of_a_removal_and_ends(pc: InventoryPc, program: Program) -> None:
    until, log = pc.folder / "until", pc.folder / "watching.txt"
    until.unlink(missing_ok=True)
    with log.open("wb") as output:
        watching = pc.machine.start(*pc.command("watch", pc.machine.seen(until)), output=output, PYTHONUTF8="1")

    def lines() -> list[str]:
        whole, _, _ = log.read_text(encoding="utf-8").rpartition("\n")
        return whole.splitlines()

    def is_reported(*, installed: bool) -> bool:
        *_, last = lines()
        return last.startswith("{") and (program.name in last) == installed

    try:
        wait_until(lambda: WATCHING in lines(), "it watches", 120)
        pc.installs(program)
        wait_until(lambda: is_reported(installed=True), "the installation is reported", 60)
        pc.uninstalls(program)
        wait_until(lambda: is_reported(installed=False), "the removal is reported", 60)
        until.touch()
        assert watching.wait(60) == 0
    finally:
        watching.kill()
        print(log.read_text(encoding="utf-8")[-2000:])
