"""Measure which product is named for an installed program: right, wrong, unknown.

    python -m tests.benchmarks.products --feeds ../shared/feeds/public --tables ../shared/inventory

The products are those of the recorded feeds. Truth is a public table of programs with their CPE names, and the curated
table's own examples, which are given to the generic rules alone. What the generic rules find among public names of
programs is listed, to be read by a person.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from backend.contract.inventory import SoftwareEntry
from backend.domain.claims import Affected
from backend.domain.cpe import vendor_and_product
from backend.domain.products.curated import CuratedProgram, curated_table
from backend.domain.products.generic import generic_match
from backend.domain.products.name_forms import product_forms
from backend.domain.products.product import KnownProduct, ProductKey
from backend.domain.products.resolution import resolve
from tests.benchmarks.ingest import FEEDS
from tests.benchmarks.priority import read_claims

TABLES = FEEDS.parents[1] / "inventory"
SAMPLE = 300  # programs of one PC

_TARGET_SOFTWARE = 10  # place of the attribute in a CPE 2.3 name
_ELSEWHERE = frozenset(
    {"wordpress", "android", "iphone_os", "ipados", "macos", "mac_os_x", "linux", "linux_kernel", "drupal", "joomla\\!"}
)


class RecordedProducts:
    """The products of recorded feeds by the forms of their names."""

    def __init__(self, keys: Iterable[ProductKey]) -> None:
        self.records = Counter(keys)
        self.spellings = {key.spelling for key in self.records}
        self._by_form: defaultdict[str, list[KnownProduct]] = defaultdict(list)
        for key, count in self.records.items():
            for form in product_forms(key).all:
                self._by_form[form].append(KnownProduct(key, count))

    def find(self, forms: Sequence[str]) -> Iterable[KnownProduct]:
        return list(dict.fromkeys(product for form in forms for product in self._by_form.get(form, ())))


def recorded_keys(feeds: Path) -> Iterator[ProductKey]:
    """The products of each recorded record of NVD and MITRE."""
    for claims in read_claims(feeds).values():
        for _, claim in claims:
            yield from {key for stated in claim.affected if (key := _key(stated))}


def report(feeds: Path = FEEDS, tables: Path = TABLES) -> Iterator[str]:
    """Yield the lines of the report."""
    known = RecordedProducts(recorded_keys(feeds))
    yield f"{len(known.records):,} products, {len(curated_table().programs):,} curated lines"
    yield from _of_fleet(known, tables / "fleet_windows_and_packages.csv")
    yield from _of_generic_rules(known)
    yield from _of_public_names(known, tables / "winget_arp_names_normalized.csv")


def _key(stated: Affected) -> ProductKey | None:
    if stated.cpe:
        target = stated.cpe.split(":")[_TARGET_SOFTWARE:][:1]
        vendor, product = vendor_and_product(stated.cpe)
        vendor = "" if {*target} & _ELSEWHERE or product.endswith("_firmware") else vendor
    else:
        vendor, product = stated.vendor, stated.product
    key = ProductKey.of(vendor, product)
    return key if stated.vulnerable and all(key) else None


def _of_fleet(known: RecordedProducts, table: Path) -> Iterator[str]:
    programs = [row for row in rows(table) if row["source"] == "programs"]
    outcomes: Counter[str] = Counter()
    others = []
    for row in programs:
        entry = SoftwareEntry(name=row["display_name"], publisher=row["vendor"], version=row["version"])
        keys = resolve(entry, known, {}).keys
        right = ProductKey.of(*vendor_and_product(row["expected_cpe"])) in keys
        outcomes["right" if right else "wrong" if keys else "unknown"] += 1
        if not right:
            others.append(f"    {row['display_name']}: {', '.join(map(str, keys[:2])) or 'unknown'}")
    yield f"public table of programs: {', '.join(f'{outcomes[name]} {name}' for name in ('right', 'wrong', 'unknown'))}"
    yield from others


def _of_generic_rules(known: RecordedProducts) -> Iterator[str]:
    outcomes: Counter[str] = Counter()
    others = []
    for line in curated_table().programs:
        outcome, found = _generic_outcome(line, known)
        outcomes[outcome] += 1
        if outcome.endswith("other key"):
            others.append(f"    {line.example}: {found} for {line.keys[0] if line.keys else line.part}")
    yield "curated examples by generic rules alone: " + ", ".join(
        f"{count} {name}" for name, count in outcomes.most_common()
    )
    yield from others


def _generic_outcome(line: CuratedProgram, known: RecordedProducts) -> tuple[str, ProductKey | None]:
    match = generic_match(line.example, line.publishers[0] if line.publishers else "", known)
    held = any(key.spelling in known.spellings for key in line.keys)
    kind = "held" if held else "not held" if line.keys else "part"
    if not match.keys:
        return f"{kind} unknown", None
    right = match.keys[0].spelling in {key.spelling for key in line.keys}
    return f"{kind} {'right' if right else 'other key'}", match.keys[0]


def _of_public_names(known: RecordedProducts, table: Path) -> Iterator[str]:
    entries = [SoftwareEntry(name=row["arp_name"], publisher=row["arp_publisher"]) for row in rows(table)]
    outcomes: Counter[str] = Counter()
    likely = []
    for entry in entries:
        resolution = resolve(entry, known, {})
        outcomes[resolution.by or resolution.reason or ""] += 1
        if resolution.by == "name":
            likely.append(f"    {entry.name} ({entry.publisher}): {', '.join(map(str, resolution.keys))}")
    yield "public names: " + ", ".join(f"{count} {name}" for name, count in outcomes.most_common())
    yield from likely
    begun = time.perf_counter()
    for entry in entries[:SAMPLE]:
        resolve(entry, known, {})
    yield f"{SAMPLE} programs in {(time.perf_counter() - begun) * 1000:.0f} ms"


def rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=Path, default=FEEDS, help="folder of recorded feeds")
    parser.add_argument("--tables", type=Path, default=TABLES, help="folder of public tables")
    given = parser.parse_args()
    for line in report(given.feeds, given.tables):
        print(line, flush=True)


if __name__ == "__main__":
    main()
