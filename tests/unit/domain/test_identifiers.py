from __future__ import annotations

import pytest

from backend.domain.canonical import is_cve_id, is_euvd_id, is_vulnerability_id, normalise, sort_key, year_of


@pytest.mark.parametrize("text", ["CVE-1999-0001", "CVE-2024-12345", "CVE-2024-" + "1" * 19])
def test_knows_cve_ids(text: str) -> None:
    assert is_cve_id(text)
    assert is_vulnerability_id(text)
    assert not is_euvd_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CVE-2024-123",
        "CVE-24-1234",
        "cve-2024-1234",
        " CVE-2024-1234",
        "CVE-2024-1234\n",
        "CVE-2024-" + "1" * 20,
        "CVE-2024-12a4",
        "CVE-٢٠٢٤-1234",
        "EUVD-2024-1234",
    ],
)
def test_takes_nothing_else_for_a_cve_id(text: str) -> None:
    assert not is_cve_id(text)


def test_knows_euvd_ids() -> None:
    assert is_euvd_id("EUVD-2025-7")
    assert is_vulnerability_id("EUVD-2025-123456")
    assert not is_euvd_id("EUVD-2025-")
    assert not is_vulnerability_id("GHSA-2222-3333-4444")


def test_normalises_what_a_person_types() -> None:
    assert normalise("  cve-2024-1234\t") == "CVE-2024-1234"


def test_sorts_by_year_and_number() -> None:
    ids = ["CVE-2024-10000", "CVE-2024-9999", "CVE-2023-99999", "EUVD-2024-9"]
    assert sorted(ids, key=sort_key) == ["CVE-2023-99999", "EUVD-2024-9", "CVE-2024-9999", "CVE-2024-10000"]
    assert year_of("EUVD-2025-7") == 2025


@pytest.mark.parametrize("text", ["", "CVE", "CVE-2024", "CVE-x-1", "CVE-2024-1-1"])
def test_refuses_to_sort_what_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        sort_key(text)
