"""Whatever order records change in, the stored statements are those of the stored claims."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backend.config import Settings
from backend.contract.names import Source
from backend.domain.claims import Affected, Claim, Feed, RecordState
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.encoding import encode_statements
from backend.services.update.update import run_update
from backend.store.engine import Database
from backend.store.exposure_tables import product_statements, products
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.statements import read_statements
from backend.store.tables import vulnerabilities
from tests.fakes.sources import NOON, CountingRun, Script, World, raw

IDS = ("CVE-2024-1001", "CVE-2024-1002", "CVE-2024-1003")
WIDGET = "cpe:2.3:a:acme:widget:*:*:*:*:*:*:*:*"
GADGET = "cpe:2.3:a:acme:gadget:*:*:*:*:*:*:*:*"
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
OF_NVD = [
    (),
    (Affected(cpe=WIDGET, version_end_excluding="2.0"),),
    (Affected(cpe=WIDGET, version_end_excluding="3.0"), Affected(cpe=GADGET)),
]
OF_CNA = [
    (),
    (Affected(vendor="Acme", product="Widget", versions=("1.0 to before 2.0",)),),
    (Affected(vendor="Acme Inc.", product="Gadget", versions=("1.0",), purl="pkg:npm/gadget"),),
]

Stated = dict[tuple[str, str, str], bytes]
"""By CVE id, vendor and product."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def stored(database: Database) -> Stated:
    query = (
        select(vulnerabilities.c.cve_id, products.c.vendor_key, products.c.product_key, product_statements.c.statements)
        .join_from(product_statements, products, products.c.id == product_statements.c.product_id)
        .join(vulnerabilities, vulnerabilities.c.id == product_statements.c.vulnerability)
    )
    with database.reading() as connection:
        return {
            (name, vendor, product): encode_statements(read_statements(bytes(frame)))
            for name, vendor, product, frame in connection.execute(query)
        }


def derived(database: Database) -> Stated:
    """The statements of the stored claims, each of the state that the merged row has."""
    with database.reading() as connection:
        states = dict(connection.execute(select(vulnerabilities.c.cve_id, vulnerabilities.c.state)).all())
        records = IngestRepository(connection).records_after("", 100)
    return {
        (name, *made.product.spelling): encode_statements(made.statements)
        for name, found in records.items()
        if name in states
        for made in statements_of(RecordState(states[name]), found)
    }


def _script(dice: random.Random, source: Source, moment: datetime) -> Script:
    """Some records of a source change, and EUVD's mapping may no longer list some."""
    records = []
    for name in dice.sample(IDS, dice.randint(0, len(IDS))):
        state = dice.choice([RecordState.PUBLISHED, RecordState.PUBLISHED, RecordState.REJECTED])
        modified_at = moment + timedelta(hours=dice.randint(0, 3))
        affected = dice.choice(OF_NVD if source is Source.NVD else OF_CNA)
        repeated = dice.choice(OF_CNA) if source is Source.NVD else ()
        records.append(raw(name, Claim(state=state, modified_at=modified_at, affected=affected, repeated=repeated)))
    feed, sweep = (Feed.EUVD_MAPPING, "last") if source is Source.EUVD else (Feed(source), "")
    return Script([(feed, records, sweep)]) if records else Script()


@pytest.mark.parametrize("seed", range(5))
def test_the_stored_statements_are_those_of_the_stored_claims(database: Database, seed: int) -> None:
    dice, world, at = random.Random(seed), World(), NOON
    for step in range(8):
        for source in (Source.NVD, Source.MITRE, Source.EUVD):
            world.scripts[source] = _script(dice, source, FIRST + timedelta(days=step))
        world.lookups.clear()
        run_update(Settings(), database, CountingRun(f"run-{step}"), entries=world.entries(), clock=lambda at=at: at)
        assert stored(database) == derived(database)
        at += timedelta(hours=2)
    assert stored(database)
