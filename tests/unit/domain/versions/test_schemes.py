"""The orders of package ecosystems, and which one a source means."""

from __future__ import annotations

import pytest

from backend.domain.versions import CannotCompare, Doubt, Scheme, compare, order_or_doubt, order_surely, scheme_of


@pytest.mark.parametrize(
    ("scheme", "ascending"),
    [
        ("semver", ["1.0.0-1", "1.0.0-2", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.0.1"]),
        ("npm", ["v1.0.0-rc.9", "1.0.0-rc.10", "=1.0.0", "1.1.0"]),
        ("go", ["go1.20.9", "1.21rc2", "v1.21.0", "1.21.1+incompatible"]),
        ("cargo", ["0.9.0", "0.10.0-pre", "0.10.0"]),
        ("nuget", ["1.0.0-Alpha", "1.0.0-BETA", "1.0.0", "1.0.0.1"]),
        ("pub", ["1.0.0", "1.0.0+1", "1.0.0+2", "1.0.1"]),
        ("pep440", ["0.9-odd", "1.0.dev1", "1.0a1", "1.0rc1", "1.0", "1.0+local", "1.0.post1", "1!0.5"]),
        ("maven", ["1-alpha", "1-beta-2", "1-m3", "1-cr", "1-SNAPSHOT", "1", "1-sp", "1-foo", "1-1", "1.1"]),
        ("debian", ["1.0~rc1-1", "1.0-1", "1.0-1ubuntu2", "1.0-1+deb11u1", "1.0a-1", "1.0+git1-1", "1.1-1", "1:0.1"]),
        ("rpm", ["1.0~rc1-1", "1.0", "1.0-1.el9", "1.0-2.el9", "1.0^git1-1", "1.0a-1", "1.0.1-1", "1:0.1-1"]),
        ("alpine", ["1.0_alpha1", "1.0_rc1", "1.0", "1.0-r1", "1.0_p1", "1.0a", "1.0.01", "1.0.1", "1.10"]),
        ("gem", ["1.0.a.9", "1.0.a.10", "1.0.rc1", "1.0", "1.0.1"]),
        ("packagist", ["1.0-odd", "1.0-dev", "1.0a1", "1.0-beta", "1.0RC1", "1.0", "1.0.1", "1.0pl1"]),
        ("numbers", ["1.0", "1.0.0", "1.0-2", "1.10"]),
        ("date", ["2024-01-01", "2024-01-01T00:30:00Z", "2024-01-01T00:00:00-01:00"]),
        ("text", ["A", "a", "aa", "é"]),
    ],
)
def test_ascending(scheme: str, ascending: list[str]) -> None:
    for place, low in enumerate(ascending):
        assert compare(low, low, scheme) == 0
        for high in ascending[place + 1 :]:
            assert (compare(low, high, scheme), compare(high, low, scheme)) == (-1, 1), (low, high)


@pytest.mark.parametrize(
    ("scheme", "a", "b"),
    [
        ("semver", "1.0.0+a", "1.0+b"),
        ("nuget", "1.0.0-BETA", "1.0-beta"),
        ("pep440", "1.0.0", "v1"),
        ("maven", "1.0.0-ga", "1"),
        ("maven", "1-a1", "1-alpha-1"),
        ("debian", "0:1.0-0", "1.0"),
        ("rpm", "0:1.0-1", "1.0-1"),
        ("gem", "1.0.a2", "1.a.2"),
        ("packagist", "v1.0.0-RC2", "1.0.0rc2"),
        ("git", "ABCDEF1", "abcdef1"),
    ],
)
def test_equal(scheme: str, a: str, b: str) -> None:
    assert compare(a, b, scheme) == 0


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        ("semver", "two"),
        ("semver", ""),
        ("alpine", "1.0-beta"),
        ("debian", " "),
        ("rpm", ""),
        ("gem", "?"),
        ("packagist", ""),
        ("numbers", "1.0a"),
        ("date", "31.12.2024"),
        ("git", "da39a3ee"),
        ("pep440", "1" * 5000),
    ],
)
def test_what_is_no_version_of_a_scheme_has_no_order(scheme: str, text: str) -> None:
    with pytest.raises(CannotCompare):
        compare(text, "1.0", scheme)
    assert order_surely(text, "1.0", scheme) is None


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("windows", Scheme.WINDOWS),
        ("custom", Scheme.WINDOWS),
        ("", Scheme.WINDOWS),
        ("8.0 U1b", Scheme.WINDOWS),
        ("SemVer", Scheme.SEMVER),
        ("python", Scheme.PEP440),
        ("pypi", Scheme.PEP440),
        ("deb", Scheme.DEBIAN),
        ("golang", Scheme.GO),
        ("composer", Scheme.PACKAGIST),
        ("original_commit_for_fix", Scheme.GIT),
    ],
)
def test_the_scheme_of_a_name(name: str, scheme: Scheme) -> None:
    assert scheme_of(name) is scheme


def test_versions_that_do_not_keep_their_scheme_compare_like_those_of_programs() -> None:
    assert order_surely("1.0 SP1", "1.0 SP2", "semver") == -1
    assert order_surely("1.0.2k", "1.0.2", "semver") == 1
    assert order_surely("1.0 Update 2", "1.0", "pep440") == 1


def test_a_scheme_does_not_hide_that_numbers_count_different_things() -> None:
    assert order_or_doubt("25.1", "2025.1", "semver") is Doubt.SHAPE
    assert order_or_doubt("1.2.0", "20240131", "semver") is Doubt.DATE


def test_commits_are_equal_or_have_no_order() -> None:
    assert order_surely("0a1b2c3", "0a1b2c3", "git") == 0
    assert order_or_doubt("0a1b2c3", "1.0", "git") is Doubt.REVISION
