"""Packages of language ecosystems whose records name them otherwise: pkg:pypi/pillow is python:pillow.

`packages.csv` has one line a package: its package URL without version, the leading "vendor:product", and further keys
separated by spaces. Records that state the package URL itself are found by it and need no line.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import StringIO

from backend.domain.products.product import ProductKey
from backend.domain.purl import package_key


def keys_of_package(purl: str) -> tuple[ProductKey, ...]:
    """The keys of a package; empty where the table has no line for it."""
    return package_table().get(package_key(purl), ())


@cache
def package_table() -> Mapping[str, tuple[ProductKey, ...]]:
    """The table that comes with the program, by package URL."""
    text = files(__package__).joinpath("packages.csv").read_text(encoding="utf-8")
    return {
        package_key(line["purl"]): tuple(map(ProductKey.parse, (line["product"], *line["also"].split())))
        for line in csv.DictReader(StringIO(text))
    }
