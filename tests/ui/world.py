"""A data folder with made-up data: thousands of vulnerabilities, runs of every kind, working and failing sources."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.config import Settings
from backend.contract.errors import SourceError
from backend.contract.names import Queue, RunState, Severity, Source, TaskName, Trigger
from backend.contract.searches import SavedSearch, SavedSearches, VulnerabilityFilters
from backend.domain.claims import Affected, Origin
from backend.domain.schedule import ScheduleEntry, next_runs
from backend.domain.vulnerability import (
    AffectedEntry,
    Details,
    ExploitationEntry,
    MergedVulnerability,
    ReferenceEntry,
    ScoreEntry,
)
from backend.services.exposure.watching import replace_searches
from backend.services.query.statistics import compute_stats
from backend.services.runs.schedule import DEFAULT_ENTRIES
from backend.store.engine import Database
from backend.store.repositories.metadata import CacheRepository
from backend.store.repositories.runs import RunRepository, StoredRun
from backend.store.repositories.schedule import ScheduleRepository
from backend.store.repositories.sources import SourceRepository
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability
from tests.ui.installed import SCANNED, install
from tests.ui.news import put_news

NOW = datetime.now(UTC)
LONGEST_RUN = timedelta(hours=1)
"""Of the tests on one data folder, in which no scheduler runs."""
HOSTILE_ID = "CVE-2026-66666"
VENDORS = ("microsoft", "apache", "cisco", "linux", "google", "fortinet", "ivanti", "wordpress", "adobe", "vmware")
PRODUCTS = {
    "microsoft": ("windows server 2022", "exchange server", "office"),
    "apache": ("http server", "tomcat", "struts"),
    "cisco": ("ios xe", "adaptive security appliance"),
    "linux": ("linux kernel",),
    "google": ("chrome", "android"),
    "fortinet": ("fortios", "fortimanager"),
    "ivanti": ("connect secure", "endpoint manager"),
    "wordpress": ("contact form", "page builder"),
    "adobe": ("acrobat reader", "commerce"),
    "vmware": ("esxi", "vcenter server"),
}
FLAWS = (
    ("Remote code execution", "CWE-94", "lets an attacker on the network run code of his choice without logging in"),
    ("SQL injection", "CWE-89", "passes a parameter to the database unchecked, so that all of its content can be read"),
    (
        "Cross-site scripting",
        "CWE-79",
        "shows a field of the request unescaped, which runs another's scripts",
    ),
    ("Use after free", "CWE-416", "uses memory after it was given back, which corrupts the process and may run code"),
    ("Authentication bypass", "CWE-287", "accepts a forged header as proof of identity"),
    ("Path traversal", "CWE-22", "serves files outside of its folder when the path contains encoded dots"),
    ("Privilege escalation", "CWE-269", "lets a local user obtain the rights of the system"),
    ("Denial of service", "CWE-400", "loops for ever on a malformed packet"),
)
CRITICAL_VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
HOSTILE = '<script>alert(1)</script><img src="http://127.0.0.1:9/x.png"> <b>bold</b> \u202eltr gnorts\u202c \x07 '
HOSTILE_LENGTH = 100_000


TRACEBACK = 'Traceback (most recent call last):\n  File "update.py", line 1, in run\nSourceError'


def furnish(home: Path, records: int = 4000) -> None:
    """Fill the embedded database of a data folder."""
    settings = Settings(home=home)
    database = Database(settings.database_url)
    database.prepare()
    try:
        install(settings, database, _put_vulnerabilities(database, records), NOW - SCANNED)
        _put_sources(database)
        _put_runs(database)
        put_news(database, NOW)
        _put_searches(database)
        with database.reading() as connection:
            stats = compute_stats(connection, NOW)
        with database.transaction() as connection:
            CacheRepository(connection).put("stats", "all", stats.model_dump_json(), NOW)
    finally:
        database.close()


SEARCHES = (
    SavedSearch(
        name="Edge devices",
        filters=VulnerabilityFilters(vendor=("cisco", "fortinet"), min_epss=0.1),
        is_watched=True,
    ),
    SavedSearch(
        name="Exploited this year, with a name that is rather long", filters=VulnerabilityFilters(exploited=True)
    ),
)


def _put_searches(database: Database) -> None:
    with database.transaction() as connection:
        replace_searches(connection, SavedSearches(items=SEARCHES))


def _put_vulnerabilities(database: Database, records: int) -> list[MergedVulnerability]:
    chance = random.Random(5)
    items = (_vulnerability(number, records, chance) for number in range(records))
    rows = [(item, _priority(item, chance)) for item in items]
    with database.transaction() as connection:
        put_vulnerabilities(connection, [*rows, (_hostile(), 0.99)], NOW - timedelta(days=40))
    return [item for item, _ in rows]


def _vulnerability(number: int, records: int, chance: random.Random) -> MergedVulnerability:
    vendor, (flaw, cwe, effect) = chance.choice(VENDORS), chance.choice(FLAWS)
    product = chance.choice(PRODUCTS[vendor])
    published = NOW - timedelta(days=900 * (1 - number / records) ** 2, minutes=chance.randrange(900))
    score = None if chance.random() < 0.12 else round(min(10.0, max(0.1, chance.gauss(6.8, 1.9))), 1)
    severity = next((name for least, name in BANDS if score is not None and score >= least), Severity.UNKNOWN)
    exploited = chance.random() < 0.02
    fixed = f"{chance.randint(2, 14)}.{chance.randint(0, 9)}.{chance.randint(0, 30)}"
    return vulnerability(
        f"CVE-{published.year}-{20_000 + number}",
        title=f"{flaw} in {vendor.title()} {product.title()}",
        description=f"{product.title()} before {fixed} by {vendor.title()} {effect}. Updating to {fixed} mends it.",
        severity=severity,
        cvss_score=score,
        cvss_vector=CRITICAL_VECTOR if score else None,
        cvss_version="3.1" if score else None,
        published_at=published,
        modified_at=min(NOW, published + timedelta(days=chance.randrange(30))),
        exploited_in_the_wild=exploited,
        kev_date_added=(published + timedelta(days=3)).date() if exploited else None,
        cisa_due_date=(published + timedelta(days=24)).date() if exploited else None,
        known_ransomware=chance.random() < 0.3 if exploited else None,
        epss=round(chance.random() ** 6, 5),
        epss_percentile=round(chance.random(), 4),
        cwe_ids=(cwe,),
        vendors=(vendor,),
        products=(product,),
        sources=(Source.NVD, Source.MITRE, *((Source.CISA,) if exploited else ())),
        details=_details(vendor, product, fixed, score, published, exploited=exploited),
    )


def _details(
    vendor: str, product: str, fixed: str, score: float | None, published: datetime, *, exploited: bool
) -> Details:
    scores = (ScoreEntry(Origin.NVD, Source.NVD, "3.1", CRITICAL_VECTOR, score),) if score else ()
    exploitation = (ExploitationEntry("cisa-kev", Source.CISA, published.date(), "active"),) if exploited else ()
    return Details(
        scores=scores,
        affected_products=(
            AffectedEntry(Source.NVD, Affected(cpe=f"cpe:2.3:a:{vendor}:{product}", version_end_excluding=fixed)),
            AffectedEntry(Source.MITRE, Affected(vendor=vendor, product=product, versions=(f"all before {fixed}",))),
        ),
        references=(
            ReferenceEntry("https://vendor.example/advisories/2026-17", ("vendor-advisory", "patch"), (Source.NVD,)),
            ReferenceEntry("https://research.example/blog/a-closer-look", ("exploit",), (Source.NVD, Source.MITRE)),
        ),
        exploitation=exploitation,
        required_action="Apply the vendor's mitigations, or stop using the product." if exploited else "",
        provenance={"title": "mitre", "description": "mitre", "cvss_score": "nvd", "references": "mitre+nvd"},
    )


def _hostile() -> MergedVulnerability:
    return vulnerability(
        HOSTILE_ID,
        title=HOSTILE[:190],
        description=(HOSTILE * HOSTILE_LENGTH)[:HOSTILE_LENGTH],
        severity=Severity.CRITICAL,
        cvss_score=9.8,
        vendors=("<b>evil</b>",),
        products=("\u202eproduct",),
        published_at=NOW,
        details=Details(
            references=(
                ReferenceEntry("javascript:alert(1)", (), (Source.NVD,)),
                ReferenceEntry("file:///etc/passwd", (), (Source.NVD,)),
                *(ReferenceEntry(f"https://many.example/{number}", (), (Source.NVD,)) for number in range(2000)),
            )
        ),
    )


def _priority(item: MergedVulnerability, chance: random.Random) -> float:
    if item.exploited_in_the_wild:
        return round(0.9 + chance.random() / 10, 4)
    return round((item.cvss_score or 3) / 16 + (item.epss or 0) / 5, 4)


_TRIED_AGAIN = "The service has to fix this; the next update tries again automatically."


def _put_sources(database: Database) -> None:
    with database.transaction() as connection:
        sources = SourceRepository(connection)
        for source in (Source.CISA, Source.NVD, Source.MITRE, Source.EPSS):
            sources.record_attempt(source, NOW - timedelta(minutes=48))
            sources.advance(source, b"{}", NOW - timedelta(minutes=50))
            sources.record_success(source, NOW - timedelta(minutes=47))
        sources.record_attempt(Source.EUVD, NOW - timedelta(hours=2))
        sources.advance(Source.EUVD, b"{}", NOW - timedelta(days=1, hours=3))
        sources.record_success(Source.EUVD, NOW - timedelta(days=1, hours=2))
        sources.record_failure(
            Source.EUVD,
            SourceError("EUVD cannot be reached", "euvd.example did not answer in time.", _TRIED_AGAIN),
        )


def _put_runs(database: Database) -> None:
    with database.transaction() as connection:
        _put_schedule(ScheduleRepository(connection))
        ledger = RunRepository(connection)
        for number in range(120, 0, -1):
            ledger.add(_run(number))


def _put_schedule(schedule: ScheduleRepository) -> None:
    """Let entries that have run refer to runs of the ledger; the cleanup has not run yet."""
    seen = {"update-vulnerabilities": 2, "update-stats": 1}
    defaults = [ScheduleEntry(entry.name, entry.task, entry.cron, enabled=entry.enabled) for entry in DEFAULT_ENTRIES]
    schedule.seed(defaults)
    for entry in defaults:
        schedule.plan(entry, next(next_runs(entry.cron, NOW + LONGEST_RUN, UTC)))
        if entry.name in seen:
            began = NOW - timedelta(hours=seen[entry.name], minutes=12)
            schedule.record_run(entry.name, f"run-{seen[entry.name]:04}", began)


def _run(number: int) -> StoredRun:
    """Make an update every two hours, and statistics in between. number: hours ago."""
    began = NOW - timedelta(hours=number, minutes=12)
    name = TaskName.UPDATE if number % 2 == 0 else TaskName.UPDATE_STATS
    state = {10: RunState.FAILURE, 16: RunState.REVOKED}.get(number, RunState.SUCCESS)
    failed = state is RunState.FAILURE
    return StoredRun(
        task_id=f"run-{number:04}",
        name=name,
        queue=Queue.SLOW if name is TaskName.UPDATE else Queue.FAST,
        trigger=Trigger.API if number % 14 == 0 else Trigger.SCHEDULE,
        queued_at=began,
        state=state,
        attempt=1,
        published_at=began,
        started_at=began + timedelta(seconds=1),
        finished_at=began + timedelta(seconds=3 + number * 7 % 200),
        worker="slow@context:1234",
        result=json.dumps(_result(number)) if state is RunState.SUCCESS else None,
        error_title="No source could be reached" if failed else None,
        error_message="All five sources failed, first NVD: no connection." if failed else None,
        error_hint="Check the network; the next update tries again." if failed else None,
        traceback=TRACEBACK if failed else None,
    )


def _result(number: int) -> dict[str, object]:
    if number % 2:
        return {"total_vulnerabilities": 4001, "exploited_vulnerabilities": 83}
    counts = {"seen": 200 + number * 3 % 90, "added": number % 5, "changed": number * 3 % 90, "unchanged": 200}
    sources: dict[str, dict[str, object]] = {source.value: {"state": "ok", **counts} for source in Source}
    degraded = ["euvd"] if number == 2 else []
    if degraded:
        error = {"title": "EUVD does not answer", "message": "", "hint": ""}
        sources["euvd"] = {"state": "degraded", "error": error}
    return {
        "status": "degraded" if degraded else "ok",
        "degraded": degraded,
        "sources": sources,
        "records_seen": 5 * counts["seen"],
        "records_written": 5 * (counts["added"] + counts["changed"]),
        "new_vulnerabilities": counts["added"],
        "changed_vulnerabilities": counts["changed"],
    }
