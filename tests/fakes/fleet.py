"""A fleet of machines with programs of real names, and vulnerabilities of those programs.

The same seed makes the same fleet, so that two databases can be filled alike.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.contract.inventory import Inventory, MachineIdentity, SoftwareEntry
from backend.contract.names import Severity
from backend.domain.claims import Affected, Claim, Feed, RecordState, SourceRecord
from backend.domain.exposure.derivation import statements_of
from backend.domain.products.curated import curated_table
from backend.domain.products.product import ProductKey
from backend.domain.vulnerability import MergedVulnerability
from backend.store.engine import Database
from backend.store.repositories.statements import StatementRepository, statement_changes
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

NAMES = Path(__file__).resolve().parents[3] / "shared" / "inventory" / "winget_arp_names_normalized.csv"
PROGRAMS_EACH = 150
RELEASES = 12
"""Releases of each program. Half of the machines have the newest one, half of the others the one before, and so on."""
_CRITICAL_EVERY, _EXPLOITED_EVERY = 20, 50
_PAGE = 1000


@dataclass(frozen=True)
class FleetProgram:
    """A program as the registry shows it. product: what its vulnerabilities are stated about; None: there are none."""

    name: str
    publisher: str
    product: ProductKey | None


@dataclass(frozen=True)
class Fleet:
    """Machines `pc-1`, `pc-2`, …; the first programs are the most frequent ones, and have most vulnerabilities."""

    machines: int
    programs: Sequence[FleetProgram]
    releases: int = RELEASES

    def inventories(self) -> Iterator[tuple[str, Inventory]]:
        """The id of each machine and what is installed on it."""
        chance = random.Random(20261128)
        for number in range(1, self.machines + 1):
            name = f"pc-{number}"
            software = tuple(self._installed(program, chance) for program in self._chosen(chance))
            yield name, Inventory(software=software, machine=MachineIdentity(name=name, user="someone"))

    def fill(self, database: Database, now: datetime) -> int:
        """Write the vulnerabilities of all programs, and return their number."""
        stated = dict(self._stated())
        ids = sorted(stated)
        for start in range(0, len(ids), _PAGE):
            _put(database, {cve_id: stated[cve_id] for cve_id in ids[start : start + _PAGE]}, now)
        return len(ids)

    def _chosen(self, chance: random.Random) -> list[FleetProgram]:
        """Weighted choice without repetition (Efraimidis and Spirakis, 2006)."""
        draws = [(chance.random() ** (rank + 10) ** 0.6, rank) for rank in range(len(self.programs))]
        return [self.programs[rank] for _, rank in sorted(draws, reverse=True)[:PROGRAMS_EACH]]

    def _installed(self, program: FleetProgram, chance: random.Random) -> SoftwareEntry:
        ages = range(self.releases)
        [age] = chance.choices(ages, [2.0 ** -(age * RELEASES / self.releases) for age in ages])
        return SoftwareEntry(
            name=program.name, publisher=program.publisher, version=f"{self.releases - age}.0.{age % 3}"
        )

    def _stated(self) -> Iterator[tuple[str, Affected]]:
        """CVE ids, each with the versions of the product that it affects."""
        chance, number = random.Random(20261129), 10_000
        for rank, program in enumerate(self.programs):
            if program.product is None:
                continue
            vendor, product = program.product
            for _ in range(3 + round(180 / (1 + rank * 0.2))):
                number += 1
                fixed = f"{chance.randint(1, self.releases)}.0"
                yield (
                    f"CVE-2025-{number}",
                    Affected(vendor=vendor, product=product, versions=(f"0 to before {fixed}",)),
                )


def fleet(machines: int, releases: int = RELEASES, names: Path = NAMES) -> Fleet:
    """A fleet with the names of a public table if it lies beside the project, else with those of the curated table."""
    rows = _table(names) if names.exists() else [(made.example, "") for made in curated_table().programs]
    return Fleet(
        machines, [FleetProgram(name, publisher, _product(name, publisher)) for name, publisher in rows], releases
    )


def _table(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["arp_name"], row["arp_publisher"]) for row in csv.DictReader(file)]


def _product(name: str, publisher: str) -> ProductKey | None:
    """The product of a reviewed name; of every second other one its own name and publisher."""
    if line := curated_table().find(name, publisher):
        return line.keys[0] if line.keys else None
    return ProductKey(publisher.lower(), name.lower()) if publisher and len(name) % 2 else None


def _put(database: Database, stated: Mapping[str, Affected], now: datetime) -> None:
    statements = {
        cve_id: statements_of(
            RecordState.PUBLISHED, [SourceRecord(Feed.MITRE, cve_id, cve_id, Claim(affected=(affected,)))]
        )
        for cve_id, affected in stated.items()
    }
    with database.transaction() as connection:
        put_vulnerabilities(connection, [(_vulnerability(cve_id), 0.5) for cve_id in stated], now)
        StatementRepository(connection).put(statement_changes(statements, before={}))


def _vulnerability(cve_id: str) -> MergedVulnerability:
    number = int(cve_id.rpartition("-")[2])
    return vulnerability(
        cve_id,
        severity=Severity.MEDIUM if number % _CRITICAL_EVERY else Severity.CRITICAL,
        exploited_in_the_wild=number % _EXPLOITED_EVERY == 0,
    )
