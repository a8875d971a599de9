"""What the registry says of installed programs and of Windows, as entries of an inventory. Pure.

The values of an Uninstall key: learn.microsoft.com/windows/win32/msi/uninstall-registry-key. Which of them "Installed
apps" does not show follows microsoft/winget-cli (ARPHelper).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from backend.client.inventory.entries import SkipReason
from backend.contract.inventory import OperatingSystem

RegistryValue: TypeAlias = "str | int | bytes | list[str] | None"
Values: TypeAlias = Mapping[str, RegistryValue]
"""The values of one key by their names in lower case."""

UNINSTALL = r"software\microsoft\windows\currentversion\uninstall"
UNINSTALL_32 = r"software\wow6432node\microsoft\windows\currentversion\uninstall"
CURRENT_VERSION = r"software\microsoft\windows nt\currentversion"

_UPDATES = frozenset({"hotfix", "security update", "update", "update rollup", "service pack"})
_FIRST_BUILD_OF_11 = 22000


def fields_of(values: Values) -> dict[str, str] | SkipReason:
    """The fields of the entry of one Uninstall key, or why it is none."""
    name = text_of(values.get("displayname"))
    if not name:
        return SkipReason.NO_NAME
    if values.get("systemcomponent") == 1:
        return SkipReason.HIDDEN
    if text_of(values.get("releasetype")).casefold() in _UPDATES or text_of(values.get("parentkeyname")):
        return SkipReason.UPDATE
    return {
        "name": name,
        "publisher": text_of(values.get("publisher")),
        "version": text_of(values.get("displayversion")),
    }


def windows_of(values: Values, architecture: str = "") -> OperatingSystem | None:
    """The system by the values of "Windows NT\\CurrentVersion"; None without a name or build.

    ProductName says "Windows 10" on Windows 11 as well: the build decides.
    """
    name, number = text_of(values.get("productname")), text_of(values.get("currentbuild"))
    if not name or not number.isdecimal():
        return None
    if int(number) >= _FIRST_BUILD_OF_11 and "server" not in name.casefold():
        name = name.replace("Windows 10", "Windows 11")
    if text_of(values.get("installationtype")).casefold() == "server core":
        name = f"{name} (Server Core)"
    return OperatingSystem(
        name=name,
        version=text_of(values.get("displayversion")) or text_of(values.get("releaseid")),
        build=_full_build(values, number),
        architecture=architecture,
    )


def _full_build(values: Values, number: str) -> str:
    major, minor = values.get("currentmajorversionnumber"), values.get("currentminorversionnumber")
    release = f"{major}.{minor}" if isinstance(major, int) and isinstance(minor, int) else ""
    revision = values.get("ubr")
    parts = (
        release or text_of(values.get("currentversion")),
        number,
        str(revision) if isinstance(revision, int) else "",
    )
    return ".".join(part for part in parts if part)


def text_of(value: RegistryValue) -> str:
    """The text of a value; "" for one that is missing or no text."""
    return value.strip() if isinstance(value, str) else ""
