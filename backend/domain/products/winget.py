"""Under which id winget updates an installed program that does not say it itself, as most entries of the registry.

`winget.csv` has one line a package of winget's repository (github.com/microsoft/winget-pkgs):

- name: a pattern (`patterns.py`) for the installed name, whole or without versions and architectures. Editions and
  branches that are packages of their own have lines of their own; where a name does not tell them apart, there is none.
- publisher: words of which one occurs in the publisher's name where one is stated, separated by `|`
- id: of the package
- example: a name as the registry shows it
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from io import StringIO

import msgspec

from backend.domain.names import fold
from backend.domain.products.patterns import expanded, fits, leading_letters
from backend.domain.products.program_name import folded, unversioned


class WingetPackage(msgspec.Struct, frozen=True):
    """One line of the table."""

    pattern: str
    publishers: tuple[str, ...]
    id: str
    example: str

    def is_by(self, publisher: str) -> bool:
        text = fold(publisher)
        return not text or any(words in text for words in self.publishers)


class WingetTable:
    def __init__(self, packages: Iterable[WingetPackage]) -> None:
        self.packages = tuple(packages)
        self._texts: defaultdict[str, list[tuple[str, WingetPackage]]] = defaultdict(list)
        for package in self.packages:
            for text in (text for pattern in package.pattern.split(";") for text in expanded(pattern)):
                self._texts[leading_letters(text)].append((text, package))

    def find(self, name: str, publisher: str) -> str:
        """The id of the package that an installed program is; "" where that is not known for sure."""
        for reading in (folded(name), unversioned(name)):
            for text, package in self._texts.get(leading_letters(reading), ()):
                if fits(text, reading) and package.is_by(publisher):
                    return package.id
        return ""


@cache
def winget_table() -> WingetTable:
    """The table that comes with the program."""
    text = files(__package__).joinpath("winget.csv").read_text(encoding="utf-8")
    return WingetTable(
        WingetPackage(line["name"], tuple(line["publisher"].split("|")), line["id"], line["example"])
        for line in csv.DictReader(StringIO(text))
    )
