"""Figures over all vulnerabilities. Rejected records are never counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from sqlalchemy import Connection, Select, func, select

from backend.contract.names import Severity, Source
from backend.domain.claims import RecordState
from backend.domain.search_text import REJECTED, Token, Without, vendor_facet
from backend.store.dialects import search_index_of
from backend.store.tables import filter_index, sort_indexes, vulnerabilities

RECENT = timedelta(days=7)
NEW = timedelta(days=30)
TOP_VENDORS = 10
DAYS = 30
"""Number of days with a count of their own; today is the last."""
MONTHS = 12
"""The same of months."""

_ROW = vulnerabilities.c


@dataclass(frozen=True, slots=True)
class Day:
    """One day in UTC. exploited: entries that CISA added to its catalogue on that day."""

    day: date
    published: int
    exploited: int


@dataclass(frozen=True, slots=True)
class StatisticsFigures:
    """recent_updates: modified by their sources within 7 days; new_30d: published within 30 days; both before now."""

    total: int
    exploited: int
    by_severity: Mapping[Severity, int]
    by_source: Mapping[Source, int]  # vulnerabilities that the source has a record of
    recent_updates: int
    new_30d: int
    top_vendors: Sequence[tuple[str, int]]  # most first, folded names
    last_days: Sequence[Day]  # oldest first, every day once
    by_month: Sequence[tuple[date, int]]  # first day, and what CISA listed in that month; oldest first


@dataclass(frozen=True, slots=True)
class UpdateEffect:
    """How many vulnerabilities an update added to this database, and how many others it changed."""

    new: int
    changed: int


class StatisticsRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def compute(self, now: datetime) -> StatisticsFigures:
        """Compute all figures: one pass over the filter index, which holds every column needed, one over the vendors,
        and a range of the newest."""
        recent = _ROW.modified_at.between(now - RECENT, now)
        new = _ROW.published_at.between(now - NEW, now)
        groups = self._connection.execute(
            select(
                _ROW.exploited_in_the_wild,
                _ROW.severity,
                _ROW.sources,
                func.count().label("number"),
                func.count().filter(recent).label("recent"),
                func.count().filter(new).label("new"),
            )
            .where(_ROW.state != RecordState.REJECTED)
            .group_by(_ROW.exploited_in_the_wild, _ROW.severity, _ROW.sources)
        ).all()
        by_severity: Counter[Severity] = Counter(dict.fromkeys(Severity, 0))
        by_source: Counter[Source] = Counter(dict.fromkeys(Source, 0))
        for group in groups:
            by_severity[Severity(group.severity)] += group.number
            by_source.update({Source(name): group.number for name in group.sources})
        return StatisticsFigures(
            total=sum(group.number for group in groups),
            exploited=sum(group.number for group in groups if group.exploited_in_the_wild),
            by_severity=dict(by_severity),
            by_source=dict(by_source),
            recent_updates=sum(group.recent for group in groups),
            new_30d=sum(group.new for group in groups),
            top_vendors=self._top_vendors(),
            last_days=self._last_days(now.astimezone(UTC).date()),
            by_month=self._by_month(now.astimezone(UTC).date()),
        )

    def _top_vendors(self) -> Sequence[tuple[str, int]]:
        """Counted as a search for the vendor counts them: without rejected ones."""
        index = search_index_of(self._connection)
        counted = [
            (name, self._count(index.matching(Without(Token(vendor_facet(name)), Token(REJECTED)))))
            for name, _ in index.top_vendors(self._connection, TOP_VENDORS)
        ]
        return sorted(((name, count) for name, count in counted if count), key=lambda vendor: -vendor[1])

    def _count(self, rows: Select[int]) -> int:
        return self._connection.execute(select(func.count()).select_from(rows.subquery())).scalar_one()

    def _by_month(self, today: date) -> Sequence[tuple[date, int]]:
        """Every month once, whether CISA listed something in it or not."""
        last = today.year * 12 + today.month - 1
        months = [date(number // 12, number % 12 + 1, 1) for number in range(last - MONTHS + 1, last + 1)]
        counts = Counter[date]()
        for day, count in self._exploited_since(months[0]).items():
            counts[day.replace(day=1)] += count
        return [(month, counts[month]) for month in months]

    def effect_since(self, since: datetime) -> UpdateEffect:
        """Count additions and changes since a moment of this program's clock. Daily scores are not changes."""
        new, changed = (
            self._connection.execute(
                select(func.count()).where(_ROW.state != RecordState.REJECTED, condition)
            ).scalar_one()
            for condition in (_ROW.first_seen_at >= since, (_ROW.updated_at >= since) & (_ROW.first_seen_at < since))
        )
        return UpdateEffect(new, changed)

    def _last_days(self, today: date) -> Sequence[Day]:
        days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
        exploited = self._exploited_since(days[0])
        return [Day(day, count, exploited.get(day, 0)) for day, count in zip(days, self._published(days), strict=True)]

    def _published(self, days: Sequence[date]) -> Sequence[int]:
        """Count by day along the index of the date (a few thousand rows); the databases share no date function."""
        starts = [datetime.combine(day, time(), UTC) for day in (*days, days[-1] + timedelta(days=1))]
        counts = [
            func.count().filter((_ROW.published_at >= start) & (_ROW.published_at < end))
            for start, end in pairwise(starts)
        ]
        rows = select(*counts).where(
            _ROW.published_at >= starts[0], _ROW.published_at < starts[-1], _ROW.state != RecordState.REJECTED
        )
        index = search_index_of(self._connection)
        return tuple(
            self._connection.execute(index.using_index(self._connection, rows, sort_indexes["published_at"])).one()
        )

    def _exploited_since(self, day: date) -> Mapping[date, int]:
        rows = (
            select(_ROW.kev_date_added, func.count())
            .where(_ROW.exploited_in_the_wild, _ROW.kev_date_added >= day, _ROW.state != RecordState.REJECTED)
            .group_by(_ROW.kev_date_added)
        )
        found = self._connection.execute(
            search_index_of(self._connection).using_index(self._connection, rows, filter_index)
        )
        return dict(found.all())
