"""Versions and CPE names from the public test tables of other projects compare as those tables state."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from backend.domain.cpe import matches
from backend.domain.versions import CannotCompare, Scheme, VersionRange, compare, scheme_of

pytestmark = pytest.mark.realdata

SIGNS = {"<": -1, "=": 0, ">": 1}
DISPUTED = {("5-appl_1.16.1", "5-1.0.1")}  # wrong, according to the authors of the table
CONSTRAINT = re.compile(r"([<>]=?|=)?\s*([^\s,<>=]+)")
BOUND_NAMES = {"Start": "start", "End": "end", "Including": "including", "Excluding": "excluding"}


class Vector(NamedTuple):
    scheme: str
    a: str
    b: str
    sign: int


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def wrong(vectors: Iterator[Vector]) -> tuple[int, list[Vector]]:
    """How many there are, and those that compare otherwise in one of the two directions."""
    found = list(vectors)
    return len(found), [v for v in found if (order(v.a, v.b, v.scheme), order(v.b, v.a, v.scheme)) != (v.sign, -v.sign)]


def order(a: str, b: str, scheme: str) -> int | str:
    try:
        return compare(a, b, scheme)
    except CannotCompare as error:
        return error.doubt


def test_windows_programs(public_tables: Path) -> None:
    vectors = (
        Vector("windows", row["a"], row["b"], SIGNS[row["relation"]])
        for row in rows(public_tables / "winget_version_vectors.csv")
    )
    assert wrong(vectors) == (50, [])


@pytest.mark.parametrize(("table", "number"), [("grype_fuzzy_compare", 31), ("nvdtools_smartvercmp", 20)])
def test_versions_without_a_scheme(public_tables: Path, table: str, number: int) -> None:
    vectors = [Vector("windows", row["a"], row["b"], int(row["sign"])) for row in rows(public_tables / f"{table}.csv")]
    assert len(vectors) == number
    assert wrong(v for v in vectors if (v.a, v.b) not in DISPUTED)[1] == []


def test_constraints_without_a_scheme(public_tables: Path) -> None:
    for row in rows(public_tables / "grype_fuzzy_constraints.csv"):
        alternatives = row["constraint"].replace('"', "").split("||")
        satisfied = any(
            all(holds(row["version"], *found) for found in CONSTRAINT.findall(alternative))
            for alternative in alternatives
        )
        assert satisfied == (row["satisfied"] == "true"), row


def holds(version: str, sign: str, bound: str) -> bool:
    result = compare(version, bound)
    return result in {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}.get(sign, (0,))


@pytest.mark.parametrize(
    "ecosystem", ["cran", "hackage", "maven", "nuget", "packagist", "pub", "pypi", "rubygems", "semver"]
)
def test_packages(public_tables: Path, ecosystem: str) -> None:
    for path in sorted((public_tables / "osv_semantic").glob(f"{ecosystem}-versions*.txt")):
        assert wrong(osv_vectors(path, ecosystem))[1] == [], path.name


def osv_vectors(path: Path, ecosystem: str) -> Iterator[Vector]:
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split(" ")
        if len(words) == 3 and words[1] in SIGNS:
            yield Vector(ecosystem, words[0], words[2], SIGNS[words[1]])


def test_schemes_of_vers(public_tables: Path) -> None:
    for path in sorted((public_tables / "vers_tests").glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["tests"]:
            if case["test_type"] in ("equality", "comparison"):
                check_order(case["input"]["input_scheme"], case["input"]["versions"], case["expected_output"])
            elif case["test_type"] == "containment":
                check_containment(case["input"]["vers"], case["input"]["version"], inside=case["expected_output"])


def check_order(scheme: str, versions: list[str], expected: bool | list[str]) -> None:
    if isinstance(expected, bool):
        assert (compare(versions[0], versions[1], scheme) == 0) is expected, versions
    else:
        assert all(compare(a, b, scheme) <= 0 for a, b in pairwise(expected)), versions


def check_containment(vers: str, version: str, *, inside: bool) -> None:
    scheme, _, constraints = vers.removeprefix("vers:").partition("/")
    excluded = constraints.endswith(f"!={version}")
    found = any(bounds.includes(version) for bounds in ranges_of(scheme_of(scheme), constraints))
    assert (found and not excluded) is inside, vers


def ranges_of(scheme: Scheme, constraints: str) -> Iterator[VersionRange]:
    """Ranges of vers: single versions, and a lower bound that lasts until the next upper bound."""
    start = VersionRange()
    for sign, bound in re.findall(r"(^|\||[<>!]=?)([^<>=!|]+)", constraints):
        if sign.startswith("<"):
            yield VersionRange(start.start, bound, start.start_inclusive, sign == "<=", scheme)
            start = VersionRange()
        elif sign.startswith(">"):
            start = VersionRange(bound, start_inclusive=sign == ">=", scheme=scheme)
        elif sign != "!=":
            yield VersionRange(scheme=scheme) if bound == "*" else VersionRange.exactly(bound, scheme)
    if start.start:
        yield start


def test_cpe_names(public_tables: Path) -> None:
    disagreeing = [
        row
        for row in rows(public_tables / "dependency_track_cpe_matching.csv")
        if matches(row["vulnerable_cpe"], row["component_cpe"], **bounds_of(row["range"]))
        != (row["expected"] == "MATCHES")
    ]
    # The table deviates from NISTIR 7696 where the vendor or the product has a wildcard.
    assert all(re.search(r":(vendor:pro\*|ven\*:product):", row["vulnerable_cpe"]) for row in disagreeing)
    assert len(disagreeing) <= 1


def bounds_of(calls: str) -> dict[str, str]:
    """The arguments in "withRange().havingStartIncluding("1.0")"."""
    return {
        f"{BOUND_NAMES[side]}_{BOUND_NAMES[kind]}": version
        for side, kind, version in re.findall(r'having(Start|End)(Including|Excluding)\("([^"]*)"\)', calls)
    }
