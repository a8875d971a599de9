"""Searches give the same results in the same order on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from backend.contract.names import Severity, Source, Tag
from backend.contract.searches import StateFilter
from backend.domain.canonical import sort_key
from backend.domain.claims import Affected, RecordState
from backend.domain.search import SearchQuery, SortKey, SortOrder
from backend.domain.vulnerability import AffectedEntry, Details, MergedVulnerability
from backend.services.query.vulnerabilities import format_position, parse_position
from backend.store.dialects import search_index_of
from backend.store.engine import Database
from backend.store.migrations.versions import v0007_lists
from backend.store.repositories import search_plan
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.search_plan import ResultPage
from backend.store.repositories.vulnerabilities import VulnerabilityRepository
from backend.store.tables import filter_index, vulnerabilities
from tests.fakes.search_index import grade_of
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

NOW = datetime(2024, 6, 1, tzinfo=UTC)
ANIMALS = ("giraffe", "zebra", "gnu", "tiger", "lion")


def put(database: Database, rows: Sequence[tuple[MergedVulnerability, float]], now: datetime = NOW) -> None:
    with database.transaction() as connection:
        put_vulnerabilities(connection, rows, now)


def search(database: Database, **criteria: object) -> ResultPage:
    with database.reading() as connection:
        return VulnerabilityRepository(connection).search(SearchQuery(**criteria))


def found(database: Database, **criteria: object) -> list[str]:
    return [cve_id.removeprefix("CVE-2024-") for cve_id in search(database, **criteria).cve_ids]


@pytest.fixture
def zoo(database: Database) -> Database:
    put(
        database,
        [
            (
                vulnerability(
                    "CVE-2024-1",
                    title="Giraffe in Apache",
                    vendors=("apache",),
                    products=("http server",),
                    cvss_score=9.8,
                    severity=Severity.CRITICAL,
                    exploited_in_the_wild=True,
                    kev_date_added=date(2024, 5, 2),
                    cwe_ids=("CWE-79",),
                    epss=0.9,
                    sources=(Source.NVD, Source.CISA),
                ),
                0.95,
            ),
            (
                vulnerability(
                    "CVE-2024-2",
                    title="Zebra",
                    description="a giraffe's neighbour",
                    vendors=("apache group",),
                    cvss_score=5.0,
                    severity=Severity.MEDIUM,
                    cwe_ids=("CWE-79", "CWE-89"),
                    tags=(Tag.DISPUTED,),
                    published_at=NOW,
                    sources=(Source.EUVD,),
                ),
                0.5,
            ),
            (
                vulnerability(
                    "CVE-2024-3",
                    title="Lion",
                    products=("Giraffe-Viewer",),
                    severity=Severity.LOW,
                    cvss_score=2.0,
                    kev_date_added=date(2024, 4, 1),
                    published_at=None,
                    cwe_ids=("CWE-790",),
                    nvd_status="Awaiting Analysis",
                    details=Details(aliases=("EUVD-2023-77",)),
                ),
                0.5,
            ),
            (
                vulnerability(
                    "CVE-2024-30",
                    title="** REJECTED **",
                    state=RecordState.REJECTED,
                    published_at=NOW - timedelta(days=9),
                ),
                0.0,
            ),
        ],
    )
    return database


@pytest.mark.parametrize(
    ("criteria", "ids"),
    [
        ({}, ["1", "3", "2"]),
        ({"state": StateFilter.ANY}, ["1", "3", "2", "30"]),
        ({"state": StateFilter.PUBLISHED}, ["1", "3", "2"]),
        ({"state": StateFilter.REJECTED, "text": "giraffe"}, []),
        ({"state": StateFilter.REJECTED, "text": "rejected"}, ["30"]),
        ({"state": StateFilter.ANY, "text": "rejected"}, ["30"]),
        ({"text": "rejected"}, []),
        ({"text": "CVE-2024-0030"}, []),
        ({"text": "giraffe"}, ["1", "3", "2"]),
        ({"text": "GIR"}, ["1", "3", "2"]),
        ({"text": "zebra giraffe"}, ["2"]),
        ({"text": "iraffe"}, []),
        ({"text": "cve-2024-3"}, ["3"]),
        ({"text": "cve-2024-3", "state": StateFilter.ANY}, ["3", "30"]),
        ({"text": "2023-77"}, ["3"]),
        ({"text": "viewer"}, ["3"]),
        ({"text": "?!"}, []),
        ({"text": '"'}, []),
        ({"text": "*", "vendor": ("apache",)}, []),
        ({"text": "EUVD-2023-77"}, ["3"]),
        ({"vendor": ("Apache",)}, ["1"]),
        ({"vendor": ("apache",)}, ["1"]),
        ({"vendor": ("apach",)}, []),
        ({"vendor": ("Apache Software Foundation",)}, ["1"]),
        ({"product": ("HTTP_Server",)}, ["1"]),
        ({"product": ("giraffe-viewer",)}, ["3"]),
        ({"product": ("giraffe viewer",)}, ["3"]),
        ({"product": ("giraffe",)}, []),
        ({"cwe": ("cwe-79",)}, ["1", "2"]),
        ({"cwe": ("79",)}, ["1", "2"]),
        ({"text": "CWE-79"}, ["1", "2"]),
        ({"text": "CWE-89 zebra"}, ["2"]),
        ({"cwe": ("CWE-79",), "text": "zebra"}, ["2"]),
        ({"source": Source.NVD}, ["1", "3"]),
        ({"tag": (Tag.DISPUTED,)}, ["2"]),
        ({"tag": (Tag.HOSTED,)}, []),
        ({"nvd_status": ("awaiting analysis",)}, ["3"]),
        ({"nvd_status": ("Deferred",)}, []),
        ({"source": Source.EUVD}, ["2"]),
        ({"severity": (Severity.LOW, Severity.MEDIUM)}, ["3", "2"]),
        ({"exploited": True}, ["1"]),
        ({"exploited": False}, ["3", "2"]),
        ({"state": StateFilter.REJECTED}, ["30"]),
        ({"min_cvss": 5.0}, ["1", "2"]),
        ({"min_priority": 0.5}, ["1", "3", "2"]),
        ({"published_after": NOW - timedelta(days=9)}, ["2"]),
        ({"published_before": NOW}, ["1"]),
        ({"text": "giraffe", "min_cvss": 3.0, "exploited": False}, ["2"]),
        ({"text": "\"quote' \\ back :* & | %"}, []),
        ({"vendor": ('x\' "y" \\ *',)}, []),
    ],
)
def test_finds_what_is_asked_for(zoo: Database, criteria: dict[str, object], ids: list[str]) -> None:
    page = search(zoo, **criteria)
    assert [cve_id.removeprefix("CVE-2024-") for cve_id in page.cve_ids] == ids
    assert (page.total, page.total_capped) == (len(ids), False)


@pytest.mark.parametrize(
    ("sort_by", "ascending", "descending"),
    [
        (SortKey.CVE_ID, "1 2 3 30", "30 3 2 1"),
        (SortKey.CVSS, "3 2 1 30", "1 2 3 30"),
        (SortKey.EPSS, "1 2 3 30", "1 30 3 2"),
        (SortKey.PUBLISHED, "1 30 2 3", "2 30 1 3"),
        (SortKey.PRIORITY, "30 2 3 1", "1 3 2 30"),
        (SortKey.SEVERITY, "30 3 2 1", "1 2 3 30"),
        (SortKey.KEV_ADDED, "3 1 2 30", "1 3 30 2"),
        (SortKey.MODIFIED, "1 2 3 30", "30 3 2 1"),
        (SortKey.FIRST_SEEN, "1 2 3 30", "30 3 2 1"),
        (SortKey.UPDATED, "1 2 3 30", "30 3 2 1"),
    ],
)
@pytest.mark.parametrize("few", [0, 2000], ids=["walked", "sorted"])
def test_sorts_with_unknown_values_last(
    zoo: Database, monkeypatch: pytest.MonkeyPatch, *, sort_by: SortKey, ascending: str, descending: str, few: int
) -> None:
    monkeypatch.setattr(search_plan, "FEW", few)
    for order, ids in ((SortOrder.ASCENDING, ascending), (SortOrder.DESCENDING, descending)):
        for text in ("", "2024", "cve"):
            pages = [
                found(
                    zoo,
                    text=text,
                    state=StateFilter.ANY,
                    sort_by=sort_by,
                    sort_order=order,
                    page=page,
                    page_size=1,
                )
                for page in range(1, 6)
            ]
            assert [cve_id for page in pages for cve_id in page] == ids.split()


@pytest.mark.parametrize("few", [0, 2000], ids=["walked", "sorted"])
def test_ids_sort_as_numbers(database: Database, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(search_plan, "FEW", few)
    ids = ["CVE-1999-0001", "CVE-2023-99999", "CVE-2024-0999", "CVE-2024-9999", "CVE-2024-10000", "CVE-2024-1000000"]
    put(database, [(vulnerability(name), 0.5) for name in reversed(ids)])
    query = SearchQuery(sort_by=SortKey.CVE_ID, sort_order=SortOrder.ASCENDING, page_size=2)
    with database.reading() as connection:
        walked = list(walk(VulnerabilityRepository(connection), query))
    pages = [
        name
        for page in range(1, 5)
        for name in search(
            database, sort_by=SortKey.CVE_ID, sort_order=SortOrder.DESCENDING, page=page, page_size=2
        ).cve_ids
    ]
    assert walked == ids
    assert pages == ids[::-1]


def test_ids_come_before_longer_ids_and_these_before_mentions(database: Database) -> None:
    ids = ["CVE-2024-1234", *(f"CVE-2024-1234{digit}" for digit in range(10))]
    mention = vulnerability("CVE-2023-1", title="Incomplete fix of CVE-2024-1234")
    put(database, [(mention, 0.9), *((vulnerability(name), number / 20) for number, name in enumerate(ids))])
    expected = [ids[0], *reversed(ids[1:]), "CVE-2023-1"]
    found = [
        name for page in range(1, 5) for name in search(database, text="cve-2024-1234", page=page, page_size=4).cve_ids
    ]
    assert found == expected
    for key in SortKey:
        assert search(database, text="CVE-2024-1234", sort_by=key).cve_ids[0] == ids[0]
    assert sorted(search(database, text="CVE-2024-12345, CVE-2024-1234").cve_ids) == ["CVE-2024-1234", "CVE-2024-12345"]


def test_a_rejected_record_is_found_by_its_own_id_only(database: Database) -> None:
    rejected = vulnerability("CVE-2024-1000", title="tiger", state=RecordState.REJECTED, vendors=("zoo",))
    put(database, [(rejected, 0.0), (vulnerability("CVE-2024-10001", title="like CVE-2024-1000"), 0.5)])
    assert search(database, text="CVE-2024-1000").cve_ids == ["CVE-2024-1000", "CVE-2024-10001"]
    assert search(database, text="CVE-2024-1000", state=StateFilter.PUBLISHED).cve_ids == ["CVE-2024-10001"]
    assert search(database, text="tiger").total == search(database, vendor=("zoo",)).total == 0
    assert search(database, vendor=("zoo",), state=StateFilter.REJECTED).total == 1


def test_whole_words_come_before_beginnings_on_every_page(database: Database) -> None:
    whole = [(vulnerability(f"CVE-2024-{2000 + number}", title="lion"), number / 100) for number in range(7)]
    longer = [(vulnerability(f"CVE-2024-{3000 + number}", title="lioness"), 0.5 + number / 100) for number in range(7)]
    put(database, [*whole, *longer])
    expected = [row.cve_id for row, _ in [*reversed(whole), *reversed(longer)]]
    found = [name for page in range(1, 6) for name in search(database, text="lion", page=page, page_size=3).cve_ids]
    assert found == expected
    assert search(database, text="lion").total == 14


def test_deep_pages_pass_from_whole_words_to_beginnings(database: Database) -> None:
    whole = [(vulnerability(f"CVE-2024-{10000 + number}", title="lion"), 0.5) for number in range(2100)]
    longer = [(vulnerability(f"CVE-2024-{20000 + number}", title="lioness"), 0.9) for number in range(30)]
    put(database, [*whole, *longer])
    page = search(database, text="lion", page=43, page_size=50)
    assert page.cve_ids == [f"CVE-2024-{20029 - number}" for number in range(30)]
    page = search(database, text="lion", page=53, page_size=40)
    assert (page.cve_ids[19], page.cve_ids[20]) == ("CVE-2024-10000", "CVE-2024-20029")


@pytest.mark.parametrize("criteria", [{"text": "pkg:pypi/frob"}, {"text": "frob"}, {"product": ("Frob",)}])
def test_packages_are_found(database: Database, criteria: dict[str, str]) -> None:
    entry = AffectedEntry(Source.MITRE, Affected(purl="pkg:pypi/frob"))
    put(database, [(vulnerability("CVE-2024-1", details=Details(affected_products=(entry,))), 0.5)])
    assert search(database, **criteria).cve_ids == ["CVE-2024-1"]


def test_pages_end(zoo: Database) -> None:
    assert search(zoo, page=10**9, page_size=500).cve_ids == []
    assert search(zoo, page=10**9, page_size=500).total == 3
    assert search(zoo, text="giraffe", page=2, page_size=500).total == 3


def test_a_text_is_counted_up_to_a_thousand(database: Database) -> None:
    put(
        database,
        [
            (vulnerability(f"CVE-2024-{number:05}", title="Giraffe", vendors=("zoo",)), number / 3000)
            for number in range(2500)
        ],
    )
    page = search(database, text="giraffe", page=50)
    assert (page.total, page.total_capped, page.cve_ids[0]) == (1000, True, "CVE-2024-00049")
    filtered = search(database, text="giraffe", min_priority=0.5)
    assert (filtered.total, filtered.total_capped, filtered.cve_ids[0]) == (1000, False, "CVE-2024-02499")
    assert (search(database, text="giraffe", min_priority=0.4).total_capped, search(database).total) == (True, 2500)
    assert (search(database, vendor=("zoo",)).total, search(database, vendor=("zoo",), min_priority=0.4).total) == (
        2500,
        1300,
    )
    assert search(database, vendor=("zoo",), min_priority=0.8329, page_size=2).cve_ids[0] == "CVE-2024-02499"


texts = st.lists(
    st.sampled_from(
        [*ANIMALS, "gi", "g", "z", "2024-1", "cve", "tig lion", "CVE-2024-1007", "CVE-2024-100", "CVE-2024-1059"]
    ),
    max_size=3,
).map(" ".join)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=texts,
    few=st.sampled_from([0, 3, 2000]),
    far=st.sampled_from([0, 10_000]),
    severity=st.lists(st.sampled_from(list(Severity)), max_size=2, unique=True),
    exploited=st.none() | st.booleans(),
    sort_by=st.sampled_from(list(SortKey)),
    order=st.sampled_from(list(SortOrder)),
    page=st.integers(1, 4),
    state=st.none() | st.sampled_from(StateFilter),
)
def test_agrees_with_a_plain_loop_over_all_rows(
    menagerie: tuple[Database, list[tuple[MergedVulnerability, float]]],
    text: str,
    few: int,
    far: int,
    severity: list[Severity],
    exploited: bool | None,
    sort_by: SortKey,
    order: SortOrder,
    page: int,
    state: StateFilter | None,
) -> None:
    database, rows = menagerie
    query = SearchQuery(
        text=text,
        state=state,
        severity=tuple(severity),
        exploited=exploited,
        sort_by=sort_by,
        sort_order=order,
        page=page,
        page_size=5,
    )
    expected = [row for row in rows if _matches(row[0], query)]
    known = sorted(
        (row for row in expected if _value(row, sort_by) is not None),
        key=lambda row: (_value(row, sort_by), row[0].cve_id),
        reverse=order is SortOrder.DESCENDING,
    )
    unknown = sorted(
        (row for row in expected if _value(row, sort_by) is None),
        key=lambda row: row[0].cve_id,
        reverse=order is SortOrder.DESCENDING,
    )
    before = search_plan.FEW, search_plan.FAR
    search_plan.FEW, search_plan.FAR = few, far
    try:
        with database.reading() as connection:
            got = VulnerabilityRepository(connection).search(query)
            read = VulnerabilityRepository(connection).read(got.cve_ids)
            walked = list(walk(VulnerabilityRepository(connection), msgspec.structs.replace(query, page=1)))
    finally:
        search_plan.FEW, search_plan.FAR = before
    everything = [row for row, _ in [*known, *unknown]]
    by_relevance = sorted(everything, key=lambda row: _relevance(row, query))
    assert [(row.cve_id, row.vulnerability.title) for row in read] == [
        (row.cve_id, row.title) for row in by_relevance[query.offset :][:5]
    ]
    assert got.total == len(expected)
    assert walked == [row.cve_id for row in everything]


def test_sqlite_reads_filters_and_figures_from_their_index_alone(tmp_path: Path) -> None:
    """SQLite has no statistics: without the hint it would read every row of the table."""
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    database.prepare()
    rows = select(vulnerabilities.c.id).where(vulnerabilities.c.cvss_score >= 7)
    with database.reading() as connection:
        hinted = search_index_of(connection).using_index(connection, rows, filter_index)
        text = str(hinted.compile(connection.engine, compile_kwargs={"literal_binds": True}))
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all())
    database.close()
    assert "COVERING INDEX ix_vulnerabilities_filter" in plan


def walk(stored: VulnerabilityRepository, query: SearchQuery) -> Iterator[str]:
    """Read portion after portion to the end, each from the position that the one before returned."""
    portion = stored.portion(query)
    yield from (row.cve_id for row in portion.rows)
    while portion.next is not None:
        after = parse_position(format_position(portion.next), query.sort_by)
        portion = stored.portion(msgspec.structs.replace(query, after=after))
        yield from (row.cve_id for row in portion.rows)


def test_a_walk_goes_on_where_its_last_row_was_though_that_is_gone(database: Database) -> None:
    put(database, [(vulnerability(f"CVE-2024-{number}"), 0.5) for number in range(1000, 1006)])
    query = SearchQuery(page_size=2)
    with database.reading() as connection:
        first = VulnerabilityRepository(connection).portion(query)
    with database.transaction() as connection:
        IngestRepository(connection).delete_vulnerabilities(["CVE-2024-1004"])
    with database.reading() as connection:
        rest = list(walk(VulnerabilityRepository(connection), msgspec.structs.replace(query, after=first.next)))
    assert [row.cve_id for row in first.rows] == ["CVE-2024-1005", "CVE-2024-1004"]
    assert rest == ["CVE-2024-1003", "CVE-2024-1002", "CVE-2024-1001", "CVE-2024-1000"]


@pytest.fixture
def menagerie(database: Database) -> tuple[Database, list[tuple[MergedVulnerability, float]]]:
    severities = list(Severity)
    rows = [
        (
            vulnerability(
                f"CVE-2024-{1000 + number}",
                title=f"{ANIMALS[number % 5]} {ANIMALS[number % 3]}",
                severity=severities[number % 6],
                cvss_score=None if number % 6 == 0 else number % 6 + 1.5,
                epss=None if number % 4 == 0 else number % 4 / 10,
                published_at=None if number % 7 == 0 else NOW - timedelta(days=number % 7),
                exploited_in_the_wild=number % 9 == 0,
                state=RecordState.REJECTED if number % 8 == 7 else RecordState.PUBLISHED,
            ),
            (number * 7 % 10) / 10,
        )
        for number in range(60)
    ]
    put(database, rows)
    return database, rows


def _matches(row: MergedVulnerability, query: SearchQuery) -> bool:
    grade = grade_of(row, query.text)
    named = grade == 0 and row.cve_id in query.text and query.state is None
    state = query.state or StateFilter.PUBLISHED
    return (
        (grade is not None or not query.text)
        and (named or state is StateFilter.ANY or row.state.value == state.value)
        and (not query.severity or row.severity in query.severity)
        and (query.exploited is None or row.exploited_in_the_wild is query.exploited)
    )


def _relevance(row: MergedVulnerability, query: SearchQuery) -> int:
    """All kinds of matches count in the order by priority, in others only the own id."""
    grade = grade_of(row, query.text) or 0
    if query.sort_by is SortKey.PRIORITY and query.sort_order is SortOrder.DESCENDING:
        return grade
    return min(grade, 1) if "CVE-2024-1" in query.text and _has_whole_id(query.text) else 0


def _has_whole_id(text: str) -> bool:
    return any(len(word) == len("CVE-2024-1000") and word.startswith("CVE-2024-") for word in text.split())


def _value(row: tuple[MergedVulnerability, float], sort_by: SortKey) -> object:
    """What SQL sorts by; of texts only the beginning, so that titles that differ later count as equal."""
    if sort_by is SortKey.TITLE:
        return row[0].title[:40].lower()
    if sort_by in (SortKey.VENDORS, SortKey.PRODUCTS, SortKey.SOURCES):
        return "\n".join(getattr(row[0], sort_by))[:40].lower() or None
    if sort_by is SortKey.PRIORITY:
        return row[1]
    if sort_by is SortKey.CVE_ID:
        return sort_key(row[0].cve_id)
    if sort_by is SortKey.SEVERITY:
        return list(Severity).index(row[0].severity)
    return getattr(row[0], sort_by, NOW)


LEXEMES = "array_to_tsvector(string_to_array(words, ' '))"


@pytest.mark.servers
def test_stored_lexemes_become_texts(postgres_url: str) -> None:
    """Until revision 0006 PostgreSQL stored documents as tsvector."""
    database = Database(postgres_url)
    database.prepare()
    put(database, [(vulnerability("CVE-2024-1", title="It's a \\ giraffe"), 0.5)])
    with database.transaction() as connection:
        for statement in (
            "DROP INDEX ix_search_documents_words, ix_vulnerabilities_rejected, ix_vulnerabilities_kev_date_added",
            f"ALTER TABLE search_documents ALTER words TYPE tsvector USING {LEXEMES}",
            "CREATE INDEX ix_search_documents_words ON search_documents USING gin (words)",
        ):
            connection.exec_driver_sql(statement)
        with Operations.context(MigrationContext.configure(connection)):
            v0007_lists.upgrade()
    assert found(database, text="giraffe") == found(database, text="it s a gir") == ["1"]
    put(database, [(vulnerability("CVE-2024-2", title="Second giraffe"), 0.4)])
    assert found(database, text="giraffe") == ["1", "2"]
    database.close()
