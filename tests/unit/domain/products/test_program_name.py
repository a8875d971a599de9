from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.domain.products.program_name import MAX_LENGTH, folded, readings, version_in, with_own_number


@pytest.mark.parametrize(
    ("name", "shortest"),
    [
        ("Mozilla Firefox 78.0.2 (x64 cs)", "mozilla firefox"),
        ("7-Zip 22.01 (x64)", "7-zip"),
        ("7-Zip 16.04 (x64 edition)", "7-zip"),
        ("Adobe Acrobat Reader DC - Czech", "adobe acrobat reader dc"),
        ("maxima-5.43.2", "maxima"),
        ("PowerShell 7-x64", "powershell"),
        ("KiCad 5.1.7_1", "kicad"),
        ("Krita (x64) 4.3.0", "krita"),
        ("LockHunter 3.3, 32/64 bit", "lockhunter"),
        ("Go Programming Language amd64 go1.15.3", "go programming language"),
        ("Rust 1.45 (MSVC 64-bit)", "rust"),
        ("Clash for Windows 0.9.11", "clash"),
        ("Wondershare UniConverter 13(Build 13.5.1.116)", "wondershare uniconverter"),
        ("BITS Manager", "bits manager"),
        ("Intel® Driver & Support Assistant", "intel driver & support assistant"),
        ("DBeaver 7.2.1 (current user)", "dbeaver"),
        ("Acme Editor für Windows", "acme editor"),
        ("Acme Editor de-at", "acme editor"),
        ("Acme Editor 1.2 (only current user)", "acme editor"),
        ("Acme Editor (User)", "acme editor"),
        ("Docker Machine", "docker machine"),
        ("Acme Editor Add-in", "acme editor add-in"),
        ("Acme Editor add-on 2.1", "acme editor add-on"),
        ("Acme Editor 3.1 - Čeština", "acme editor"),
        ("Acme Editor (简体中文)", "acme editor"),
        ("百度网盘", "百度网盘"),
        ("2048", "2048"),
        ("(x64)", "(x64)"),
    ],
)
def test_drops_versions_architectures_and_languages(name: str, shortest: str) -> None:
    assert readings(name)[-1] == shortest


def test_keeps_every_step_because_numbers_and_stages_may_belong_to_the_name() -> None:
    assert readings("Mozilla Firefox 78.4.0 ESR (x64 en-US)") == (
        "mozilla firefox 78.4.0 esr (x64 en-us)",
        "mozilla firefox esr",
        "mozilla firefox",
    )
    assert readings("Visual Studio Community 2022") == ("visual studio community 2022", "visual studio community")


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("Microsoft .NET Runtime - 6.0.20 (x86)", "6.0.20"),
        ("7-Zip 22.01 (x64)", "22.01"),
        ("Git version 2.27.0", "2.27.0"),
        ("Go Programming Language amd64 go1.15", "1.15"),
        ("WizTree v3.35", "3.35"),
        ("Visual Studio Community 2022", "2022"),
        ("4K Video Downloader", ""),
        ("Everything", ""),
    ],
)
def test_finds_the_version_in_a_name(name: str, version: str) -> None:
    assert version_in(name) == version


@pytest.mark.parametrize(
    ("name", "version", "read"),
    [
        ("Half-Life 2", "1.0.0.0", "half-life2"),
        ("Dimension 4 v5.31", "5.31", "dimension4"),
        ("Beyond Compare 4", "4.4.6", "Beyond Compare 4"),
        ("Beyond Compare 04", "4.4.6", "Beyond Compare 04"),
        ("Camtasia 2020", "20.0.1", "Camtasia 2020"),
        ("Half-Life 2", "", "Half-Life 2"),
        ("Half-Life", "1.0", "Half-Life"),
    ],
)
def test_a_number_that_is_not_the_version_is_part_of_the_name(name: str, version: str, read: str) -> None:
    assert with_own_number(name, version) == read


def test_unseen_characters_and_trademark_signs_are_no_part_of_a_name() -> None:
    assert folded("Micro\u00adsoft\u200b\x00 Office™\r\n(TM)") == "micro soft office"


@given(st.text(max_size=3 * MAX_LENGTH))
@example("0 ,")
def test_any_text_has_readings_of_bounded_length(name: str) -> None:
    for reading in readings(name):
        assert 0 < len(reading) <= MAX_LENGTH
        assert reading == reading.strip()


@pytest.mark.parametrize("piece", ["(", "1.", "a1.", "(x64 ", "- ", "beta-1.", "v.", "1.1-"])
def test_long_nonsense_is_read_in_linear_time(piece: str) -> None:
    assert len(readings(piece * 100_000)) <= 4
