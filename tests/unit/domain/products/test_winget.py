"""The table of winget's packages: found by the names of the registry, and only where the name is unambiguous."""

from __future__ import annotations

import pytest

from backend.domain.products.patterns import expanded, leading_letters
from backend.domain.products.program_name import folded
from backend.domain.products.winget import WingetPackage, WingetTable, winget_table
from backend.domain.purl import winget_id

PACKAGES = winget_table().packages


@pytest.mark.parametrize("package", PACKAGES, ids=[package.id for package in PACKAGES])
def test_each_is_found_by_its_example(package: WingetPackage) -> None:
    publishers = ("", *(f"The {words.title()} Company" for words in package.publishers))
    assert {winget_table().find(package.example, publisher) for publisher in publishers} == {package.id}


def test_the_lines_are_well_formed() -> None:
    assert len({package.id for package in PACKAGES}) == len(PACKAGES)
    for package in PACKAGES:
        assert winget_id(f"pkg:winget/{package.id}") == package.id, "it can be pasted into a shell"
        assert all(words == folded(words) for words in package.publishers), package.id
        for text in (text for pattern in package.pattern.split(";") for text in expanded(pattern)):
            stated = text.rstrip("*").rstrip()
            assert stated == folded(stated), f"{text} never matches"
            assert leading_letters(text), f"{text} is never looked for"


@pytest.mark.parametrize(
    ("name", "publisher", "found"),
    [
        ("Mozilla Firefox 115.3 ESR (x64 de)", "Mozilla", "Mozilla.Firefox.ESR"),
        ("Mozilla Firefox 128.0 (x64 de)", "Mozilla", "Mozilla.Firefox"),
        ("Google Chrome Canary", "Google LLC", ""),
        ("Google Chrome", "Evil Ltd.", ""),
        ("Adobe Acrobat Reader DC (64-bit)", "Adobe", "Adobe.Acrobat.Reader.64-bit"),
        ("Adobe Acrobat Reader DC", "Adobe", "Adobe.Acrobat.Reader.32-bit"),
        ("Python 3.12.1 Standard Library (64-bit)", "Python Software Foundation", ""),
        ("Python 3.1.5", "Python Software Foundation", ""),
        ("Git Extensions 3.5", "Git Extensions Team", ""),
        ("Microsoft .NET Runtime - 6.0.20 (x64)", "Microsoft Corporation", "Microsoft.DotNet.Runtime.6"),
        ("Microsoft .NET Runtime - 60.0.1 (x64)", "Microsoft Corporation", ""),
        ("", "", ""),
        ("\0" * 300, "\0", ""),
    ],
)
def test_editions_and_branches_are_packages_of_their_own(name: str, publisher: str, found: str) -> None:
    assert winget_table().find(name, publisher) == found


def test_the_first_line_that_fits_the_whole_name_goes_before_one_without_architecture() -> None:
    both = WingetPackage("tool", ("acme",), "Acme.Tool", "Tool"), WingetPackage("tool (x64)", ("acme",), "Acme.64", "")
    assert [WingetTable(both).find(name, "Acme") for name in ("Tool (x64)", "Tool (x86)")] == ["Acme.64", "Acme.Tool"]
