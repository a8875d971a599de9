"""Parts of Windows with a version of their own: .NET Framework, Defender, installed updates. Pure."""

from __future__ import annotations

import re

from backend.client.inventory.uninstall import Values, text_of

NET_FRAMEWORK = r"SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full"
DEFENDER = r"SOFTWARE\Microsoft\Windows Defender"
DEFENDER_SIGNATURES = DEFENDER + r"\Signature Updates"
SERVICING = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages"
INSTALLED = 0x70  # CurrentState of a package

_MICROSOFT = "Microsoft Corporation"
_RELEASES = (
    (533320, "4.8.1"),
    (528040, "4.8"),
    (461808, "4.7.2"),
    (461308, "4.7.1"),
    (460798, "4.7"),
    (394802, "4.6.2"),
    (394254, "4.6.1"),
    (393295, "4.6"),
    (379893, "4.5.2"),
    (378675, "4.5.1"),
    (378389, "4.5"),
)
"""The least value of Release for each version: learn.microsoft.com/dotnet/framework/install (How to determine)."""
_PLATFORM = re.compile(r"\\platform\\([0-9.]+)(?:-[0-9]+)?\\?$", re.IGNORECASE)
_UPDATE = re.compile(r"Package_for_(?P<name>KB[0-9]{5,8}|[A-Za-z]+Fix|DotNetRollup[_0-9]*)~.*~(?P<version>[0-9.]+)")


def net_framework_fields(values: Values) -> dict[str, str] | None:
    release = values.get("release")
    if not isinstance(release, int):
        return None
    named = next((name for least, name in _RELEASES if release >= least), "")
    if not named:
        return None
    return _fields(f"Microsoft .NET Framework {named}", text_of(values.get("version")))


def defender_platform_fields(values: Values) -> dict[str, str] | None:
    """The platform, whose version is the name of the folder that it runs from."""
    found = _PLATFORM.search(text_of(values.get("installlocation")))
    return _fields("Microsoft Defender Antimalware Platform", found[1]) if found else None


def defender_engine_fields(values: Values) -> dict[str, str] | None:
    version = text_of(values.get("engineversion"))
    return _fields("Microsoft Malware Protection Engine", version) if version else None


def update_fields(package: str) -> dict[str, str] | None:
    """The update that a servicing package is of; None for the other packages, which are parts of Windows."""
    found = _UPDATE.fullmatch(package)
    return _fields(found["name"], found["version"]) if found else None


def _fields(name: str, version: str) -> dict[str, str]:
    return {"name": name, "publisher": _MICROSOFT, "version": version}
