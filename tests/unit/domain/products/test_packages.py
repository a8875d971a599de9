from __future__ import annotations

import csv
from importlib.resources import files
from io import StringIO

import pytest

from backend.domain.products.packages import keys_of_package
from backend.domain.purl import package_key

TEXT = files("backend.domain.products").joinpath("packages.csv").read_text(encoding="utf-8")
LINES = list(csv.DictReader(StringIO(TEXT)))


def test_each_line_is_a_package_url_with_keys_that_differ() -> None:
    assert len({package_key(line["purl"]) for line in LINES}) == len(LINES)
    for line in LINES:
        keys = keys_of_package(f"{line['purl']}@1.0")
        assert package_key(line["purl"])
        assert all(vendor and product for vendor, product in keys), line["purl"]
        assert len({key.spelling for key in keys}) == len(keys), f"{line['purl']}: one spelling of a key twice"


@pytest.mark.parametrize("purl", ["pkg:pypi/Pillow@9.0.1", "pkg:pypi/pillow?arch=x", "pkg:pypi/PILLOW"])
def test_a_package_is_found_in_any_spelling(purl: str) -> None:
    assert str(keys_of_package(purl)[0]) == "python:pillow"


@pytest.mark.parametrize("purl", ["", "no package url", "pkg:pypi/no-such-package", "pkg:npm/pillow"])
def test_other_text_has_no_keys(purl: str) -> None:
    assert keys_of_package(purl) == ()
