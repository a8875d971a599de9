"""The systems to which title and description limit a vulnerability."""

from __future__ import annotations

import pytest

from backend.domain.claims import Affected, Claim, RecordState
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.statements import Condition
from backend.domain.exposure.system_texts import RecordTexts
from backend.domain.products.product import ProductKey
from tests.unit.domain.claims_of import mitre, nvd

WIDGET = ProductKey("widgetsoft", "widget")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Use after free in Widgetsoft Widget on Mac prior to 104.0.5112.79 allowed a remote attacker to", ["macos"]),
        ("Widget prior to 97.0 on Android allowed", ["android"]),
        ("Widget for iOS < 12", ["ios"]),
        ("Spoofing in Widget for Android. This vulnerability affects Widget < 148.", ["android"]),
        ("Widget Client on MacOS and Linux has a flaw", ["macos", "linux"]),
        ("Widget before 7.00, on Linux and UNIX platforms, allows", ["linux", "macos", "other"]),
        ("Widget before 0.1, when run on Apple OS X, logs", ["macos"]),
        ("Widget (macOS) before build 30600", ["macos"]),
        ("Widget Linux Connector and Widget Mac Connector: a flaw", ["linux", "macos"]),
        ("Widget 5.0 in Debian GNU/Linux allows", ["linux"]),
        ("A flaw. *This bug only affects Widget on Linux. Other operating systems are unaffected.*", ["linux"]),
        ("Widget leaks. Only macOS is affected.", ["macos"]),
        ("Widget on ChromeOS prior to 86", ["other"]),
    ],
)
def test_a_text_that_limits_the_product_to_systems(text: str, expected: list[str]) -> None:
    assert list(RecordTexts([text]).systems_of(WIDGET)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Widget before 2.0 allows remote attackers to execute code",
        "Widget before 18 on Windows and OS X and before 11 on Linux",
        "Widget for Mac before 3, which loads a library.dll",
        "Widget on Android and other platforms",
        "Widget on all platforms, including Linux and macOS",
        "Widget before 8.0 and Chrome OS before 8.0.552",
        "This issue is fixed in Widget 16.4.1, iOS 15.7.5 and macOS 12",
        "This affects Widget for Android < 112, Widget < 112, and Focus for Android < 112",
        "Bugs in Widget for Android 79. This affects Widget < 80, and Widget for Android < 80",
        "Widget before 2.0 has an overflow. It was seen in Widget on Linux",
        "Widget before 15.0.0 and Mac Widget before 12.0",
        "Widget is a Linux sandbox",
        "A flaw in Widget 2004 and 2008 for Mac, and in Gadget",
        "Gadget on Linux has a flaw, as has Widget",
        "Widgets on Linux",
        "",
        "Widget on linuxlike",
    ],
)
def test_a_text_that_leaves_the_systems_open(text: str) -> None:
    assert RecordTexts([text]).systems_of(WIDGET) == ()


def test_windows_in_one_text_of_the_record_leaves_all_open() -> None:
    assert RecordTexts(["Widget on Linux", "Widget on Linux and Windows"]).systems_of(WIDGET) == ()


def test_a_title_counts_where_the_description_is_silent() -> None:
    assert RecordTexts(["Widget for macOS vulnerability", "Widget runs code."]).systems_of(WIDGET) == ("macos",)


def test_a_product_that_is_a_system_is_not_limited() -> None:
    assert RecordTexts(["Android on Linux"]).systems_of(ProductKey("google", "android")) == ()


@pytest.mark.parametrize(
    "text", ["widget " * 3_000 + "on linux", "linux " * 20_000, "widget on " + "a linux, " * 9_000]
)
def test_long_texts_are_read(text: str) -> None:
    assert RecordTexts([text]).systems_of(WIDGET) in {(), ("linux",)}


@pytest.mark.parametrize(
    "stated",
    [
        Condition(platforms=("windows",)),
        Condition("a", target="iphone_os"),
        Condition("a", running_on=("apple:macos",)),
        Condition("o"),
    ],
)
def test_what_a_field_states_goes_before_texts(stated: Condition) -> None:
    assert RecordTexts(["Widget on Linux"]).limited(stated, WIDGET) is stated


def test_statements_of_all_sources_are_limited() -> None:
    text = "Widget on macOS allows code execution"
    records = (
        mitre(Claim(description=text, affected=(Affected(vendor="Widgetsoft", product="Widget", versions=("1.0",)),))),
        nvd(Claim(description=text, affected=(Affected(cpe="cpe:2.3:a:widgetsoft:widget:1.0:*:*:*:*:*:*:*"),))),
    )
    ((product),) = statements_of(RecordState.PUBLISHED, records)
    assert [statement.condition for statement in product.statements] == [
        Condition("a", platforms=("macos",), in_words=True),
        Condition(platforms=("macos",), in_words=True),
    ]
