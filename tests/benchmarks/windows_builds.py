"""Which builds of Windows are affected by which CVE: Microsoft's table of releases, with the fixed builds that the raw
records of its CNA state. Nothing here is read by the program's own parsers.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from backend.domain.exposure.verdicts import Verdict

_BUILD = re.compile(r"[0-9]+\.[0-9]\.[0-9]+\.[0-9]+")
_NOT_OF_RELEASE = re.compile(r" for \S+ systems|\(server core installation\)|\bedition\b|\bversion\b|,", re.IGNORECASE)


class _Version(msgspec.Struct, rename="camel"):
    less_than: str = ""


class _Product(msgspec.Struct):
    product: str = ""
    versions: list[_Version] = []


class _Cna(msgspec.Struct):
    affected: list[_Product] = []


class _Containers(msgspec.Struct):
    cna: _Cna


class _Metadata(msgspec.Struct, rename="camel"):
    cve_id: str


class _Record(msgspec.Struct, rename="camel"):
    cve_metadata: _Metadata
    containers: _Containers


class WindowsBuilds:
    """What is true of builds of Windows.

    Attributes:
        affected: the releases of each CVE by Microsoft's table.
        fixed: by CVE and release, the full builds from which on it is not affected: several differ by architecture, or
            are those of a hotpatch.
    """

    def __init__(self, table: Path, feeds: Path) -> None:
        self.affected: defaultdict[str, set[str]] = defaultdict(set)
        with gzip.open(table, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                self.affected[row["cve"]].add(_release(row["affected_product"]))
        self.fixed: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for cve_id, release, build in _fixed_builds(feeds):
            if cve_id in self.affected:
                self.fixed[cve_id, release].add(build)
        self._drop_builds_of_other_releases()
        self.recorded = {cve_id for cve_id, _ in self.fixed}

    def _drop_builds_of_other_releases(self) -> None:
        """Some records state the fixed build of another release by mistake ("Windows 10 21H2": 10.0.19041.3570)."""
        numbers: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for (_, release), builds in self.fixed.items():
            numbers[release].update(_numbers(build)[2] for build in builds)
        usual = {release: counted.most_common(1)[0][0] for release, counted in numbers.items()}
        for (cve_id, release), builds in list(self.fixed.items()):
            if any(_numbers(build)[2] != usual[release] for build in builds):
                del self.fixed[cve_id, release]

    def builds(self) -> dict[str, list[str]]:
        """Of each release the builds that fix something, and those before them."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for (_, release), fixed in self.fixed.items():
            for build in fixed:
                found[release] |= {build, _before(build)}
        return {release: sorted(builds, key=_numbers) for release, builds in found.items()}

    def outcomes(self, release: str, build: str, judged: Mapping[str, Verdict]) -> Iterator[str]:
        """How each verdict compares with the truth, for CVEs that are recorded and name the release on either side."""
        for cve_id in self.recorded:
            truth = self._is_affected(cve_id, release, build)
            verdict = judged.get(cve_id, Verdict.NOT_AFFECTED)
            if truth is None or (cve_id not in judged and release not in self.affected[cve_id]):
                continue
            if verdict is Verdict.CANNOT_TELL:
                yield "cannot tell"
            elif (verdict is Verdict.AFFECTED) is truth:
                yield "right"
            else:
                yield "missed" if truth else "wrongly affected"

    def _is_affected(self, cve_id: str, release: str, build: str) -> bool | None:
        """None where table and record, or several fixed builds, disagree."""
        fixed = self.fixed.get((cve_id, release), set())
        if release not in self.affected[cve_id]:
            return None if fixed else False
        found = {_numbers(build) < _numbers(first) for first in fixed}
        return found.pop() if len(found) == 1 else None


def _release(name: str) -> str:
    return " ".join(_NOT_OF_RELEASE.sub(" ", name).lower().split())


def _fixed_builds(feeds: Path) -> Iterator[tuple[str, str, str]]:
    """Id, release and build of each entry in Microsoft's raw records."""
    decoder = msgspec.json.Decoder(_Record)
    for path in sorted((feeds / "mitre" / "base").glob("*.gz")):
        with gzip.open(path, "rb") as lines:
            for line in lines:
                if b'"product":"Windows ' not in line:
                    continue
                record = decoder.decode(line)
                for product in record.containers.cna.affected:
                    for stated in product.versions:
                        if _BUILD.fullmatch(stated.less_than):
                            yield record.cve_metadata.cve_id, _release(product.product), stated.less_than


def _numbers(build: str) -> list[int]:
    return [int(number) for number in build.split(".")]


def _before(build: str) -> str:
    *release, revision = _numbers(build)
    return ".".join(map(str, [*release, max(revision - 1, 0)]))
