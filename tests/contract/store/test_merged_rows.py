"""Merged vulnerabilities as ingest and rebuild write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import select

from backend.contract.names import Severity, Source
from backend.domain.priority import facts_of
from backend.domain.search import SearchQuery
from backend.domain.vulnerability import Details, MergedVulnerability, ReferenceEntry
from backend.store.engine import Database
from backend.store.repositories.merged_rows import ChangeRow, IngestRepository, MergedRow
from backend.store.repositories.vulnerabilities import VulnerabilityRepository
from backend.store.tables import secondary_indexes, vulnerabilities
from tests.contract.store.test_source_records import AWKWARD
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

MONDAY = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
VECTOR, ADDRESS = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "https://example.org/1"

FULL = vulnerability(
    "CVE-2024-1",
    title=AWKWARD,
    description=AWKWARD * 50,
    cvss_score=9.8,
    cvss_vector=VECTOR,
    cvss_version="3.1",
    severity=Severity.CRITICAL,
    published_at=datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
    modified_at=None,
    exploited_in_the_wild=True,
    kev_date_added=date(2024, 2, 29),
    cisa_due_date=date(2024, 3, 1),
    known_ransomware=False,
    eu_exploited=True,
    ssvc_exploitation="active",
    epss=0.00001,
    epss_percentile=1.0,
    cwe_ids=("CWE-79", "CWE-89"),
    vendors=("资料", "back\\slash"),
    products=("a b",),
    sources=(Source.NVD, Source.EPSS),
    details=Details(aliases=("EUVD-2024-9",), references=(ReferenceEntry(ADDRESS, (AWKWARD,), (Source.NVD,)),)),
)


def put(
    database: Database, *rows: MergedVulnerability, now: datetime = MONDAY, score: float = 0.5, bulk: bool = False
) -> None:
    with database.transaction() as connection:
        put_vulnerabilities(connection, [(row, score) for row in rows], now)


def found(database: Database, text: str) -> list[str]:
    with database.reading() as connection:
        page = VulnerabilityRepository(connection).search(SearchQuery(text=text))
    return sorted(page.cve_ids)


@pytest.mark.parametrize("bulk", [True, False])
def test_every_field_comes_back(database: Database, *, bulk: bool) -> None:
    put(database, FULL, score=0.1234)
    with database.reading() as connection:
        stored = VulnerabilityRepository(connection).get("CVE-2024-1")
    assert stored is not None
    details = msgspec.structs.replace(stored.vulnerability.details, scores=(), provenance={})
    assert msgspec.structs.replace(stored.vulnerability, details=details) == FULL
    assert (stored.priority_score, stored.first_seen_at, stored.updated_at) == (0.1234, MONDAY, MONDAY)


def test_the_same_again_changes_nothing(database: Database) -> None:
    put(database, FULL)
    with database.reading() as connection:
        before = connection.execute(select(vulnerabilities)).all()
    put(database, FULL, now=TUESDAY)
    with database.reading() as connection:
        assert connection.execute(select(vulnerabilities)).all() == before


def test_new_rows_are_inserted_as_they_would_be_put(database: Database) -> None:
    rows = [FULL, msgspec.structs.replace(FULL, cve_id="CVE-2024-2", title="Another")]
    with database.transaction() as connection:
        IngestRepository(connection).insert_vulnerabilities([MergedRow(row, 0.5) for row in rows], MONDAY)
        IngestRepository(connection).insert_vulnerabilities([], MONDAY)
    with database.reading() as connection:
        inserted = connection.execute(select(vulnerabilities)).all()
    assert found(database, "Another") == ["CVE-2024-2"]
    put(database, *rows, now=TUESDAY)
    with database.reading() as connection:
        assert connection.execute(select(vulnerabilities)).all() == inserted
    with pytest.raises(Exception, match=re.compile("unique", re.IGNORECASE)), database.transaction() as connection:
        IngestRepository(connection).insert_vulnerabilities([MergedRow(FULL, 0.5)], TUESDAY)


@pytest.mark.parametrize(
    ("changed", "moves"),
    [
        ({"epss": 0.9, "epss_percentile": 0.5}, False),
        ({"title": "Another"}, True),
        ({"modified_at": MONDAY}, True),
        ({"known_ransomware": None}, True),
        ({"details": Details(aliases=("GHSA-1",))}, True),
    ],
)
def test_updated_at_tells_of_news_and_not_of_daily_scores(
    database: Database, *, changed: dict[str, object], moves: bool
) -> None:
    put(database, FULL, score=0.5)
    new = msgspec.structs.replace(FULL, **changed)
    put(database, new, now=TUESDAY, score=0.6)
    with database.reading() as connection:
        stored = VulnerabilityRepository(connection).get("CVE-2024-1")
    assert stored is not None
    assert (stored.vulnerability.title, stored.vulnerability.epss) == (new.title, new.epss)
    assert stored.priority_score == 0.6
    assert (stored.first_seen_at, stored.updated_at) == (MONDAY, TUESDAY if moves else MONDAY)


def test_words_follow_the_text(database: Database) -> None:
    put(database, vulnerability("CVE-2024-1", title="Old giraffe"), vulnerability("CVE-2024-2", title="Old zebra"))
    put(database, vulnerability("CVE-2024-1", title="New giraffe"))
    assert (found(database, "old"), found(database, "new")) == (["CVE-2024-2"], ["CVE-2024-1"])


def test_what_is_deleted_is_not_found_and_keeps_its_history(database: Database) -> None:
    put(database, vulnerability("CVE-2024-1", title="Giraffe"), vulnerability("CVE-2024-2", title="Giraffe"))
    with database.transaction() as connection:
        store = IngestRepository(connection)
        store.add_changes([ChangeRow("CVE-2024-1", "title", '"x"', '"y"', Source.NVD)], "run", MONDAY)
        store.delete_vulnerabilities(["CVE-2024-1", "CVE-2024-404"])
    assert found(database, "giraffe") == ["CVE-2024-2"]
    with database.reading() as connection:
        assert VulnerabilityRepository(connection).get("CVE-2024-1") is None
        assert len(VulnerabilityRepository(connection).changes("CVE-2024-1", 10)) == 1


def test_a_bulk_page_that_was_written_already_is_merged(database: Database) -> None:
    page = [vulnerability(f"CVE-2024-{number}", title="Giraffe") for number in range(1, 6)]
    put(database, *page)
    put(database, *page, now=TUESDAY)
    put(database, vulnerability("CVE-2024-6", title="Giraffe"))
    assert found(database, "giraffe") == [f"CVE-2024-{number}" for number in range(1, 7)]
    with database.reading() as connection:
        assert VulnerabilityRepository(connection).search(SearchQuery()).total == 6


def test_everything_is_found_without_the_secondary_indexes_too(database: Database) -> None:
    for _ in range(2):
        with database.transaction() as connection:
            IngestRepository(connection).drop_secondary_indexes()
    put(database, vulnerability("CVE-2024-1", title="Giraffe"))
    assert found(database, "giraffe") == ["CVE-2024-1"]
    for _ in range(2):
        with database.transaction() as connection:
            IngestRepository(connection).build_secondary_indexes()
    assert found(database, "giraffe") == ["CVE-2024-1"]


def test_building_goes_on_where_it_was_interrupted(database: Database) -> None:
    with database.transaction() as connection:
        IngestRepository(connection).drop_secondary_indexes()
        secondary_indexes[2].create(connection)
    with database.transaction() as connection:
        IngestRepository(connection).build_secondary_indexes()
        for index in secondary_indexes:
            index.drop(connection)  # raises an error if the index does not exist


def test_priorities_move_alone(database: Database) -> None:
    put(database, FULL, vulnerability("CVE-2024-2"), vulnerability("CVE-2024-3"), score=0.5)
    with database.transaction() as connection:
        store = IngestRepository(connection)
        inputs = store.score_inputs(0, 2)
        assert [(entry.facts, entry.priority_score) for entry in inputs] == [
            (facts_of(FULL), 0.5),
            (facts_of(vulnerability("CVE-2024-2")), 0.5),
        ]
        assert len(store.score_inputs(inputs[-1].id, 2)) == 1
        store.put_priorities([(inputs[0].id, 0.75)])
    with database.reading() as connection:
        stored = VulnerabilityRepository(connection)
        rows = stored.read(stored.search(SearchQuery()).cve_ids)
    assert [(row.cve_id, row.priority_score) for row in rows] == [
        ("CVE-2024-1", 0.75),
        ("CVE-2024-3", 0.5),
        ("CVE-2024-2", 0.5),
    ]
    assert {row.updated_at for row in rows} == {MONDAY}
