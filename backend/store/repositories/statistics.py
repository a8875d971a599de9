"""Figures over all vulnerabilities. Rejected ones are no vulnerabilities: they are counted nowhere here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from backend.contract.names import Severity, Source
from backend.domain.claims import State
from backend.store.dialects.search_choice import search_index_of
from backend.store.tables import vulnerabilities

RECENT = timedelta(days=7)
NEW = timedelta(days=30)
TOP_VENDORS = 10

_ROW = vulnerabilities.c


@dataclass(frozen=True, slots=True)
class Figures:
    """recent_updates: modified by their sources within 7 days; new_30d: published within 30 days; both before now."""

    total: int
    exploited: int
    by_severity: Mapping[Severity, int]
    by_source: Mapping[Source, int]  # vulnerabilities that the source says something of
    recent_updates: int
    new_30d: int
    top_vendors: Sequence[tuple[str, int]]  # most first, folded names


class StatisticsRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def compute(self, now: datetime) -> Figures:
        """One pass over the filter index, which holds every column that is asked for, and one over the vendors."""
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
            .where(_ROW.state != State.REJECTED)
            .group_by(_ROW.exploited_in_the_wild, _ROW.severity, _ROW.sources)
        ).all()
        by_severity: Counter[Severity] = Counter(dict.fromkeys(Severity, 0))
        by_source: Counter[Source] = Counter(dict.fromkeys(Source, 0))
        for group in groups:
            by_severity[Severity(group.severity)] += group.number
            by_source.update({Source(name): group.number for name in group.sources})
        return Figures(
            total=sum(group.number for group in groups),
            exploited=sum(group.number for group in groups if group.exploited_in_the_wild),
            by_severity=dict(by_severity),
            by_source=dict(by_source),
            recent_updates=sum(group.recent for group in groups),
            new_30d=sum(group.new for group in groups),
            top_vendors=search_index_of(self._connection).top_vendors(self._connection, TOP_VENDORS),
        )
