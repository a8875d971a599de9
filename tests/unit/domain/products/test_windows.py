from __future__ import annotations

import pytest

from backend.contract.inventory import Confidence, OperatingSystem
from backend.domain.products.product import UnknownReason
from backend.domain.products.windows import resolve_windows


@pytest.mark.parametrize(
    ("name", "build", "key", "version"),
    [
        ("Windows 11 Pro", "10.0.22631.4317", "microsoft:windows_11_23h2", "10.0.22631.4317"),
        ("Windows 10 Pro", "22631.4317", "microsoft:windows_11_23h2", "10.0.22631.4317"),
        ("Windows 10 Enterprise", "19045.3693", "microsoft:windows_10_22h2", "10.0.19045.3693"),
        ("Windows 10 Enterprise 2016 LTSB", "10.0.14393.6452", "microsoft:windows_10_1607", "10.0.14393.6452"),
        ("Windows Server 2022 Datacenter", "10.0.20348.2113", "microsoft:windows_server_2022", "10.0.20348.2113"),
        ("Windows Server 2025 Standard", "26100.2894", "microsoft:windows_server_2025", "10.0.26100.2894"),
        ("Windows Server 2012 R2 Standard", "6.3.9600.21620", "microsoft:windows_server_2012_r2", "6.3.9600.21620"),
        ("Windows Server 2012 Standard", "9200.24919", "microsoft:windows_server_2012", "6.2.9200.24919"),
        ("Windows 7 Professional", "6.1.7601.26769", "microsoft:windows_7", "6.1.7601.26769"),
    ],
)
def test_the_build_tells_the_release(name: str, build: str, key: str, version: str) -> None:
    resolution = resolve_windows(OperatingSystem(name=name, version="23H2", build=build))
    assert resolution.confidence == Confidence.CERTAIN
    assert (str(resolution.keys[0]), resolution.version) == (key, version)


def test_the_names_of_nvd_and_cna_are_both_keys() -> None:
    keys = [str(key) for key in resolve_windows(OperatingSystem(name="Windows 11 Home", build="22621.1")).keys]
    assert keys == ["microsoft:windows_11_22h2", "microsoft:windows_11_version_22h2"]


def test_a_server_also_has_the_key_of_its_core_installation() -> None:
    keys = [str(key) for key in resolve_windows(OperatingSystem(name="Windows Server 2019", build="17763.1")).keys]
    assert "microsoft:windows_server_2019_(server_core_installation)" in keys


def test_without_the_revision_there_is_no_version_to_compare() -> None:
    resolution = resolve_windows(OperatingSystem(name="Windows 11 Pro", build="10.0.22631"))
    assert resolution.keys
    assert resolution.version == ""


def test_a_full_version_takes_the_place_of_a_build() -> None:
    assert (
        resolve_windows(OperatingSystem(name="Windows 11 Pro", version="10.0.22631.4317")).version == "10.0.22631.4317"
    )


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("Debian GNU/Linux 12", "10.0.22631.4317"),
        ("Windows 11", ""),
        ("Windows 11", "unknown"),
        ("Windows 11", "10.0.99999.1"),
        ("Windows Server 2022", "10.0.22631.1"),
        ("Windows", "9" * 300),
        ("", "10.0.22631.1"),
    ],
)
def test_other_systems_and_unknown_builds_are_unknown(name: str, build: str) -> None:
    resolution = resolve_windows(OperatingSystem(name=name, build=build))
    assert (resolution.keys, resolution.reason) == ((), UnknownReason.NO_RECORDS)
