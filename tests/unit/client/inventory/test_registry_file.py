from __future__ import annotations

import pytest

from backend.client.inventory.entries import InventoryUnreadable, SkipReason
from backend.client.inventory.reading import InventoryFormat, read_inventory

UNINSTALL = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
EXPORT = rf"""Windows Registry Editor Version 5.00

[{UNINSTALL}]

[{UNINSTALL}\Notepad++]
"DisplayName"="Notepad++ (64-bit x64)"
"Publisher"="Notepad++ Team"
"DisplayVersion"="8.4.7"
"UninstallString"="\"C:\\Program Files\\Notepad++\\uninstall.exe\""

[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\{{26A24AE4}}]
"displayname"="Tool \"Pro\" C:\\x"
"DisplayVersion"=hex(2):31,00,2e,00,\
  32,00,00,00
"SystemComponent"=dword:00000000

[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Uninstall\Hidden]
"DisplayName"="A part"
"SystemComponent"=dword:00000001

[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Uninstall\KB1]
"DisplayName"="Security Update (KB1)"
"ReleaseType"="Security Update"

[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Uninstall\Nameless]
"Publisher"="Acme"

[-{UNINSTALL}\Removed]
"DisplayName"="Removed"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows 10 Pro"
"CurrentBuild"="22631"
"CurrentMajorVersionNumber"=dword:0000000a
"CurrentMinorVersionNumber"=dword:00000000
"UBR"=dword:000010dd
"DisplayVersion"="23H2"

[HKEY_LOCAL_MACHINE\SOFTWARE\Other\Uninstall\Thing]
"DisplayName"="No program"
"""


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8", "cp1252"])
def test_reads_the_programs_and_the_system_of_an_export(encoding: str) -> None:
    imported = read_inventory(EXPORT.replace("\n", "\r\n").encode(encoding))
    assert imported.format == InventoryFormat.REGISTRY
    assert [(entry.name, entry.publisher, entry.version) for entry in imported.inventory.software] == [
        ("Notepad++ (64-bit x64)", "Notepad++ Team", "8.4.7"),
        ('Tool "Pro" C:\\x', "", "1.2"),
    ]
    assert {skipped.where.rpartition("\\")[2]: skipped.reason for skipped in imported.skipped} == {
        "Hidden": SkipReason.HIDDEN,
        "KB1": SkipReason.UPDATE,
        "Nameless": SkipReason.NO_NAME,
    }
    system = imported.inventory.os
    assert system is not None
    assert (system.name, system.version, system.build) == ("Windows 11 Pro", "23H2", "10.0.22631.4317")


def test_reads_the_old_format() -> None:
    (entry,) = read_inventory(
        rf'REGEDIT4{chr(10)}[{UNINSTALL}\X]{chr(10)}"DisplayName"="Büro"'.encode("cp1252")
    ).inventory.software
    assert entry.name == "Büro"


@pytest.mark.parametrize(
    "body",
    [
        '"DisplayName"=',
        '"DisplayName"="never ends',
        '"DisplayName"=hex(2):zz',
        '"DisplayName"=hex(1):' + "41,00," * 50 + "\\",
        '"DisplayName"=dword:xyz',
        '"' + "\\" * 10_000,
        "[" + "x" * 100_000,
        "@=" + '"' * 1_000,
    ],
)
def test_a_broken_value_costs_only_its_key(body: str) -> None:
    good = rf'[{UNINSTALL}\Good]{chr(10)}"DisplayName"="Good"'
    text = f"Windows Registry Editor Version 5.00\n{good}\n[{UNINSTALL}\\Bad]\n{body}"
    assert read_inventory(text.encode("utf-16")).inventory.software[0].name == "Good"


def test_an_export_without_programs_is_refused_in_words() -> None:
    key = '[HKEY_CURRENT_USER\\Software\\Acme]\r\n"DisplayName"="x"'
    with pytest.raises(InventoryUnreadable, match="no software"):
        read_inventory(f"Windows Registry Editor Version 5.00\r\n\r\n{key}".encode("utf-16"))
