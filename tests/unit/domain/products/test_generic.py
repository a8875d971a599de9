from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from backend.domain.products.generic import generic_match
from backend.domain.products.name_forms import name_forms, product_forms
from backend.domain.products.product import KnownProduct, ProductKey, UnknownReason
from tests.unit.domain.products.known_products import KnownProducts


def matched(name: str, publisher: str, *known: str) -> list[str]:
    return [str(key) for key in generic_match(name, publisher, KnownProducts(*known)).keys]


@pytest.mark.parametrize(
    ("name", "publisher", "key"),
    [
        ("AXIS Camera Station 5.33", "Axis Communications AB", "axis_communications_ab:axis_camera_station"),
        ("Acme Editor 3.2 (x64)", "Acme Software, Inc.", "acme:editor"),
        ("Acme Editor", "Acme", "acme:acme_editor"),
        ("WinTool 5.17.7", "Jane Doe", "wintool:wintool"),
        ("gnuplot 5.2 patchlevel 8", "gnuplot development team", "gnuplot:gnuplot"),
        ("Acme Editor Professional Edition 4", "Acme", "acme:editor"),
        ("Cloudy 3.1", "Cloudy Ltd", "cloudy:cloudy_client"),
        ("Acme Editor", "Acme", "acme:editor_for_windows"),
        ("Acme Editor für Windows 3.1", "Acme GmbH & Co. KG", "acme:editor"),
        ("Acme Editor - Türkçe", "Acme", "acme:editor"),
        ("Micro Editor 3", "Advanced Cloud Micro Editors, Inc.", "acme:micro_editor"),
        ("Acme Server 2019 (64-bit)", "Acme", "acme:acme_server_2019_(cu_28)"),
        ("Acme Plugin 1.0", "Acme", "acme:acme_plugin"),
        ("DB Lens for SQLite", "DB Lens for SQLite Team", "dblens:db_lens_for_sqlite"),
        ("Geo Viewer 9.0-256", "Geo", "geo:geo_viewer"),
        ("TeXTool - TeXTool is a LaTeX editor.", "TeXTool Developers of TeX", "textool:textool"),
    ],
)
def test_finds_the_product_of_a_name_and_publisher_that_agree(name: str, publisher: str, key: str) -> None:
    assert matched(name, publisher, key, "other:thing") == [key]


@pytest.mark.parametrize(
    ("name", "publisher", "key"),
    [
        ("Acme Editor Plugin", "Acme", "acme:editor"),
        ("Acme Editor", "Acme", "acme:editor_plugin"),
        ("Acme Display Driver", "Acme", "acme:display"),
        ("Exporter for Acme Editor", "Acme", "acme:editor"),
        ("Acme Editor", "Other Company", "acme:editor"),
        ("Acme Editor", "", "acme:editor"),
        ("Acme Editor", "Acme", "acme:editor_server"),
        ("Acme Editor Server", "Acme", "acme:editor"),
        ("Acme Editor Desktop", "Acme", "acme:editor"),
        ("Acme Database 2012 Native Client", "Acme", "acme:database"),
        ("Coffee", "Steven Cole", "drupal:coffee"),
        ("Studio 2.0", "BrickLink Corporation", "beekeeper_studio,_inc.:beekeeper_studio"),
        ("DB Browser for SQLite", "DB Browser for SQLite Team", "sqlite:sqlite"),
        ("Go", "Somebody", "go:go"),
        ("Acme Editor 3D 1.5", "Acme", "acme:editor"),
        ("Acme Machine", "Acme", "acme:acme"),
        ("Ethereum - Geth", "Ethereum", "ethereum:ethereum"),
    ],
)
def test_unknown_rather_than_wrong(name: str, publisher: str, key: str) -> None:
    assert matched(name, publisher, key) == []


def test_a_publisher_that_contradicts_leaves_a_candidate() -> None:
    match = generic_match("Editor", "Other", KnownProducts("acme:editor"))
    assert match.reason == UnknownReason.PUBLISHER
    assert [str(key) for key in match.candidates] == ["acme:editor"]


def test_client_and_server_of_one_name_are_both_candidates() -> None:
    match = generic_match(
        "Cloudy", "Cloudy", KnownProducts("cloudy:cloudy", "cloudy:cloudy_server", "cloudy:cloudy_desktop")
    )
    assert match.keys == ()
    assert match.reason == UnknownReason.AMBIGUOUS
    assert len(match.candidates) == 3


def test_the_exact_name_goes_before_a_server_of_that_name() -> None:
    assert matched("Webby", "Webby", "webby:webby", "webby:webby_server") == ["webby:webby"]


def test_spellings_of_one_product_are_all_keys() -> None:
    keys = matched("Acme Tool", "Acme", "acme:tool", "acme:acme_tool", "acme_software:acme_tool_for_windows")
    assert sorted(keys) == ["acme:acme_tool", "acme:tool", "acme_software:acme_tool_for_windows"]


def test_a_version_that_is_part_of_a_product_is_another_product() -> None:
    assert matched("Vis Tool 13.3", "Acme", "acme:vis_tool_v14.2") == []


@pytest.mark.parametrize("name", ["", "x64", "1.2.3", "!", "\x00", "()", "a" * 10_000])
def test_a_name_without_telling_words_is_unknown(name: str) -> None:
    match = generic_match(name, "Acme", KnownProducts("acme:editor"))
    assert match.keys == ()
    assert match.reason in {UnknownReason.NO_NAME, UnknownReason.NO_RECORDS}


def test_a_name_asks_for_a_handful_of_forms_and_a_product_is_stored_under_few() -> None:
    forms = name_forms(
        "Acme Software Visual Editor Professional Edition 2022 (64-bit) - English", "Acme Software, Inc."
    )
    assert len(forms.all) <= 12
    assert len(product_forms(ProductKey.parse("acme:acme_visual_editor_desktop_client_for_windows_(cu_3)")).all) <= 5


def test_a_product_that_is_found_by_another_name_is_passed_over() -> None:
    class ByPackage(KnownProducts):
        def find(self, forms: Sequence[str]) -> Iterable[KnownProduct]:
            return [KnownProduct(ProductKey.parse("acme:something_else"), 1)]

    assert generic_match("Acme Editor", "Acme", ByPackage()).keys == ()
