"""Events in the database: each is there once, and counting the unread ones reads no other row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, event, text, update

from backend.contract.inbox import EventKind, InboxCounts, InboxScope
from backend.store import migrations
from backend.store.engine import Database
from backend.store.exposure_tables import events
from backend.store.repositories.events import EventRepository, InboxQuery, NewEvent
from backend.store.repositories.inventories import InventoryRepository
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.tables import vulnerabilities
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
FLAW = "CVE-2026-1"


def new(kind: EventKind = EventKind.EXPLOITED, cve_id: str = FLAW, moment: str = "1", **more: object) -> NewEvent:
    return NewEvent(kind, cve_id, moment, NOW, **more)


def test_an_event_is_written_once_and_stays_as_it_was(database: Database) -> None:
    with database.transaction() as connection:
        stored = EventRepository(connection)
        stored.add([new(), new(), new(moment="2"), new(EventKind.CRITICAL), new(machine=7), new(cve_id="CVE-2026-2")])
        (first,) = (row for row in stored.page(InboxQuery(InboxScope.EVERYTHING, "", page_size=1, page=5))[0])
        stored.mark([first.id], NOW)
    with database.transaction() as connection:
        EventRepository(connection).add([new(reason="Another reason")])
        rows, totals = EventRepository(connection).page(InboxQuery(InboxScope.EVERYTHING, ""))
    assert (totals.events, totals.unread_events) == (5, 4)
    assert (rows[-1].happened_at, rows[-1].reason, rows[-1].read_at) == (NOW, "", NOW)


@pytest.fixture
def large(database: Database) -> Database:
    """100,000 vulnerabilities and 20,000 unread events, of which 30 are of what is watched."""
    with database.transaction() as connection:
        IngestRepository(connection).drop_secondary_indexes()  # only to write the rows quickly
        put_vulnerabilities(connection, [(vulnerability("CVE-1999-0", exploited_in_the_wild=True), 0.5)], NOW)
        columns = ", ".join(column.name for column in vulnerabilities.c if column.name not in ("id", "cve_id"))
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
        many = f"{numbers} SELECT 'CVE-1999-' || n.i, {columns} FROM n, vulnerabilities"
        connection.execute(text(f"INSERT INTO vulnerabilities (cve_id, {columns}) {many}"))
        EventRepository(connection).add([new(cve_id=f"CVE-1999-{number}") for number in range(1, 20_001)])
        connection.execute(update(events).where(events.c.id <= 30).values(is_mine=True, is_watched=True))
    with database.transaction() as connection:
        connection.execute(text("ANALYZE"))
    return database


def plan(connection: Connection, statement: str, parameters: object) -> str:
    explain = "EXPLAIN " if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    return "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))


def test_the_counts_read_only_what_they_count(large: Database) -> None:
    sent: list[tuple[str, object]] = []
    with large.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda *call: sent.append(call[2:4]))
        assert EventRepository(connection).counts("") == InboxCounts(unread=30, unread_exploited=30)
        found = plan(connection, *sent[-1])
    assert "ix_events_unread" in found
    assert "SCAN vulnerabilities" not in found, "SQLite"
    assert "Seq Scan on vulnerabilities" not in found, "PostgreSQL"
    assert "Seq Scan on events" not in found, "PostgreSQL"


def test_what_concerned_before_there_were_pcs_concerns_each_until_it_is_determined(empty_database_url: str) -> None:
    older = Database(empty_database_url)
    with older.transaction() as connection:
        migrations.upgrade(connection, "0017")
        columns = "kind, cve_id, moment, happened_at, is_mine"
        event_row = f"INSERT INTO events ({columns}) VALUES ('exploited', :id, '1', :now, :mine)"
        for number, is_mine in ((1, True), (2, False)):
            values = {"id": f"CVE-2026-{number}", "now": NOW.isoformat(), "mine": is_mine}
            connection.execute(text(event_row), values)
        columns = 'id, name, "user", digest, first_seen_at, last_seen_at'
        machine_row = f"INSERT INTO machines ({columns}) VALUES ('pc', 'PC', 'me', :digest, :now, :now)"
        connection.execute(text(machine_row), {"digest": b"0", "now": NOW.isoformat()})
    older.prepare()
    with older.reading() as connection:
        stored = EventRepository(connection)
        assert stored.counts("any") == InboxCounts(unread=1)
        (found,) = InventoryRepository(connection).machines()
        assert found.sent_by == ""
    older.close()
