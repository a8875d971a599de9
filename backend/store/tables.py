"""Every table of the database, the same on SQLite and PostgreSQL; what differs lives in `store.dialects`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    literal_column,
    text,
)
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: timestamptz on PostgreSQL, on SQLite text in UTC that sorts as it counts. Naive ones are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime names no instant")
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Lines(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings as one text, a line each: readable in any database tool. The strings hold no newline."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:  # noqa: ARG002
        return "\n".join(value or ())

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:  # noqa: ARG002
        return tuple(value.split("\n")) if value else ()


metadata = MetaData()
Identity = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts by itself on SQLite
Id = Text().with_variant(Text(collation="C"), "postgresql")  # compared byte by byte, whatever the server's language

source_records = Table(
    "source_records",
    metadata,
    Column("vulnerability_id", Id, primary_key=True),
    Column("feed", String(16), primary_key=True),  # domain.claims.Feed
    Column("key", Id, primary_key=True),  # the source's own id
    Column("raw_hash", LargeBinary(16), nullable=False),  # of the record as it came, salted with the parser's version
    Column("modified_at", UtcDateTime),  # the claim's, to compare with deltas without decoding
    Column("payload", Text, nullable=False),  # domain.claims.Claim as JSON
)
# EUVD's records tell the CVE ids they speak of only inside: they are looked up by their own id.
Index(
    "ix_source_records_key",
    source_records.c.feed,
    source_records.c.key,
    sqlite_where=source_records.c.feed == "euvd",
    postgresql_where=source_records.c.feed == "euvd",
)

vulnerabilities = Table(
    "vulnerabilities",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("cve_id", Id, nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("cvss_score", Float),
    Column("cvss_version", String(8)),
    Column("cvss_vector", Text),
    Column("published_at", UtcDateTime),
    Column("modified_at", UtcDateTime),
    Column("exploited_in_the_wild", Boolean, nullable=False),
    Column("kev_date_added", Date),
    Column("cisa_due_date", Date),
    Column("known_ransomware", Boolean),
    Column("eu_exploited", Boolean, nullable=False),
    Column("ssvc_exploitation", String(8), nullable=False),
    Column("epss", Float),
    Column("epss_percentile", Float),
    Column("priority_score", Float, nullable=False),
    Column("sources", Lines, nullable=False),
    Column("cwe_ids", Lines, nullable=False),
    Column("vendors", Lines, nullable=False),
    Column("products", Lines, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

severity_rank: ColumnElement[int] = literal_column(
    "(CASE severity WHEN 'CRITICAL' THEN 5 WHEN 'HIGH' THEN 4 WHEN 'MEDIUM' THEN 3 WHEN 'LOW' THEN 2"
    " WHEN 'NONE' THEN 1 ELSE 0 END)",
    Integer,
)  # written out, because an index on an expression serves only the very same expression

filter_index = Index(
    "ix_vulnerabilities_filter",  # all that lists are filtered and figures computed by: no row need be read for that
    vulnerabilities.c.exploited_in_the_wild,
    vulnerabilities.c.severity,
    vulnerabilities.c.state,
    vulnerabilities.c.cvss_score,
    vulnerabilities.c.priority_score,
    vulnerabilities.c.published_at,
    vulnerabilities.c.modified_at,
    vulnerabilities.c.sources,
    postgresql_include=["id"],  # which SQLite's indexes hold by themselves
)
sort_indexes = {
    name: Index(f"ix_vulnerabilities_{name}", expression, vulnerabilities.c.cve_id, postgresql_include=["id"])
    for name, expression in {
        "published_at": vulnerabilities.c.published_at,
        "modified_at": vulnerabilities.c.modified_at,
        "cvss_score": vulnerabilities.c.cvss_score,
        "priority_score": vulnerabilities.c.priority_score,
        "epss": vulnerabilities.c.epss,
        "severity": severity_rank,
        "first_seen_at": vulnerabilities.c.first_seen_at,
        "updated_at": vulnerabilities.c.updated_at,
    }.items()
}
secondary_indexes = (filter_index, *sort_indexes.values())
"""Dropped for a first load and built at its end."""

vulnerability_details = Table(
    "vulnerability_details",
    metadata,
    Column("cve_id", Id, primary_key=True),
    Column("body", Text, nullable=False),  # domain.vulnerability.Details as JSON
)

vulnerability_changes = Table(
    "vulnerability_changes",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("cve_id", Id, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("field", String(32), nullable=False),
    Column("old", Text),  # JSON
    Column("new", Text),  # JSON
    Column("source", String(16), nullable=False),  # whose record brought the change
    Column("run_id", Text),
)
Index("ix_vulnerability_changes", vulnerability_changes.c.cve_id, vulnerability_changes.c.id)
# Few of all changes: what became known as exploited is asked for every time the desktop looks.
became_exploited = vulnerability_changes.c.field == literal_column("'exploited_in_the_wild'")
Index(
    "ix_vulnerability_changes_exploited",
    vulnerability_changes.c.changed_at,
    vulnerability_changes.c.cve_id,
    vulnerability_changes.c.new,
    sqlite_where=became_exploited,
    postgresql_where=became_exploited,
)

source_states = Table(
    "source_states",
    metadata,
    Column("source", String(16), primary_key=True),
    Column("cursor", LargeBinary),  # the connector's own, JSON
    Column("watermark", UtcDateTime),  # everything up to this moment of the source's own clock is here
    Column("last_attempt_at", UtcDateTime),
    Column("last_success_at", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("error_title", Text),
    Column("error_message", Text),
    Column("error_hint", Text),
    Column("error_id", Text),  # contract.problems.ProblemId
)

task_runs = Table(
    "task_runs",
    metadata,
    Column("task_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("queue", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # contract.names.RunState
    Column("trigger", String(16), nullable=False),
    Column("exclusive", String(32)),  # runs with the same word here are never active together
    Column("attempt", Integer, nullable=False, server_default="0"),  # fences a worker that was declared dead
    Column("interruptions", Integer, nullable=False, server_default="0"),
    Column("cancel_requested", Boolean, nullable=False, server_default=text("false")),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),  # handed to the broker; null: still to be done
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("worker", Text),  # workers.name
    Column("progress", Text),  # contract.tasks.Progress as JSON
    Column("result", Text),  # JSON
    Column("error_title", Text),
    Column("error_message", Text),
    Column("error_hint", Text),
    Column("traceback", Text),
    Column("error_id", Text),  # contract.problems.ProblemId
)
active = task_runs.c.state.in_(["PENDING", "STARTED", "RETRY"])
Index("ux_task_runs_exclusive", task_runs.c.exclusive, unique=True, sqlite_where=active, postgresql_where=active)
Index("ix_task_runs_queued", task_runs.c.queued_at)

workers = Table(
    "workers",
    metadata,
    Column("name", Text, primary_key=True),  # "slow@host:pid"; a process is one row
    Column("role", String(16), nullable=False),  # worker or beat
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process_started", Float, nullable=False),  # the system's start time of the pid: tells a reused pid
    Column("queues", Lines, nullable=False),
    Column("registered_tasks", Lines, nullable=False),
    Column("version", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("heartbeat_at", UtcDateTime, nullable=False),
    Column("beats", BigInteger, nullable=False),  # counts heartbeats: compared for change, never with a clock
    Column("current_task_id", Text),
    Column("current_task_name", Text),
    Column("task_started_at", UtcDateTime),
    Column("progress_at", UtcDateTime),
    Column("tasks_done", Integer, nullable=False, server_default="0"),
    Column("tasks_failed", Integer, nullable=False, server_default="0"),
    Column("memory_bytes", BigInteger),
)

schedule_entries = Table(
    "schedule_entries",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("task", Text, nullable=False),
    Column("cron", Text, nullable=False),  # five fields, read in the machine's own time zone
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    Column("edited", Boolean, nullable=False, server_default=text("false")),  # the user's line outlives a new default
    Column("last_run_at", UtcDateTime),
    Column("last_task_id", Text),
    Column("next_run_at", UtcDateTime),
)

caches = Table(
    "caches",
    metadata,
    Column("kind", String(16), primary_key=True),  # "search" or "stats"
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("created_at", UtcDateTime, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(32), primary_key=True),  # "merge_version", "rebuild_after", "data_version", ...
    Column("value", Text, nullable=False),
)
