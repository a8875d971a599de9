"""Texts of a record's fields, and the cache of the list."""

from __future__ import annotations

import pytest

from backend.contract.names import Source
from backend.contract.vulnerabilities import AffectedProduct
from desktop.ui.pages.vulnerabilities.model import PageCache
from desktop.ui.pages.vulnerabilities.record.content import product_words, version_words
from desktop.ui.pages.vulnerabilities.record.facts import source_tip, value_words
from desktop.ui.pages.vulnerabilities.rows import PAGE, VulnerabilityRow


def affected(**given: object) -> AffectedProduct:
    return AffectedProduct.model_validate({"source": Source.NVD, **given})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"version_start_including": "1.0", "version_end_excluding": "2.3"}, ">= 1.0, < 2.3"),
        ({"version_start_excluding": "1.0", "version_end_including": "2.3"}, "> 1.0, <= 2.3"),
        ({"versions": ("1.0 to before 2.0", "4.12")}, "1.0 to before 2.0, 4.12"),
        ({"cpe": r"cpe:2.3:a:acme:anvil:4.2\:beta:*:*:*:*:*:*:*"}, "4.2:beta"),
        ({"cpe": "cpe:2.3:a:acme:anvil:*:*:*:*:*:*:*:*"}, "all versions"),
        ({"product": "anvil", "default_status": "unaffected"}, ""),
    ],
)
def test_versions_read_as_a_person_writes_them(given: dict[str, object], words: str) -> None:
    assert version_words(affected(**given)) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cpe": r"cpe:2.3:a:acme\!:big_anvil:*"}, "acme! big anvil"),
        ({"vendor": "acme", "product": "anvil", "package": "anvil"}, "acme anvil"),
        ({"vendor": "acme", "product": "anvil", "platforms": ("Linux", "ARM")}, "acme anvil on Linux, ARM"),
        ({"cpe": "cpe:2.3:o:acme:os:1", "vulnerable": False}, "acme os (not affected)"),
        ({"purl": "pkg:pypi/anvil"}, "pkg:pypi/anvil"),
        ({"cpe": "nonsense"}, ""),
    ],
)
def test_products_are_named_without_the_signs_of_their_notation(given: dict[str, object], words: str) -> None:
    assert product_words(affected(**given)) == words


def test_whose_word_it_is_can_be_said() -> None:
    assert source_tip("mitre+nvd") == "Source: MITRE, NVD"
    assert source_tip(None) == ""


@pytest.mark.parametrize(
    ("value", "words"), [(None, "-"), ([], "-"), (True, "yes"), (7.5, "7.5"), (["a", "b"], "a, b"), ("x\u202ey", "xy")]
)
def test_a_changed_value_is_put_in_words(value: object, words: str) -> None:
    assert value_words(value) == words


def page_of(name: str) -> tuple[VulnerabilityRow, ...]:
    return tuple(VulnerabilityRow(f"{name}-{number}", (), {}, rejected=False) for number in range(PAGE))


def test_the_page_that_was_looked_at_longest_ago_is_let_go() -> None:
    cache = PageCache(max_pages=2)
    cache.put(0, page_of("first"))
    cache.put(1, page_of("second"))
    cache.use(0)
    cache.put(7, page_of("third"))
    assert cache.row(PAGE) is None
    row = cache.row(3)
    assert row is not None
    assert row.cve_id == "first-3"


def test_old_rows_are_shown_until_newer_ones_are_there() -> None:
    cache = PageCache()
    cache.put(0, page_of("old"))
    cache.mark_outdated()
    assert not cache.is_fresh(0)
    row = cache.row(0)
    assert row is not None
    assert row.cve_id == "old-0"
