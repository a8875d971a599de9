"""What an entry of the watchlist selects, and what it would have shown in the last month."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import Connection

from backend.contract.exposure import Watched
from backend.contract.inventory import SoftwareEntry
from backend.contract.names import Severity
from backend.contract.vulnerabilities import VulnerabilitySummary
from backend.contract.watching import EXAMPLES, PREVIEW_DAYS, WatchedEvents, WatchedKind, WatchedPreview
from backend.domain.exposure.conditions import System
from backend.domain.exposure.verdicts import Verdict
from backend.domain.search import MAX_PAGE_SIZE, SearchQuery, SortKey
from backend.services.exposure.matching import match
from backend.services.exposure.product_names import nearest_names
from backend.services.exposure.resolution import Resolver, installed
from backend.services.exposure.watching import watched_entry
from backend.store.repositories.vulnerabilities import VulnerabilityRepository

_EXPLOITED_READ = 200
"""Entries of CISA's catalogue that are looked at, the newest first; it grows by some twenty a month."""


def preview(connection: Connection, watched: Watched, now: datetime) -> WatchedPreview:
    """Return what the entry selects. With a version, only what affects that version."""
    found = VulnerabilityRepository(connection)
    named = ((watched.vendor,) if watched.vendor else (), (watched.product,) if watched.product else ())
    query = SearchQuery(text=watched.search, vendor=named[0], product=named[1])
    since = now - timedelta(days=PREVIEW_DAYS)
    entry = watched_entry(watched)
    concerned = _of_version(connection, entry) if entry else None
    result = found.search(replace(query, page_size=1))
    of_month = {
        WatchedKind.EXPLOITED: _listed_since(found, query, since.date()),
        WatchedKind.CRITICAL: _critical_since(found, query, since),
    }
    return WatchedPreview(
        total=result.total if concerned is None else len(concerned),
        total_capped=result.total_capped and concerned is None,
        last_month=tuple(_events(found, kind, ids, concerned) for kind, ids in of_month.items()),
        nearest=() if result.total or watched.search else nearest_names(connection, watched.vendor, watched.product),
    )


def _listed_since(found: VulnerabilityRepository, query: SearchQuery, day: date) -> list[str]:
    """What CISA listed since that day. When this database saw it does not count: a first load sees all at once."""
    newest = replace(query, exploited=True, sort_by=SortKey.KEV_ADDED, page_size=_EXPLOITED_READ)
    rows = found.read_fields(found.search(newest).cve_ids, ("cve_id", "kev_date_added", "priority_score"))
    listed = [row for row in rows if row["kev_date_added"] and row["kev_date_added"] >= day]
    return [row["cve_id"] for row in sorted(listed, key=lambda row: -row["priority_score"])]


def _critical_since(found: VulnerabilityRepository, query: SearchQuery, since: datetime) -> list[str]:
    critical = replace(query, severity=(Severity.CRITICAL,), published_after=since, page_size=MAX_PAGE_SIZE)
    return list(found.search(critical).cve_ids)


def _events(
    found: VulnerabilityRepository, kind: WatchedKind, cve_ids: Sequence[str], concerned: Collection[str] | None
) -> WatchedEvents:
    ids = [cve_id for cve_id in cve_ids if concerned is None or cve_id in concerned]
    rows = found.read_fields(ids[:EXAMPLES], VulnerabilitySummary.model_fields)
    examples = tuple(VulnerabilitySummary.model_validate(row) for row in rows)
    return WatchedEvents(kind=kind, count=len(ids), examples=examples)


def _of_version(connection: Connection, entry: SoftwareEntry) -> Collection[str]:
    """The ids of what affects the version of the product."""
    (resolution,) = Resolver(connection).resolve_all([entry])
    (judged,) = match(connection, [installed(entry, resolution, System.OTHER)])
    numbers = [number for number, judgement in judged.items() if judgement.verdict is Verdict.AFFECTED]
    return frozenset(VulnerabilityRepository(connection).ids_of(numbers).values())
