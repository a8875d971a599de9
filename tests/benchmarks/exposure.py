"""Measure matching: `python -m tests.benchmarks exposure`.

Over the recorded feeds: the share of recent CVEs with statements that can be matched, how often NVD and CNA disagree on
versions at their bounds, Windows builds at the CNA's bounds and against a public table of updates, and the agreement
with an independent reading of NVD's ranges. Over a database of any size: speed and memory of a match of 300 programs,
cold, warm and after a change of 2 % of the records, and what the index takes on the disk.
"""

from __future__ import annotations

import csv
import gzip
import random
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from sqlalchemy import func, select

from backend.contract.inventory import MatchRequest, OperatingSystem, SoftwareEntry
from backend.domain.claims import Affected, Feed, Origin, RecordState, SourceRecord
from backend.domain.exposure.conditions import Subject, applies
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.statements import ProductStatements, Statement
from backend.domain.exposure.verdicts import Verdict, judge
from backend.domain.merge import merge
from backend.domain.priority import facts_of, priority_score
from backend.domain.products.product import ProductKey
from backend.domain.versions import CannotCompare, compare
from backend.services.exposure.answer import answer
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository, MergedRow
from backend.store.repositories.source_records import changes_of
from backend.store.repositories.statements import StatementRepository, statement_changes
from backend.store.tables import vulnerabilities
from tests.benchmarks.ingest import FEEDS
from tests.benchmarks.priority import Claims, read_claims
from tests.benchmarks.products import TABLES

PROGRAMS = 300
RECENT = datetime(2026, 8, 1, tzinfo=UTC)
PAGE = 1000
CHANGED_SHARE = 50  # every 50th record: 2 %

Recorded = dict[str, list[SourceRecord]]


def recorded(claims: Claims) -> Recorded:
    """All recorded claims by CVE id; of each feed the last version."""
    found: defaultdict[str, dict[Feed, SourceRecord]] = defaultdict(dict)
    for feed, named in claims.items():
        for cve_id, claim in named:
            found[cve_id][feed] = SourceRecord(feed, cve_id, cve_id, claim)
    return {cve_id: list(records.values()) for cve_id, records in found.items()}


def derived(records: Recorded) -> Iterator[tuple[str, Sequence[SourceRecord], tuple[ProductStatements, ...]]]:
    for cve_id, made in records.items():
        rejected = any(record.claim.state is RecordState.REJECTED for record in made)
        state = RecordState.REJECTED if rejected else RecordState.PUBLISHED
        yield cve_id, made, statements_of(state, made)


# -- what can be matched ----------------------------------------------------------------------------------------------
def usable_share(records: Recorded) -> tuple[int, int]:
    """Of the recent published records, how many there are and how many have a statement about versions."""
    seen = usable = 0
    for _, made, stated in derived(records):
        published = min((record.claim.published_at for record in made if record.claim.published_at), default=None)
        if published is None or published < RECENT or any(r.claim.state is RecordState.REJECTED for r in made):
            continue
        seen += 1
        usable += any(_can_match(statement) for product in stated for statement in product.statements)
    return seen, usable


def _can_match(statement: Statement) -> bool:
    return any(
        (segment.range.start or segment.range.end) and segment.range.start != "-" and not segment.doubt
        for segment in statement.segments
    )


def disagreement(records: Recorded) -> Counter[str]:
    """At the versions that NVD or the CNA name as bounds: what both say of a product."""
    seen: Counter[str] = Counter()
    for _, _, stated in derived(records):
        for product in stated:
            nvd = [made for made in product.statements if made.origin is Origin.NVD]
            cna = [made for made in product.statements if made.origin is Origin.CNA]
            if not nvd or not cna:
                continue
            for version in _bounds(product.statements):
                verdicts = [found.verdict if (found := judge(version, side)) else None for side in (nvd, cna)]
                if None in verdicts or Verdict.CANNOT_TELL in verdicts:
                    seen["cannot tell"] += 1
                else:
                    seen["agree" if verdicts[0] is verdicts[1] else "differ"] += 1
    return seen


def _bounds(statements: Iterable[Statement]) -> list[str]:
    bounds = (segment.range for made in statements for segment in made.segments)
    return sorted({version for found in bounds for version in (found.start, found.end) if version not in ("", "-")})


# -- right or wrong ---------------------------------------------------------------------------------------------------
def against_nvds_ranges(records: Recorded) -> Counter[str]:
    """Compare with a reading of NVD's ranges of applications that knows nothing but `compare`, at their own bounds."""
    seen: Counter[str] = Counter()
    for _, made, stated in derived(records):
        ranges = _nvd_ranges(made)
        if len(ranges) == 0:
            continue
        statements = {product.product.spelling: product.statements for product in stated}
        for key, bounded in ranges.items():
            own = [made for made in statements.get(key.spelling, ()) if applies(made.condition, key, Subject())]
            for version in {version for entry in bounded for version in _ends(entry)}:
                expected = _is_in(version, bounded)
                found = judge(version, own)
                if expected is None or found is None:
                    seen["not comparable"] += 1
                elif found.verdict is Verdict.CANNOT_TELL:
                    seen["cannot tell"] += 1
                else:
                    right = (found.verdict is Verdict.AFFECTED) is expected
                    seen["right" if right else "missed" if expected else "wrongly affected"] += 1
    return seen


def _nvd_ranges(records: Sequence[SourceRecord]) -> dict[ProductKey, list[Affected]]:
    found: defaultdict[ProductKey, list[Affected]] = defaultdict(list)
    for record in records:
        for entry in record.claim.affected if record.feed is Feed.NVD else ():
            parts = entry.cpe.replace("\\", "").split(":")
            plain = len(parts) == 13 and parts[2] == "a" and set(parts[6:]) <= {"*"} and not entry.configuration
            if plain and entry.vulnerable and any(_ends(entry)):
                found[ProductKey.of(parts[3], parts[4])].append(entry)
    return found


def _ends(entry: Affected) -> tuple[str, ...]:
    ends = (
        entry.version_start_including,
        entry.version_start_excluding,
        entry.version_end_including,
        entry.version_end_excluding,
    )
    return tuple(end for end in ends if end)


def _is_in(version: str, ranges: Iterable[Affected]) -> bool | None:
    try:
        return any(
            (not entry.version_start_including or compare(version, entry.version_start_including) >= 0)
            and (not entry.version_start_excluding or compare(version, entry.version_start_excluding) > 0)
            and (not entry.version_end_including or compare(version, entry.version_end_including) <= 0)
            and (not entry.version_end_excluding or compare(version, entry.version_end_excluding) < 0)
            for entry in ranges
        )
    except CannotCompare:
        return None


def windows_builds(records: Recorded) -> Counter[str]:
    """Each Windows build that a CNA's range ends with, and the one below it, against all statements."""
    seen: Counter[str] = Counter()
    for _, _, stated in derived(records):
        for product in stated:
            if not product.product.product.startswith("windows"):
                continue
            for made in product.statements:
                for segment in made.segments if made.origin is Origin.CNA else ():
                    for build, expected in _beside(segment.range.end):
                        found = judge(build, product.statements, _windows(product.product))
                        verdict = found.verdict if found else Verdict.NOT_AFFECTED
                        seen["right" if verdict is expected else f"{verdict} instead of {expected}"] += 1
    return seen


def _windows(product: ProductKey) -> Subject:
    is_hotpatched = product.product.startswith(("windows server 2022", "windows server 2025"))
    return Subject(is_system=True, is_hotpatched=is_hotpatched)


def _beside(end: str) -> Iterator[tuple[str, Verdict]]:
    *parts, last = end.split(".")
    if len(parts) == 3 and last.isdecimal() and last != "0":
        yield ".".join((*parts, str(int(last) - 1))), Verdict.AFFECTED
        yield end, Verdict.NOT_AFFECTED


# -- speed and size ---------------------------------------------------------------------------------------------------
def fill(database: Database, records: Recorded, wanted: int) -> int:
    """Write the recorded records, repeated under other ids until there are enough; returns their number."""
    now, written, turn = datetime.now(UTC), 0, 0
    while written < wanted:
        portion = list(records.items())[: wanted - written]
        for start in range(0, len(portion), PAGE):
            _write_page(database, [(_renamed(name, turn), made) for name, made in portion[start : start + PAGE]], now)
        written, turn = written + len(portion), turn + 1
    return written


def _renamed(cve_id: str, turn: int) -> str:
    kind, year, number = cve_id.split("-")
    return f"{kind}-{year}-{int(number) + turn * 1_000_000}" if turn else cve_id


def _write_page(database: Database, page: Sequence[tuple[str, Sequence[SourceRecord]]], now: datetime) -> None:
    rows, stated, stored = [], {}, {}
    for name, made in page:
        stored[name] = [SourceRecord(record.feed, name, name, record.claim, b"recorded") for record in made]
        merged = merge(name, stored[name])
        if merged is not None:
            rows.append(MergedRow(merged, priority_score(facts_of(merged), now.date())))
            stated[name] = statements_of(merged.state, made)
    with database.transaction() as connection:
        store = IngestRepository(connection)
        store.put_records(changes_of(stored, before={}))
        store.insert_vulnerabilities(rows, now)
        StatementRepository(connection).put(statement_changes(stated, before={}))


def inventory() -> MatchRequest:
    """A PC with some hundred well-known programs in versions of any age."""
    with files("backend.domain.products").joinpath("programs.csv").open(encoding="utf-8") as table:
        examples = [row["example"] for row in csv.DictReader(table) if row["product"]]
    chance = random.Random(1)
    software = tuple(
        SoftwareEntry(name=name, version=f"{chance.randint(1, 120)}.{chance.randint(0, 9)}.{chance.randint(0, 20)}")
        for name in chance.sample(examples, PROGRAMS)
    )
    system = OperatingSystem(name="Windows 11 Pro", version="23H2", build="10.0.22631.4317")
    return MatchRequest(os=system, software=software)


def _timed(database: Database, request: MatchRequest) -> float:
    begun = time.perf_counter()
    with database.reading() as connection:
        answer(connection, request)
    return time.perf_counter() - begun


def _touch(database: Database, records: Recorded) -> None:
    """Change the statements of 2 % of the records, as an update does."""
    with database.reading() as connection:
        stored = IngestRepository(connection).existing(records)
    chosen = {name: made for name, made in list(records.items())[::CHANGED_SHARE] if name in stored}
    before = {name: statements_of(RecordState.PUBLISHED, made) for name, made in chosen.items()}
    after = {name: stated[1:] for name, stated in before.items()}
    with database.transaction() as connection:
        StatementRepository(connection).put(statement_changes(after, before=before))


def speed(records: Recorded, wanted: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="openthreat-exposure-") as folder:
        database = Database(f"sqlite:///{folder}/exposure.db")
        database.prepare()
        begun = time.perf_counter()
        fill(database, records, wanted)
        with database.reading() as connection:
            count = connection.execute(select(func.count()).select_from(vulnerabilities)).scalar_one()
            sizes = connection.exec_driver_sql("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").all()
        own = sum(size for name, size in sizes if name.startswith(("product", "ux_products")))
        taken = time.perf_counter() - begun
        yield f"{count:,} records written in {taken:.0f} s; the index takes {own / count:.0f} bytes a record"
        database.close()
        database = Database(f"sqlite:///{folder}/exposure.db")
        request = inventory()
        cold, warm = _timed(database, request), min(_timed(database, request) for _ in range(3))
        _touch(database, records)
        after = _timed(database, request)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield f"{PROGRAMS} programs: cold {cold:.2f} s, warm {warm:.2f} s, after 2 % {after:.2f} s; peak {peak:.0f} MiB"
        database.close()


def against_updates(records: Recorded, table: Path) -> Counter[str]:
    """The CVEs of a public table of updates: whether the first build of each release that it names is affected."""
    stated = {
        (cve_id, product.product.spelling): product.statements
        for cve_id, _, made in derived(records)
        for product in made
        if product.product.vendor == "microsoft"
    }
    known = {cve_id for cve_id, _ in stated}
    seen: Counter[str] = Counter()
    with gzip.open(table, "rt", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            name = ProductKey.of("microsoft", row["affected_product"].split(" for ")[0])
            if row["cve"] in known and name.product.startswith(("windows 10", "windows 11", "windows server 20")):
                seen[_first_build(stated.get((row["cve"], name.spelling), ()))] += 1
    return seen


def _first_build(statements: Sequence[Statement]) -> str:
    starts = [segment.range.start for made in statements for segment in made.segments if segment.range.start]
    found = judge(starts[0], statements) if starts else None
    return found.verdict if found else "no statement"


def _shares(counted: Counter[str]) -> str:
    total = sum(counted.values())
    return ", ".join(f"{name} {count:,} ({count / total:.2%})" for name, count in counted.most_common())


def report(wanted: int, feeds: Path = FEEDS) -> None:
    records = recorded(read_claims(feeds))
    seen, usable = usable_share(records)
    print(f"published since {RECENT:%Y-%m}: {seen:,}, of which {usable / max(seen, 1):.1%} can be matched")
    for title, counted in (
        ("NVD and CNA at their bounds", disagreement(records)),
        ("NVD's ranges, read independently", against_nvds_ranges(records)),
        ("Windows builds at the CNA's bounds", windows_builds(records)),
    ):
        total = sum(counted.values())
        print(
            f"{title}: " + ", ".join(f"{name} {count:,} ({count / total:.2%})" for name, count in counted.most_common())
        )
    table = TABLES / "wesng_windows_cve_kb_2023_2026.csv.gz"
    if table.exists():
        print(f"Windows releases of the update table: {_shares(against_updates(records, table))}")
    for line in speed(records, wanted):
        print(line, flush=True)
