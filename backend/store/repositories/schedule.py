"""The schedule: one row per entry, seeded from the program's defaults and edited by users."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from backend.domain.schedule import ScheduleEntry
from backend.store.tables import schedule_entries

_ENTRIES = schedule_entries.c


class ScheduleRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Sequence[ScheduleEntry]:
        query = select(schedule_entries).order_by(_ENTRIES.name)
        return [ScheduleEntry(**row._mapping) for row in self._connection.execute(query)]

    def get(self, name: str) -> ScheduleEntry | None:
        row = self._connection.execute(select(schedule_entries).where(_ENTRIES.name == name)).one_or_none()
        return None if row is None else ScheduleEntry(**row._mapping)

    def seed(self, defaults: Collection[ScheduleEntry]) -> None:
        """Apply the program's defaults: add new entries, change those that were not edited, delete unknown ones."""
        self._connection.execute(
            delete(schedule_entries).where(_ENTRIES.name.not_in([entry.name for entry in defaults]))
        )
        stored = {entry.name: entry for entry in self.all()}
        for default in defaults:
            known = stored.get(default.name)
            if known is None:
                self._connection.execute(insert(schedule_entries).values(asdict(default)))
            elif not known.edited and (known.cron, known.task) != (default.cron, default.task):
                self._set(default.name, task=default.task, cron=default.cron, next_run_at=None)
            elif known.task != default.task:
                self._set(default.name, task=default.task)

    def edit(self, name: str, *, cron: str, enabled: bool, edited: bool, next_run_at: datetime | None) -> bool:
        """Change an entry; with `edited` False it follows the program's defaults again. False: no such entry."""
        return self._set(name, cron=cron, enabled=enabled, edited=edited, next_run_at=next_run_at)

    def plan(self, seen: ScheduleEntry, next_run_at: datetime | None) -> bool:
        """Set the next run. False, and no change, if another beat was faster or the entry was edited."""
        as_seen = (
            _ENTRIES.cron == seen.cron,
            _ENTRIES.enabled == seen.enabled,
            _ENTRIES.next_run_at.is_not_distinct_from(seen.next_run_at),
        )
        return self._set(seen.name, *as_seen, next_run_at=next_run_at)

    def record_run(self, name: str, task_id: str, at: datetime) -> None:
        self._set(name, last_run_at=at, last_task_id=task_id)

    def _set(self, name: str, *conditions: ColumnElement[bool], **values: object) -> bool:
        statement = update(schedule_entries).where(_ENTRIES.name == name, *conditions).values(values)
        return self._connection.execute(statement).rowcount == 1
