from __future__ import annotations

import pytest

from backend.contract.inventory import SoftwareEntry
from backend.domain.products.curated import CuratedProgram, CuratedTable, curated_table
from backend.domain.products.installed_version import RULES
from backend.domain.products.patterns import expanded, is_literal, leading_letters
from backend.domain.products.product import ProductKey
from backend.domain.products.program_name import folded
from backend.domain.products.resolution import resolve
from tests.unit.domain.products.known_products import KnownProducts

PROGRAMS = curated_table().programs


def program(
    name: str, key: str = "acme:tool", publishers: tuple[str, ...] = (), *, required: bool = False
) -> CuratedProgram:
    keys = (ProductKey.parse(key),) if key else ()
    return CuratedProgram((name,), publishers, required, keys, "", "windows", "", name)


@pytest.mark.parametrize("line", PROGRAMS, ids=[line.example for line in PROGRAMS])
def test_each_line_is_found_by_its_example(line: CuratedProgram) -> None:
    publisher = line.publishers[0] if line.publishers else ""
    found = curated_table().find(line.example, publisher)
    assert found is not None
    assert (found.example, found.keys, found.part) == (line.example, line.keys, line.part)


def test_the_lines_are_well_formed() -> None:
    for line in PROGRAMS:
        assert bool(line.keys) != bool(line.part), line.example
        assert line.version in {"", *RULES}, line.example
        assert all(vendor and product for vendor, product in line.keys), line.example
        assert len({key.spelling for key in line.keys}) == len(line.keys), (
            f"{line.example}: one spelling of a key twice"
        )
        assert all(words == words.casefold().strip() for words in line.publishers), line.example


def test_every_name_of_a_line_can_be_a_folded_name() -> None:
    for text in (text for line in PROGRAMS for pattern in line.patterns for text in expanded(pattern)):
        stated = text.rstrip("*").rstrip()
        assert stated == folded(stated), f"{text} never matches"
        assert is_literal(text) or leading_letters(text), f"{text} is never looked for"


def test_the_table_has_one_line_for_an_example_and_at_least_600_products() -> None:
    assert len({line.example for line in PROGRAMS}) == len(PROGRAMS)
    assert sum(bool(line.keys) for line in PROGRAMS) >= 600


def test_a_publisher_that_is_another_one_does_not_fit() -> None:
    table = CuratedTable([program("tool", publishers=("acme",))])
    assert table.find("Tool", "Acme Inc.") is table.programs[0]
    assert table.find("Tool", "") is table.programs[0]
    assert table.find("Tool", "Other Ltd") is None


def test_a_vendor_in_other_words_fits_without_being_listed() -> None:
    table = CuratedTable([program("tool", key="acme_systems:tool", publishers=("somebody",))])
    assert table.find("Tool", "Acme") is table.programs[0]


def test_a_common_word_needs_its_publisher() -> None:
    table = CuratedTable([program("tool", publishers=("acme",), required=True)])
    assert table.find("Tool", "") is None


def test_the_least_shortened_reading_wins() -> None:
    table = CuratedTable([program("tool"), program("tool 7", key="acme:tool_seven")])
    found = table.find("Tool 7", "")
    assert found is table.programs[1]
    assert table.find("Tool 8", "") is table.programs[0]


def test_an_exact_name_goes_before_an_open_one() -> None:
    table = CuratedTable([program("tool *", key="", publishers=()), program("tool pro", key="acme:pro")])
    assert table.find("Tool Pro", "") is table.programs[1]


@pytest.mark.parametrize(
    "name", ["Tool 2023 Language Pack - English", "Tool 2023 Plug-in", "Tool SDK", "Tool Hilfe", "Tool 7 Add-ins (x64)"]
)
def test_an_open_name_takes_in_no_additions(name: str) -> None:
    table = CuratedTable([program("tool*")])
    assert table.find(name, "") is None
    assert table.find("Tool 2023 Professional", "") is table.programs[0]


def test_an_addition_that_a_line_names_is_found() -> None:
    table = CuratedTable([program("tool plug-in*"), program("tool*", key="")])
    assert table.find("Tool Plug-in 3.1", "") is table.programs[0]
    assert table.find("Tool Help", "") is table.programs[1]


@pytest.mark.parametrize(
    ("name", "publisher", "key"),
    [
        ("Mozilla Firefox 115.5.0 ESR (x64 de)", "Mozilla", "mozilla:firefox_esr"),
        ("Microsoft Office Famille et Étudiant 2021 - fr-fr", "Microsoft Corporation", "microsoft:office_2021"),
        ("Microsoft Office 专业增强版 2019 - zh-cn", "Microsoft Corporation", "microsoft:office_2019"),
        ("Microsoft 365 Apps pour les entreprises - fr-fr", "Microsoft Corporation", "microsoft:365_apps"),
        ("NVIDIA Grafiktreiber 528.49", "NVIDIA Corporation", "nvidia:gpu_display_driver"),
        ("Eclipse Temurin JRE mit Hotspot 17.0.6+10 (x64)", "Eclipse Adoptium", "eclipse:temurin"),
        ("SOLIDWORKS eDrawings 2022 SP05", "Dassault Systemes SolidWorks Corp", "3ds:edrawings"),
        ("Яндекс.Браузер", "YANDEX LLC", "yandex:yandex_browser"),
        ("QQ浏览器", "腾讯科技(深圳)有限公司", "tencent:qqbrowser"),
    ],
)
def test_names_of_other_languages_and_editions_are_the_product(name: str, publisher: str, key: str) -> None:
    found = curated_table().find(name, publisher)
    assert found is not None
    assert str(found.keys[0]) == key


@pytest.mark.parametrize(
    ("name", "publisher"),
    [
        ("Aktualisieren für Windows 10 für x64-basierte Systeme (KB5001716)", "Microsoft Corporation"),
        ("Mise à jour de sécurité pour Microsoft Office 2016 (KB4011574)", "Microsoft"),
        ("Microsoft Office Korrekturhilfen 2016 - Deutsch", "Microsoft Corporation"),
        ("Skype for Business Web App Plug-in", "Microsoft Corporation"),
        ("Oracle VM VirtualBox Guest Additions 7.0.6", "Oracle and/or its affiliates"),
        ("AutoCAD 2023 Language Pack - English", "Autodesk, Inc."),
        ("Eclipse Mosquitto 2.0.15", "Eclipse Foundation"),
        ("MongoDB Database Tools", "MongoDB Inc."),
        ("Python 2.7 numpy-1.8.1", ""),
    ],
)
def test_parts_updates_and_neighbours_are_not_the_product(name: str, publisher: str) -> None:
    found = curated_table().find(name, publisher)
    assert found is None or not found.keys


def test_a_key_finds_its_line_in_any_spelling() -> None:
    found = curated_table().with_key(ProductKey.of("Microsoft Corporation", "edge chromium"))
    assert found is not None
    assert str(found.keys[0]) == "microsoft:edge_chromium"


def test_curated_names_ask_no_more_than_a_handful_of_forms() -> None:
    known = KnownProducts()
    for line in PROGRAMS:
        resolve(SoftwareEntry(name=line.example, publisher=line.publishers[0] if line.publishers else ""), known, {})
    assert known.looked_up < 6 * len(PROGRAMS)
