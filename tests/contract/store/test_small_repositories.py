"""Facts, caches, source states and statistics."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from backend.contract.errors import SourceError
from backend.contract.names import Severity, Source
from backend.domain.claims import RecordState
from backend.domain.vulnerability import MergedVulnerability
from backend.store.engine import Database
from backend.store.repositories.metadata import CacheEntry, CacheRepository, MetadataRepository
from backend.store.repositories.sources import SourceRepository, StoredSource
from backend.store.repositories.statistics import Day, StatisticsFigures, StatisticsRepository
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_facts_are_set_replaced_and_forgotten(database: Database) -> None:
    with database.transaction() as connection:
        facts = MetadataRepository(connection)
        assert facts.get("a") is None
        facts.set("a", "1")
        facts.set("a", "2")
        assert facts.get("a") == "2"
        facts.delete("a")
        facts.delete("a")
        assert facts.get("a") is None


def test_caches_keep_the_newest_and_forget_the_old(database: Database) -> None:
    with database.transaction() as connection:
        caches = CacheRepository(connection)
        caches.put("search", "a", "[1]", NOW - HOUR)
        caches.put("search", "b", "[2]", NOW - HOUR)
        caches.put("stats", "a", "[3]", NOW - HOUR)
        caches.put("search", "b", "[4]", NOW)
        assert caches.delete_older("search", NOW) == 1
        assert caches.get("search", "a") is None
        assert caches.get("search", "b") == CacheEntry("[4]", NOW)
        assert caches.get("stats", "a") == CacheEntry("[3]", NOW - HOUR)


def test_a_source_starts_unknown(database: Database) -> None:
    with database.reading() as connection:
        sources = SourceRepository(connection)
        assert sources.cursor(Source.NVD) is None
        assert sources.all() == [StoredSource(source) for source in Source]


def test_a_source_remembers_how_far_it_came_and_why_it_failed(database: Database) -> None:
    with database.transaction() as connection:
        sources = SourceRepository(connection)
        sources.record_attempt(Source.NVD, NOW)
        sources.advance(Source.NVD, b'{"watermark": "x"}', NOW - HOUR)
        sources.record_failure(Source.NVD, SourceError("Gone", "why", "wait"))
        sources.record_failure(Source.NVD, SourceError("Gone again", "why", "wait"))
        assert sources.cursor(Source.NVD) == b'{"watermark": "x"}'
        states = {source.source: source for source in sources.all()}
        assert states[Source.NVD] == StoredSource(
            Source.NVD, NOW - HOUR, NOW, None, 2, "Gone again", "why", "wait", "source-failed"
        )
        sources.record_success(Source.NVD, NOW)
        states = {source.source: source for source in sources.all()}
    assert states[Source.NVD] == StoredSource(Source.NVD, NOW - HOUR, NOW, NOW, 0)
    assert states[Source.CISA] == StoredSource(Source.CISA)


def test_an_empty_database_has_figures_too(database: Database) -> None:
    nothing = [Day(date(2024, 5, 3) + timedelta(days=number), 0, 0) for number in range(30)]
    months = [(date(2023 + month // 12, month % 12 + 1, 1), 0) for month in range(6, 18)]
    with database.reading() as connection:
        assert StatisticsRepository(connection).compute(NOW) == StatisticsFigures(
            0, 0, dict.fromkeys(Severity, 0), dict.fromkeys(Source, 0), 0, 0, [], nothing, months
        )


def test_figures_count_everything_but_rejected_records(database: Database) -> None:
    day, old = timedelta(days=1), NOW - timedelta(days=400)
    both = (Source.NVD, Source.CISA)
    rows = [
        vulnerability(
            "CVE-2024-1",
            severity=Severity.CRITICAL,
            exploited_in_the_wild=True,
            sources=both,
            vendors=("zoo", "ark"),
            published_at=NOW - 29 * day,
            modified_at=NOW - 6 * day,
        ),
        vulnerability(
            "CVE-2024-2", severity=Severity.CRITICAL, vendors=("the zoo",), published_at=old, modified_at=NOW - 8 * day
        ),
        vulnerability(
            "CVE-2024-3", severity=Severity.LOW, vendors=("zoo",), published_at=NOW + day, modified_at=NOW + day
        ),
        vulnerability(
            "CVE-2024-4",
            severity=Severity.HIGH,
            vendors=("zoo",),
            state=RecordState.REJECTED,
            published_at=NOW,
            modified_at=NOW,
        ),
        *(
            vulnerability(f"CVE-2024-{number}", vendors=(f"vendor {number}",), published_at=old, modified_at=None)
            for number in range(10, 22)
        ),
    ]
    with database.transaction() as connection:
        put_vulnerabilities(connection, [(row, 0.5) for row in rows], NOW)
    with database.reading() as connection:
        figures = StatisticsRepository(connection).compute(NOW)
    assert (figures.total, figures.exploited, figures.recent_updates, figures.new_30d) == (15, 1, 1, 1)
    assert figures.by_severity == dict.fromkeys(Severity, 0) | {
        Severity.CRITICAL: 2,
        Severity.LOW: 1,
        Severity.UNKNOWN: 12,
    }
    assert figures.by_source == dict.fromkeys(Source, 0) | {Source.NVD: 15, Source.CISA: 1}
    assert figures.top_vendors == [
        ("zoo", 3),  # once as "the zoo"
        ("ark", 1),
        *((f"vendor {number}", 1) for number in range(10, 18)),
    ]


def test_what_cisa_listed_is_counted_by_month_every_month_once(database: Database) -> None:
    listed = {"2023-06-30": 1, "2023-07-01": 2, "2023-07-31": 1, "2024-02-29": 3, "2024-06-01": 1}
    days = [date.fromisoformat(day) for day, count in listed.items() for _ in range(count)]
    rows = [
        vulnerability(f"CVE-2024-{1000 + number}", exploited_in_the_wild=True, kev_date_added=day)
        for number, day in enumerate(days)
    ]
    rejected = vulnerability(
        "CVE-2024-1", exploited_in_the_wild=True, kev_date_added=days[-1], state=RecordState.REJECTED
    )
    with database.transaction() as connection:
        put_vulnerabilities(connection, [(row, 0.5) for row in (*rows, rejected)], NOW)
    with database.reading() as connection:
        months = StatisticsRepository(connection).compute(NOW).by_month
    assert [month for month, _ in months] == sorted({month for month, _ in months})
    assert (len(months), months[0], months[-1]) == (12, (date(2023, 7, 1), 3), (date(2024, 6, 1), 1))
    assert dict(months)[date(2024, 2, 1)] == 3
    assert sum(count for _, count in months) == 7


def test_the_last_days_are_counted_in_utc_every_day_once(database: Database) -> None:
    def published(number: int, moment: str, **fields: object) -> MergedVulnerability:
        return vulnerability(f"CVE-2024-{number}", published_at=datetime.fromisoformat(moment), **fields)

    exploited = {"exploited_in_the_wild": True, "kev_date_added": date(2024, 5, 30)}
    rows = [
        published(1, "2024-05-02T23:59:59+00:00"),
        published(2, "2024-05-03T00:00:00+00:00"),
        published(3, "2024-05-31T23:59:59+00:00"),
        published(4, "2024-06-01T01:00:00+02:00"),
        published(5, "2024-06-01T11:00:00+00:00"),
        published(6, "2024-06-01T11:00:00+00:00", state=RecordState.REJECTED),
        published(7, "2020-01-01T00:00:00+00:00", **exploited),
        published(8, "2020-01-01T00:00:00+00:00", **exploited | {"kev_date_added": date(2024, 5, 2)}),
        published(9, "2020-01-01T00:00:00+00:00", **exploited | {"exploited_in_the_wild": False}),
    ]
    with database.transaction() as connection:
        put_vulnerabilities(connection, [(row, 0.5) for row in rows], NOW)
    with database.reading() as connection:
        days = StatisticsRepository(connection).compute(NOW).last_days
    assert [day.day for day in days] == [date(2024, 5, 3) + timedelta(days=number) for number in range(30)]
    counted = {day.day.isoformat(): (day.published, day.exploited) for day in days if day.published or day.exploited}
    assert counted == {"2024-05-03": (1, 0), "2024-05-30": (0, 1), "2024-05-31": (2, 0), "2024-06-01": (1, 0)}
