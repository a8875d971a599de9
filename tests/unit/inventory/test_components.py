from __future__ import annotations

import pytest

from desktop.inventory.components import defender_platform_fields, net_framework_fields, update_fields
from desktop.inventory.store_apps import PackageName, package_name


@pytest.mark.parametrize(
    ("release", "name"),
    [(378389, "4.5"), (394806, "4.6.2"), (461814, "4.7.2"), (528449, "4.8"), (533325, "4.8.1"), (999999, "4.8.1")],
)
def test_the_release_number_tells_the_version_of_net_framework(release: int, name: str) -> None:
    fields = net_framework_fields({"release": release, "version": "4.0"})
    assert fields is not None
    assert fields["name"] == f"Microsoft .NET Framework {name}"


@pytest.mark.parametrize("folder", ["", "C:\\Program Files\\Windows Defender\\", "C:\\Platform\\x", "\\" * 10_000])
def test_a_defender_without_a_platform_of_its_own_has_no_version(folder: str) -> None:
    assert defender_platform_fields({"installlocation": folder}) is None


@pytest.mark.parametrize(
    "package", ["", "Package_for_~~~", "Package_for_KB1~x", "x" * 10_000, "Package_for_KB5031356~" * 500]
)
def test_other_packages_are_no_updates(package: str) -> None:
    assert update_fields(package) is None


def test_the_parts_of_a_package_name() -> None:
    name = "Microsoft.HEVCVideoExtension_2.1.451.0_x64__8wekyb3d8bbwe"
    assert package_name(name) == PackageName("Microsoft.HEVCVideoExtension", "2.1.451.0", "", "8wekyb3d8bbwe")
    assert package_name("Microsoft.HEVCVideoExtension") is None
