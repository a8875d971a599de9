"""Measure search times: `python -m tests.benchmarks.search --records 300000 [--database URL]`.

Fills an empty database with generated vulnerabilities (or uses those of an earlier run) and prints the median and
the 95th percentile of each kind of query, as a window requests it: one page of rows with the total. Without --database:
SQLite in a temporary folder.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from backend.contract.names import Severity, Source
from backend.domain.search import SearchQuery, SortKey, SortOrder
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.statistics import StatisticsRepository
from backend.store.repositories.vulnerabilities import VulnerabilityRepository
from tests.benchmarks.vulnerabilities import vulnerabilities
from tests.fakes.vulnerabilities import put_vulnerabilities

PAGE = 2000
MIDDLE_AGES = datetime(2015, 1, 1, tzinfo=UTC)
COMMON_WORDS = ("vulnerability", "attacker", "the", "remote")
FILTERS: Sequence[Mapping[str, object]] = (
    {"severity": (Severity.CRITICAL,)},
    {"severity": (Severity.HIGH, Severity.CRITICAL), "min_cvss": 9.0},
    {"exploited": True},
    {"published_before": MIDDLE_AGES},
    {"source": Source.CISA},
    {"min_priority": 0.65},
    {"min_epss": 0.5},
    {"kev_added_after": date(2024, 1, 1)},
    {"changed_after": MIDDLE_AGES},
)


def fill(database: Database, records: int) -> None:
    with database.transaction() as connection:
        if not IngestRepository(connection).is_empty():
            return
        IngestRepository(connection).drop_secondary_indexes()
    rows, now = vulnerabilities(records), datetime.now(UTC)
    while page := list(islice(rows, PAGE)):
        with database.transaction() as connection:
            put_vulnerabilities(connection, page, now)
    with database.transaction() as connection:
        IngestRepository(connection).build_secondary_indexes()


def queries(database: Database, records: int) -> Iterator[tuple[str, list[SearchQuery]]]:
    """Return kinds of queries by name, each with about a dozen examples."""
    sample = [vulnerability for vulnerability, _ in vulnerabilities(min(records, 3000))]
    chance = random.Random(7)
    words = sorted({word for row in sample for word in row.description.split() if len(word) > 5})
    vendors = [row.vendors[0] for row in sample[:200]]
    weaknesses = [row.cwe_ids[0] for row in sample[:12]]
    rare = chance.sample(words, 24)
    yield "no filter, each sort", [SearchQuery(sort_by=key, sort_order=order) for key in SortKey for order in SortOrder]
    yield "no filter, deep page", [SearchQuery(page=max(records // 50 // part, 1)) for part in (1, 2, 3, 5)]
    middle = max(records // 100, 1)
    yield (
        "filter, each sort, middle page",
        [SearchQuery(exploited=False, sort_by=key, page=middle) for key in SortKey],
    )
    yield "an id", [SearchQuery(text=row.cve_id) for row in sample[:12]]
    yield "beginning of an id", [SearchQuery(text=row.cve_id[4:11]) for row in sample[:120:10]]
    yield "rare or medium word", [SearchQuery(text=word) for word in rare]
    yield (
        "two words",
        [
            SearchQuery(text=f"{rare_word} {common_word}")
            for rare_word, common_word in zip(rare, COMMON_WORDS * 3, strict=False)
        ],
    )
    yield (
        "common word, each sort",
        [
            SearchQuery(text=word, sort_by=key, sort_order=order)
            for word in COMMON_WORDS[:2]
            for key in SortKey
            for order in SortOrder
        ],
    )
    yield (
        "common words together",
        [SearchQuery(text="remote attacker execute"), SearchQuery(text="sql injection vulnerability")],
    )
    yield "one letter", [SearchQuery(text=letter) for letter in "aceiklmprstvz"]
    yield "two letters", [SearchQuery(text=letters) for letters in ("vu", "co", "in", "ka", "re", "ex", "lo", "qu")]
    yield (
        "word and letter",
        [SearchQuery(text=f"{word} {letter}") for word, letter in zip(rare, "aceklmprstvz", strict=False)],
    )
    yield "vendor", [SearchQuery(vendor=(vendor,)) for vendor in vendors[:20]]
    yield "weakness", [SearchQuery(cwe=(cwe,)) for cwe in weaknesses]
    yield "filters alone", [SearchQuery(**given) for given in FILTERS]
    yield "common word and filters", [SearchQuery(text=word, **given) for word in COMMON_WORDS for given in FILTERS]
    yield (
        "rare word and filters",
        [SearchQuery(text=word, **given) for word, given in zip(rare, FILTERS * 2, strict=False)],
    )
    yield "vendor and filters", [SearchQuery(vendor=(vendor,), **given) for vendor in vendors[:4] for given in FILTERS]
    yield "weakness and filters", [SearchQuery(cwe=(cwe,), **given) for cwe in weaknesses[:3] for given in FILTERS]
    yield "vendor and common word", [SearchQuery(text="vulnerability", vendor=(vendor,)) for vendor in vendors[:12]]


def measure(database: Database, requested: Sequence[SearchQuery], rounds: int) -> list[float]:
    """Return milliseconds, for each query `rounds` times."""
    times = []
    for query in [*requested, *list(requested) * rounds]:
        begun = time.perf_counter()
        with database.reading() as connection:
            VulnerabilityRepository(connection).search(query)
        times.append((time.perf_counter() - begun) * 1000)
    return times[len(requested) :]


def report(database: Database, records: int, rounds: int) -> None:
    print(f"{'milliseconds':28}{'p50':>8}{'p95':>8}{'worst':>8}  slowest")
    everything: list[float] = []
    for name, requested in queries(database, records):
        times = measure(database, requested, rounds)
        everything += times
        slowest = requested[times.index(max(times)) % len(requested)]
        print(line(name, times), _description(slowest))
    print(line("all", everything))
    begun = time.perf_counter()
    with database.reading() as connection:
        StatisticsRepository(connection).compute(datetime.now(UTC))
    print(f"{'statistics':28}{(time.perf_counter() - begun) * 1000:8.1f}")


def line(name: str, times: Sequence[float]) -> str:
    hundredths = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
    return f"{name:28}{statistics.median(times):8.1f}{hundredths[94]:8.1f}{max(times):8.1f} "


def _description(query: SearchQuery) -> str:
    plain = SearchQuery()
    fields = ((name, getattr(query, name)) for name in query.__struct_fields__)
    return " ".join(f"{name}={value}" for name, value in fields if value != getattr(plain, name))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", help="address of a database that holds nothing else")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        database = Database(given.database or f"sqlite:///{Path(folder) / 'search.db'}")
        database.prepare()
        fill(database, given.records)
        report(database, given.records, given.rounds)
        database.close()


if __name__ == "__main__":
    main()
