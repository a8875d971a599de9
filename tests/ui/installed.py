"""Made-up machines with programs, some of whose products the made-up vulnerabilities name, and their findings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from backend.client.inventory.entries import Skipped, SkipReason
from backend.client.inventory.machine_id import own_machine_id
from backend.config import Settings
from backend.contract.inventory import EntryKind, Inventory, MachineIdentity, OperatingSystem, SoftwareEntry
from backend.domain.claims import Affected, Claim, Feed, RecordState, SourceRecord
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.statements import ProductStatements
from backend.domain.vulnerability import MergedVulnerability
from backend.services.exposure.inventories import store_inventory
from backend.services.exposure.matching_run import match_inventory
from backend.store.engine import Database
from backend.store.repositories.statements import StatementRepository, statement_changes
from desktop.inventory.scan_status import ScanStatus
from tests.fakes.sources import CountingRun

THIS_PC, OTHER_PC = "11111111-1111-4111-8111-111111111111", "lab-pc"
CHROME, READER, TOMCAT = "Google Chrome", "Adobe Acrobat Reader DC (64-bit)", "Apache Tomcat 9.0 Tomcat9 (remove only)"
UNSURE, UNREPORTED = "VMware vCenter Server", "Tante Emma Kassenbuch 2026 Professional Edition mit Warenwirtschaft"
_PROGRAMS = (
    SoftwareEntry(name=CHROME, publisher="Google LLC", version="9.1.0", purl="pkg:winget/Google.Chrome"),
    SoftwareEntry(name=READER, publisher="Adobe", version="12.0.4"),
    SoftwareEntry(name=TOMCAT, publisher="The Apache Software Foundation", version="14.9.9"),
    SoftwareEntry(name=UNSURE, publisher="VMware, Inc."),
    SoftwareEntry(name=UNREPORTED, publisher="Tante Emma GmbH & Co. KG", version="26.11.2"),
    SoftwareEntry(name="Commerce", publisher="Somebody Else", version="1.0"),
    SoftwareEntry(name="Microsoft Visual C++ 2015-2022 Redistributable (x64) - 14.38.33135", publisher="Microsoft"),
    SoftwareEntry(name="KB5031354", kind=EntryKind.WINDOWS_UPDATE),
    *(SoftwareEntry(name=f"Household Ledger {number}", version=f"{number}.0") for number in range(1, 24)),
)
_SYSTEM = OperatingSystem(name="Windows 11 Pro", version="23H2", build="10.0.22631.4317", architecture="AMD64")
_MACHINES = {THIS_PC: "DESK-7", OTHER_PC: "Lab PC"}
SCANNED = timedelta(minutes=12)


def scan_status(now: datetime) -> ScanStatus:
    """The scan of this PC that has stored its programs."""
    skipped = (Skipped(r"HKEY_LOCAL_MACHINE\SOFTWARE\Part", "Part", SkipReason.HIDDEN),)
    return ScanStatus(machine=THIS_PC, scanned_at=now - SCANNED, skipped=skipped, skip_counts={SkipReason.HIDDEN: 9})


def texts() -> list[str]:
    """All that the pages show of them, which need not be translated."""
    programs = [f"{item.name} {item.publisher} {item.version} " for item in _PROGRAMS]
    command = " winget upgrade --id Adobe.Acrobat.Reader.64-bit --exact"
    return [*programs, *_MACHINES.values(), _SYSTEM.name, command, " CVE NVD calls versions before affected."]


def install(settings: Settings, database: Database, rows: Iterable[MergedVulnerability], now: datetime) -> None:
    """Store what the sources state about the products, this PC and another one of a team, and what is found."""
    with database.transaction() as connection:
        stated = {row.cve_id: _statements(row) for row in rows}
        StatementRepository(connection).put(statement_changes(stated, before={}))
        for machine, software in ((THIS_PC, _PROGRAMS), (OTHER_PC, _PROGRAMS[3:6])):
            identity = MachineIdentity(name=_MACHINES[machine], user="ann")
            inventory = Inventory(os=_SYSTEM, software=software, machine=identity)
            sent_by = own_machine_id(settings.home) if machine == THIS_PC else OTHER_PC
            store_inventory(connection, machine, inventory, sent_by, now)
    match_inventory(settings, database, CountingRun(), lambda: now)


def _statements(row: MergedVulnerability) -> tuple[ProductStatements, ...]:
    bounds = [entry.product.version_end_excluding for entry in row.details.affected_products]
    (vendor,), (product,) = row.vendors, row.products
    cpe = f"cpe:2.3:a:{vendor}:{product.replace(' ', '_')}:*:*:*:*:*:*:*:*"
    claim = Claim(affected=(Affected(cpe=cpe, version_end_excluding=bounds[0] if bounds else None),))
    return statements_of(RecordState.PUBLISHED, [SourceRecord(Feed.NVD, row.cve_id, row.cve_id, claim)])
