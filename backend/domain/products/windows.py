"""Windows itself: from name, edition and full build to the keys of its release in the records.

The build number identifies the release, which names do not: Windows 11 calls itself "Windows 10 Pro" in the registry.
Statements about Windows are ranges of full builds ("10.0.22631.0" to before "10.0.22631.4317"), so without the update
build revision (UBR) nothing can be said. Builds: learn.microsoft.com/windows/release-health/release-information.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from backend.contract.inventory import Confidence, OperatingSystem, ResolvedBy
from backend.domain.products.product import ProductKey, Resolution, UnknownReason, united

_CLIENT_OF_BUILD = {
    7601: "windows_7",
    9200: "windows_8",
    9600: "windows_8.1",
    10240: "windows_10_1507",
    10586: "windows_10_1511",
    14393: "windows_10_1607",
    15063: "windows_10_1703",
    16299: "windows_10_1709",
    17134: "windows_10_1803",
    17763: "windows_10_1809",
    18362: "windows_10_1903",
    18363: "windows_10_1909",
    19041: "windows_10_2004",
    19042: "windows_10_20h2",
    19043: "windows_10_21h1",
    19044: "windows_10_21h2",
    19045: "windows_10_22h2",
    22000: "windows_11_21h2",
    22621: "windows_11_22h2",
    22631: "windows_11_23h2",
    26100: "windows_11_24h2",
    26200: "windows_11_25h2",
    28000: "windows_11_26h1",
}
_SERVER_OF_BUILD = {
    6002: "windows_server_2008_service_pack_2",
    6003: "windows_server_2008_service_pack_2",
    7601: "windows_server_2008_r2_service_pack_1",
    9200: "windows_server_2012",
    9600: "windows_server_2012_r2",
    14393: "windows_server_2016",
    17134: "windows_server_1803",
    17763: "windows_server_2019",
    18362: "windows_server_1903",
    18363: "windows_server_1909",
    19041: "windows_server_2004",
    19042: "windows_server_20h2",
    20348: "windows_server_2022",
    25398: "windows_server_2022_23h2",
    26100: "windows_server_2025",
}
_FURTHER_KEYS = {
    "windows_7": ("windows_7_service_pack_1",),
    "windows_10_1507": ("windows_10",),
    "windows_10_1903": ("windows_10_version_1903_for_x64-based_systems",),
    "windows_11_23h2": ("windows_11_version_22h3",),  # so the CNA calls it for Arm
    "windows_server_2008_r2_service_pack_1": (
        "windows_server_2008_r2_systems_service_pack_1",
        "windows_server_2008_r2_service_pack_1_(server_core_installation)",
    ),
    "windows_server_1803": ("windows_server,_version_1803_(server_core_installation)",),
    "windows_server_1903": ("windows_server,_version_1903_(server_core_installation)",),
    "windows_server_1909": ("windows_server,_version_1909_(server_core_installation)",),
    "windows_server_2004": ("windows_server_version_2004",),
    "windows_server_20h2": ("windows_server_version_20h2",),
    "windows_server_2022_23h2": (
        "windows_server_2022,_23h2_edition_(server_core_installation)",
        "windows_server_23h2",
    ),
}
_BUILD = re.compile(r"(?:(?P<release>[0-9]{1,2}\.[0-9])\.)?(?P<build>[0-9]{4,6})(?:\.(?P<revision>[0-9]{1,6}))?")
_RELEASES = {6002: "6.0", 6003: "6.0", 7601: "6.1", 9200: "6.2", 9600: "6.3"}


class _Build(NamedTuple):
    number: int
    revision: str

    @property
    def full(self) -> str:
        release = _RELEASES.get(self.number, "10.0")
        return f"{release}.{self.number}.{self.revision}"


def resolve_windows(system: OperatingSystem) -> Resolution:
    """Name the release of Windows. Other systems, and builds that are no known release, are unknown.

    Returns:
        A resolution whose version is the full build, "" without the update build revision.
    """
    build = _build(system)
    if "windows" not in system.name.casefold() or build is None:
        return Resolution(reason=UnknownReason.NO_RECORDS)
    names = _SERVER_OF_BUILD if "server" in system.name.casefold() else _CLIENT_OF_BUILD
    if not (name := names.get(build.number)):
        return Resolution(reason=UnknownReason.NO_RECORDS)
    return Resolution(
        keys=united(ProductKey.parse(f"microsoft:{key}") for key in _keys(name)),
        confidence=Confidence.CERTAIN,
        by=ResolvedBy.RULE,
        version=build.full if build.revision else "",
    )


def _build(system: OperatingSystem) -> _Build | None:
    stated = (system.build.strip(), system.version.strip())
    found = next((match for text in stated if (match := _BUILD.fullmatch(text))), None)
    return _Build(int(found["build"]), found["revision"] or "") if found else None


def _keys(name: str) -> list[str]:
    """NVD's key, the CNA's ("Windows 10 Version 22H2"), and that of a server's core installation."""
    keys = [name, *_FURTHER_KEYS.get(name, ())]
    product, _, release = name.rpartition("_")
    if product in {"windows_10", "windows_11"}:
        keys.append(f"{product}_version_{release}")
    if name.startswith("windows_server") and name not in _FURTHER_KEYS:
        keys.append(f"{name}_(server_core_installation)")
    return keys
