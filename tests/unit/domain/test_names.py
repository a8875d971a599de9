from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.names import fold, product_key, vendor_key


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Example", "example"),
        ("example_soft", "example soft"),
        (" Example \t\u00a0Soft__Ltd ", "example soft ltd"),
        ("n/a", ""),
        (" N/A ", ""),
        ("", ""),
        ("_", ""),
        ("n/a tools", "n/a tools"),
        ("[UNKNOWN]", ""),
        ("unspecified", ""),
        ("-", ""),
        ("*", ""),
        ("N / A", ""),
        ("Not Applicable", ""),
        ("none", ""),
        ("Various", ""),
        ("unknown horizons", "unknown horizons"),
        ("line\nbreak", "line break"),
    ],
)
def test_folds_names(name: str, folded: str) -> None:
    assert fold(name) == folded


@given(st.text())
def test_folding_twice_changes_nothing_and_leaves_one_line(name: str) -> None:
    assert fold(fold(name)) == fold(name)
    assert len(fold(name).splitlines()) <= 1


@pytest.mark.parametrize(
    "spellings",
    [
        ("apache", "Apache Software Foundation", "The Apache Software Foundation", "apache_software_foundation"),
        ("oracle", "Oracle Corporation", "ORACLE CORP.", "Oracle Corp"),
        ("sap", "SAP_SE", "SAP SE", "Sap"),
        ("trendmicro", "Trend Micro, Inc.", "Trend Micro Incorporated", "trend micro"),
        ("elecom", "ELECOM CO.,LTD.", "Elecom Co., Ltd", "elecom"),
        ("dlink", "D-Link", "D-Link Corporation", "d-link"),
        ("acme", "Acme S.p.A.", "Acme S.A.", "ACME A/S", "Acme GmbH", "acme b.v."),
        ("opentext", "OpenText™", "Open Text Corporation", "OpenText®"),
        ("python", "Python Software Foundation", "python"),
        ("eclipse", "Eclipse Foundation", "The Eclipse Foundation"),
        ("ärger", "ÄRGER AG", "A\u0308rger"),
    ],
)
def test_a_vendor_has_one_key_for_all_its_spellings(spellings: tuple[str, ...]) -> None:
    assert {vendor_key(name) for name in spellings} == {spellings[0]}


@pytest.mark.parametrize(
    "names",
    [
        ("linux", "Linux Foundation"),
        ("apache", "apache group", "apache friends"),
        ("ab", "abb", "ab software"),
        ("cisco", "Cisco Systems"),
        ("company", "co"),
    ],
)
def test_other_vendors_have_other_keys(names: tuple[str, ...]) -> None:
    assert len({vendor_key(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "spellings",
    [
        ("wpfilemanager", "wp-file-manager", "WP File Manager", "wp_file_manager"),
        ("nodejs", "Node.js", "nodejs", "Node JS"),
        ("office365", "Office 365", "office-365"),
        (".net", ".NET", ".net"),
        ("c++", "C++", "c++"),
    ],
)
def test_a_product_has_one_key_for_all_its_spellings(spellings: tuple[str, ...]) -> None:
    assert {product_key(name) for name in spellings} == {spellings[0]}


@pytest.mark.parametrize("names", [("c", "c++", "c#"), (".net", "net"), ("log4j", "log4j2"), ("sap", "sap se")])
def test_other_products_have_other_keys(names: tuple[str, ...]) -> None:
    assert len({product_key(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["", "n/a", "[unknown]", "-", "*", "Not Specified", "unknown vendor"])
def test_a_placeholder_has_no_key(name: str) -> None:
    assert (vendor_key(name), product_key(name)) == ("", "")


@given(st.text())
def test_a_folded_name_has_the_key_of_the_name(name: str) -> None:
    for first, second in pairwise((name, fold(name))):
        if second:
            assert vendor_key(first) == vendor_key(second)
