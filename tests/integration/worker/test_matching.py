"""The matching of inventories by real workers that are killed: the same findings as of one that is not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.config import Settings
from backend.contract.inventory import Inventory, MachineIdentity, SoftwareEntry
from backend.contract.names import Trigger
from backend.contract.wire import utc_now
from backend.domain.claims import Affected, Claim, Feed, RecordState, SourceRecord
from backend.domain.exposure.derivation import statements_of
from backend.services.exposure.inventories import store_inventory
from backend.services.exposure.matching_run import match_inventory, request_matching
from backend.store.engine import Database
from backend.store.exposure_tables import finding_history, findings, machines, program_matches, programs
from backend.store.repositories.matching import MatchingRepository
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.statements import StatementRepository, statement_changes
from tests.fakes.sources import CountingRun
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability
from tests.integration.worker.conftest import HAS_EVENT_LOOP, Stage, kill
from tests.servers import wait_until

PRODUCTS, STATEMENTS, VERSIONS, KILLS = 20, 4, 52, 2
MACHINES = ("pc-1", "pc-2")


def cpe(product: int, version: str = "*") -> str:
    return f"cpe:2.3:a:acme:product_{product}:{version}:*:*:*:*:*:*:*"


def fill(database: Database) -> None:
    """Vulnerabilities of some products, and machines that have those in many versions."""
    now, stated = utc_now(), {}
    for product in range(PRODUCTS):
        for number in range(STATEMENTS):
            cve_id = f"CVE-2024-{1000 + product * STATEMENTS + number}"
            affected = Affected(cpe=cpe(product), version_end_excluding=f"{(number + 1) * VERSIONS // STATEMENTS}.0")
            stated[cve_id] = statements_of(
                RecordState.PUBLISHED, [SourceRecord(Feed.NVD, cve_id, cve_id, Claim(affected=(affected,)))]
            )
    with database.transaction() as connection:
        put_vulnerabilities(connection, [(vulnerability(cve_id), 0.5) for cve_id in stated], now)
        StatementRepository(connection).put(statement_changes(stated, before={}))
        for machine in MACHINES:
            software = tuple(
                SoftwareEntry(name=f"Product {product}", version=f"{version}.5", cpe=cpe(product))
                for product in range(PRODUCTS)
                for version in range(VERSIONS)
            )
            inventory = Inventory(software=software, machine=MachineIdentity(name=machine, user="me"))
            store_inventory(connection, machine, inventory, "", now)


def outcome(database: Database) -> tuple[object, ...]:
    """All findings, matches, and how often a finding changed, without times and numbers."""
    with database.reading() as connection:
        found = connection.execute(
            select(machines.c.id, programs.c.digest, findings.c.cve_id, findings.c.state)
            .join_from(findings, machines, machines.c.number == findings.c.machine)
            .join(programs, programs.c.id == findings.c.program_id)
        ).all()
        row = program_matches.c
        matched = connection.execute(
            select(programs.c.digest, row.cve_id, row.verdict, row.fixed_in).join(
                programs, programs.c.id == row.program_id
            )
        ).all()
        changes = connection.execute(select(finding_history.c.state)).all()
    return sorted(found), sorted(matched), changes


def left(stage: Stage) -> int:
    with stage.database.reading() as connection:
        return MatchingRepository(connection).count_due()


def ended(stage: Stage) -> bool:
    with stage.database.reading() as connection:
        runs = RunRepository(connection)
        return not runs.waiting() and not runs.started()


@pytest.fixture(
    params=[
        "SQLite",
        pytest.param("PostgreSQL", marks=[pytest.mark.servers, pytest.mark.full]),
        *(
            [pytest.param("PostgreSQL without event loop", marks=[pytest.mark.servers, pytest.mark.full])]
            if HAS_EVENT_LOOP
            else []
        ),
    ]
)
def stage(request: pytest.FixtureRequest, home: Path) -> Iterator[Stage]:
    environment = {}
    if request.param != "SQLite":
        environment = {
            name: str(request.getfixturevalue(fixture))
            for name, fixture in (("DATABASE_URL", "postgres_url"), ("REDIS_URL", "redis_url"))
        }
    if request.param.endswith("loop"):
        environment["OPENTHREAT_TEST_LOOP"] = "synloop"
    stage = Stage(home, **environment)
    yield stage
    stage.stop_all()


def test_workers_killed_while_they_match_end_with_the_findings_of_a_quiet_one(stage: Stage, tmp_path: Path) -> None:
    quiet = Database(f"sqlite:///{tmp_path / 'quiet.db'}")
    quiet.prepare()
    fill(quiet)
    match_inventory(Settings(), quiet, CountingRun(), utc_now)
    expected = outcome(quiet)
    quiet.close()
    assert len(expected[0]) > PRODUCTS * VERSIONS * len(MACHINES)

    fill(stage.database)
    with stage.database.transaction() as connection:
        assert request_matching(connection, Trigger.API, utc_now())
    stage.beat()
    for _ in range(KILLS):
        workers, before = [stage.worker("fast"), stage.worker("fast")], left(stage)
        deadline = time.monotonic() + 60
        while left(stage) in (before, 0) and time.monotonic() < deadline and not ended(stage):
            time.sleep(0.005)
        for worker in workers:
            kill(worker)
    stage.worker("fast")
    wait_until(lambda: ended(stage), "all runs have ended", 120)
    assert left(stage) == 0
    assert outcome(stage.database) == expected
