"""Each filter of a search, alone and with others, finds what a plain predicate over the records finds."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from backend.contract.exposure import FindingState
from backend.contract.names import Severity, Source, Tag
from backend.contract.searches import StateFilter
from backend.domain.claims import RecordState
from backend.domain.names import product_key, vendor_key
from backend.domain.search import SearchQuery, SortKey, SortOrder, WatchedTerms
from backend.domain.vulnerability import MergedVulnerability
from backend.store.engine import Database
from backend.store.exposure_tables import findings
from backend.store.repositories import search_plan
from backend.store.repositories.concern import watched_numbers
from backend.store.repositories.vulnerabilities import VulnerabilityRepository
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

ADDED, CHANGED = datetime(2024, 6, 1, tzinfo=UTC), datetime(2024, 6, 20, tzinfo=UTC)
VENDORS = ("apache", "Acme Corp.", "zoo", "microsoft")
PRODUCTS = ("http server", "Exchange Server", "giraffe", "windows 11")
WEAKNESSES = ("CWE-79", "CWE-89", "CWE-787")
STATUSES = ("Analyzed", "Deferred", "Awaiting Analysis")
RECORDS = 90


@dataclass(frozen=True)
class Stored:
    """A record with what only the database stores about it. triage: states of its findings."""

    row: MergedVulnerability
    priority: float
    is_changed: bool
    triage: tuple[FindingState, ...]


def _random_record(number: int, chance: random.Random) -> Stored:
    listed = chance.random() < 0.3
    row = vulnerability(
        f"CVE-2024-{1000 + number}",
        title=chance.choice(
            ("Überlauf in Zoo", "overflow", "Overflow in a very long title of more than forty letters")
        ),
        state=RecordState.REJECTED if chance.random() < 0.1 else RecordState.PUBLISHED,
        severity=chance.choice(list(Severity)),
        cvss_score=chance.choice((None, 4.0, 7.0, 9.8)),
        epss=chance.choice((None, 0.0, 0.05, 0.5, 0.97)),
        published_at=chance.choice((None, ADDED - timedelta(days=chance.randrange(60)))),
        exploited_in_the_wild=listed,
        kev_date_added=date(2024, 5, chance.randrange(1, 31)) if listed else None,
        cisa_due_date=date(2024, 6, chance.randrange(1, 30)) if listed and chance.random() < 0.8 else None,
        known_ransomware=chance.random() < 0.5 if listed else None,
        vendors=tuple(chance.sample(VENDORS, chance.randrange(3))),
        products=tuple(chance.sample(PRODUCTS, chance.randrange(3))),
        cwe_ids=tuple(chance.sample(WEAKNESSES, chance.randrange(3))),
        tags=tuple(chance.sample(list(Tag), chance.randrange(2))),
        nvd_status=chance.choice(("", *STATUSES)),
        sources=tuple(chance.sample([Source.NVD, Source.MITRE, Source.EUVD], chance.randrange(1, 3))),
    )
    triage = tuple(chance.sample(list(FindingState), chance.randrange(3))) if chance.random() < 0.4 else ()
    return Stored(row, round(chance.random(), 2), chance.random() < 0.3, triage)


@pytest.fixture
def stored(database: Database) -> tuple[Database, list[Stored]]:
    chance = random.Random(12)
    records = [_random_record(number, chance) for number in range(RECORDS)]
    with database.transaction() as connection:
        put_vulnerabilities(connection, [(_before(record), record.priority) for record in records], ADDED)
        changed = [(record.row, record.priority) for record in records if record.is_changed]
        put_vulnerabilities(connection, changed, CHANGED)
        _put_findings(connection, records)
    return database, records


def _before(record: Stored) -> MergedVulnerability:
    return msgspec.structs.replace(record.row, title="Not yet said") if record.is_changed else record.row


def _put_findings(connection: Connection, records: list[Stored]) -> None:
    rows = [
        {
            "machine": machine,
            "program_id": 1,
            "cve_id": record.row.cve_id,
            "state": state,
            "first_seen_at": ADDED,
            "changed_at": ADDED,
        }
        for record in records
        for machine, state in enumerate(record.triage)
    ]
    connection.execute(insert(findings), rows)


def _some(values: Iterable[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.sampled_from(list(values)), max_size=2, unique=True).map(tuple)


_DAYS = st.none() | st.dates(date(2024, 4, 28), date(2024, 7, 2))
_MOMENTS = _DAYS.map(lambda day: day and datetime(day.year, day.month, day.day, tzinfo=UTC))
FILTERS: dict[str, st.SearchStrategy[object]] = {
    "severity": _some(Severity),
    "exploited": st.none() | st.booleans(),
    "kev_added_after": _DAYS,
    "kev_added_before": _DAYS,
    "due_before": _DAYS,
    "ransomware": st.none() | st.booleans(),
    "vendor": _some((*VENDORS, "ACME", "Microsoft Corporation")),
    "product": _some((*PRODUCTS, "HTTP_Server")),
    "cwe": _some((*WEAKNESSES, "79")),
    "source": st.none() | st.sampled_from(Source),
    "state": st.none() | st.sampled_from(StateFilter),
    "tag": _some(Tag),
    "nvd_status": _some((*STATUSES, "deferred")),
    "triage": _some(FindingState),
    "min_cvss": st.none() | st.sampled_from((0.0, 7.0, 9.8)),
    "min_epss": st.none() | st.sampled_from((0.0, 0.05, 0.5)),
    "min_priority": st.none() | st.sampled_from((0.0, 0.4, 0.9)),
    "published_after": _MOMENTS,
    "published_before": _MOMENTS,
    "changed_after": _MOMENTS,
}


def _matches(record: Stored, query: SearchQuery) -> bool:
    row = record.row
    published, listed, due = row.published_at, row.kev_date_added, row.cisa_due_date
    wanted_state = query.state or StateFilter.PUBLISHED
    weaknesses = {f"CWE-{name.removeprefix('CWE-')}" for name in query.cwe}
    return all(
        (
            not query.severity or row.severity in query.severity,
            query.exploited is None or row.exploited_in_the_wild is query.exploited,
            query.kev_added_after is None or (listed is not None and listed >= query.kev_added_after),
            query.kev_added_before is None or (listed is not None and listed < query.kev_added_before),
            query.due_before is None or (due is not None and due < query.due_before),
            query.ransomware is None or (row.known_ransomware is True) is query.ransomware,
            not query.vendor or {*map(vendor_key, row.vendors)} & {*map(vendor_key, query.vendor)},
            not query.product or {*map(product_key, row.products)} & {*map(product_key, query.product)},
            not weaknesses or weaknesses & {*row.cwe_ids},
            query.source is None or query.source in row.sources,
            wanted_state is StateFilter.ANY or row.state.value == wanted_state.value,
            not query.tag or {*query.tag} & {*row.tags},
            not query.nvd_status or row.nvd_status.lower() in {status.lower() for status in query.nvd_status},
            not query.triage or {*query.triage} & {*record.triage},
            query.min_cvss is None or (row.cvss_score is not None and row.cvss_score >= query.min_cvss),
            query.min_epss is None or (row.epss is not None and row.epss >= query.min_epss),
            query.min_priority is None or record.priority >= query.min_priority,
            query.published_after is None or (published is not None and published >= query.published_after),
            query.published_before is None or (published is not None and published < query.published_before),
            query.changed_after is None or (record.is_changed and query.changed_after <= CHANGED),
        )
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    filters=st.lists(st.sampled_from(sorted(FILTERS)), min_size=1, max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: FILTERS[name] for name in names})
    ),
    few=st.sampled_from([0, 5, 2000]),
    far=st.sampled_from([0, 10_000]),
    sort_by=st.sampled_from(list(SortKey)),
    order=st.sampled_from(list(SortOrder)),
    page=st.integers(1, 4),
)
def test_filters_find_what_a_predicate_finds(
    stored: tuple[Database, list[Stored]],
    filters: dict[str, object],
    few: int,
    far: int,
    sort_by: SortKey,
    order: SortOrder,
    page: int,
) -> None:
    database, records = stored
    query = SearchQuery(sort_by=sort_by, sort_order=order, page=page, page_size=7, **filters)
    expected = {record.row.cve_id for record in records if _matches(record, query)}
    before = search_plan.FEW, search_plan.FAR
    search_plan.FEW, search_plan.FAR = few, far
    try:
        with database.reading() as connection:
            found = VulnerabilityRepository(connection)
            result = found.search(query)
            whole = found.search(msgspec.structs.replace(query, page=1, page_size=RECORDS))
            numbers = watched_numbers(connection, [WatchedTerms(query=query)])
            watched = set(found.ids_of(connection.execute(numbers).scalars().all()).values())
    finally:
        search_plan.FEW, search_plan.FAR = before
    assert set(whole.cve_ids) == expected == watched
    assert (whole.total, result.total) == (len(expected), len(expected))
    assert list(result.cve_ids) == list(whole.cve_ids)[query.offset :][:7]


def test_a_watched_search_of_signs_only_matches_nothing(stored: tuple[Database, list[Stored]]) -> None:
    with stored[0].reading() as connection:
        numbers = watched_numbers(connection, [WatchedTerms(query=SearchQuery(text="?!"))])
        assert connection.execute(numbers).all() == []
