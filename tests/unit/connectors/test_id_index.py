"""Ids as numbers, and what is found by them."""

from __future__ import annotations

import pytest

from backend.connectors.id_index import IdIndex, euvd_id_of, number_of


def found(index: IdIndex, vulnerability_id: str) -> list[int]:
    return [index.values[place] for place in index.places(vulnerability_id)]


def test_an_id_has_all_its_values_whatever_their_order() -> None:
    index = IdIndex([("CVE-2024-9999", 1), ("CVE-1999-0001", 2), ("CVE-2024-9999", 3), ("CVE-2024-10000", 4)])
    assert sorted(found(index, "CVE-2024-9999")) == [1, 3]
    assert found(index, "CVE-1999-0001") == [2]
    assert found(index, "CVE-2024-10000") == [4]


TOO_LARGE = "CVE-2024-" + "9" * 19


@pytest.mark.parametrize("text", ["CVE-2024-9998", "CVE-2024-99990", "", "CVE-2024", "GHSA-2222-2222-2222", TOO_LARGE])
def test_other_ids_have_none(text: str) -> None:
    assert found(IdIndex([("CVE-2024-9999", 1)]), text) == []
    assert found(IdIndex([]), text) == []


def test_ids_without_a_number_are_left_out() -> None:
    index = IdIndex([("no id", 1), (TOO_LARGE, 2), ("CVE-2024-1000", 3)])
    assert list(index.values) == [3]


@pytest.mark.parametrize("name", ["EUVD-2024-1", "EUVD-1999-999999999999999", "EUVD-0000-12"])
def test_an_euvd_id_comes_back_from_its_number(name: str) -> None:
    number = number_of(name)
    assert number is not None
    assert euvd_id_of(number) == name
