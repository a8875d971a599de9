"""Which statements are about a product as it is installed."""

from __future__ import annotations

import pytest

from backend.domain.exposure.conditions import (
    Subject,
    System,
    applies,
    edition_of,
    is_for_other_systems,
    system_of,
    systems_of,
)
from backend.domain.exposure.statements import Condition
from backend.domain.products.product import ProductKey

WIDGET = ProductKey("widgetsoft", "widget")
PROGRAM, WINDOWS, PACKAGE = Subject(), Subject(is_system=True), Subject(ecosystem="npm")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(), True),
        (Condition("a"), True),
        (Condition("o"), False),
        (Condition("h"), False),
        (Condition("a", target="windows"), True),
        (Condition("a", target="windows_10"), True),
        (Condition("a", target="x64"), True),
        (Condition("a", target="android"), False),
        (Condition("a", target="iphone_os"), False),
        (Condition("a", target="mac_os_x"), False),
        (Condition("a", target="linux_kernel"), False),
        (Condition("a", target="wordpress"), False),
        (Condition("a", target="node.js"), False),
        (Condition("a", running_on=("microsoft:windows",)), True),
        (Condition("a", running_on=("apple:macos", "microsoft:windows_server_2019")), True),
        (Condition("a", running_on=("apple:macos", "linux:linux_kernel")), False),
        (Condition("a", running_on=("google:android",)), False),
        (Condition("a", running_on=("microsoft:office",)), True),
        (Condition(platforms=("windows", "macos")), True),
        (Condition(platforms=("macos",)), False),
    ],
)
def test_a_program_on_windows(condition: Condition, *, expected: bool) -> None:
    assert applies(condition, WIDGET, PROGRAM) is expected


def test_an_operating_system_is_none_of_the_programs_of_its_name() -> None:
    assert applies(Condition("o"), WIDGET, WINDOWS)
    assert applies(Condition(), WIDGET, WINDOWS)
    assert not applies(Condition("a"), WIDGET, WINDOWS)


@pytest.mark.parametrize(("target", "expected"), [("node.js", True), ("", True), ("python", False), ("windows", False)])
def test_a_package_belongs_to_its_ecosystem(target: str, *, expected: bool) -> None:
    assert applies(Condition("a", target=target), WIDGET, PACKAGE) is expected


def test_other_systems_match_their_own_statements() -> None:
    mac = Subject(System.MACOS)
    assert applies(Condition("a", target="macos"), WIDGET, mac)
    assert not applies(Condition("a", target="windows"), WIDGET, mac)


@pytest.mark.parametrize(
    ("installed", "product", "edition", "expected"),
    [
        ("Widget 115.9 ESR (x64)", WIDGET, "esr", True),
        ("Widget 115.9 ESR (x64)", WIDGET, "", False),
        ("Widget 115.9 ESR (x64)", WIDGET, "-", False),
        ("Widget 115.9 ESR (x64)", ProductKey("widgetsoft", "widget esr"), "", True),
        ("Widget", WIDGET, "esr", False),
        ("Widget", WIDGET, "-", True),
        ("Widget", WIDGET, "enterprise", True),
        ("Widget", ProductKey("widgetsoft", "widget esr"), "", False),
    ],
)
def test_editions_with_versions_of_their_own_are_kept_apart(
    installed: str, product: ProductKey, edition: str, *, expected: bool
) -> None:
    assert applies(Condition("a", edition), product, Subject(edition=edition_of(installed))) is expected


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("Windows 11 Pro", System.WINDOWS),
        ("microsoft:windows_server_2019", System.WINDOWS),
        ("Mac OS X", System.MACOS),
        ("iPhone OS", System.IOS),
        ("Red Hat Enterprise", System.OTHER),
        ("64-bit", None),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_systems_by_their_names(text: str, system: System | None) -> None:
    assert system_of(text) is system


def test_platforms_that_are_no_systems_say_nothing() -> None:
    assert systems_of(("Windows", "macOS", "Windows")) == (System.WINDOWS, System.MACOS)
    assert systems_of(("Windows", "All")) == ()
    assert systems_of(("x64-based Systems", "ARM")) == ()
    assert systems_of(()) == ()


@pytest.mark.parametrize("processor", ["x64-based Systems", "ARM", "64 bit", "x86", "ARM64-based Systems", "32-bit"])
def test_a_processor_beside_systems_says_nothing(processor: str) -> None:
    assert systems_of(("Linux", processor)) == (System.LINUX,)


@pytest.mark.parametrize("platform", ["", "All", "Default", "MX Series", "Snapdragon Auto", "systems"])
def test_a_platform_that_is_neither_system_nor_processor_leaves_all_open(platform: str) -> None:
    assert systems_of(("Linux", platform)) == ()


def test_a_statement_for_other_systems_says_so() -> None:
    condition = Condition(platforms=("macos",))
    assert is_for_other_systems(condition, WIDGET, PROGRAM)
    assert not is_for_other_systems(Condition("o", platforms=("macos",)), WIDGET, PROGRAM)
    assert not is_for_other_systems(Condition("a", target="macos"), WIDGET, PROGRAM)
