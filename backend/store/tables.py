"""The tables of vulnerabilities and of the program's work; those of exposure are in `store.exposure_tables`.

They are the same on SQLite and PostgreSQL; differences are in `store.dialects`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

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
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from backend.domain.canonical import RANKED

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine


_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: timestamptz on PostgreSQL, on SQLite UTC text that sorts by time. Naive values are rejected."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without time zone is not an instant")
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CompactInstant(TypeDecorator[datetime]):
    """An instant in many rows and indexes: timestamptz on PostgreSQL, microseconds since 1970 on SQLite.

    SQLite's text takes 26 bytes in the row and again in each index.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without time zone is not an instant")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: datetime | int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if isinstance(value, int):
            return _EPOCH + value * _MICROSECOND
        return value and value.astimezone(UTC)


class Lines(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings stored as lines of one text, readable in any database tool. No string contains a newline."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:  # noqa: ARG002
        return "\n".join(value or ())

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:  # noqa: ARG002
        return tuple(value.split("\n")) if value else ()


metadata = MetaData()
Identity = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER is auto-incremented on SQLite
Id = Text().with_variant(Text(collation="C"), "postgresql")  # compared byte by byte, whatever the server's locale

access_tokens = Table(  # of the API; a token's text is not stored
    "access_tokens",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", String(16), nullable=False),  # contract.access.AccessRole
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by_user", Text, nullable=False),
    Column("created_by_machine", Text, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("last_used_from", Text, nullable=False),
)

vulnerability_claims = Table(
    "vulnerability_claims",
    metadata,
    Column("vulnerability_id", Id, primary_key=True),
    Column("heads", LargeBinary, nullable=False),  # identity and hash of each record; see repositories.source_records
    Column("claims", LargeBinary, nullable=False),  # their claims in the same order, compressed
)

euvd_keys = Table(  # the CVE ids of EUVD's records are known only after parsing: here they are found by their own id
    "euvd_keys",
    metadata,
    Column("key", Id, primary_key=True),
    Column("vulnerability_id", Id, primary_key=True),
    sqlite_with_rowid=False,
)

epss_years = Table(
    "epss_years",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),  # of the CVE ids
    Column("scores", LargeBinary, nullable=False),  # see repositories.epss
)

epss_history = Table(  # of what concerns the users; at most one score a day
    "epss_history",
    metadata,
    Column("cve_id", Id, primary_key=True),
    Column("day", Date, primary_key=True),  # of FIRST's table
    Column("epss", Float, nullable=False),
    Column("percentile", Float, nullable=False),
    Index("ix_epss_history_day", "day"),
    sqlite_with_rowid=False,
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
    Column("published_at", CompactInstant),
    Column("modified_at", CompactInstant),
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
    Column("tags", Lines, nullable=False, server_default=text("''")),
    Column("nvd_status", String(32), nullable=False, server_default=text("''")),
    Column("title", Text, nullable=False),
    Column("details_hash", BigInteger, nullable=False),  # of all fields that are merged when a record is read
    Column("first_seen_at", CompactInstant, nullable=False),
    Column("updated_at", CompactInstant, nullable=False),
)

severity_rank: ColumnElement[int] = literal_column(
    "(CASE severity WHEN 'CRITICAL' THEN 5 WHEN 'HIGH' THEN 4 WHEN 'MEDIUM' THEN 3 WHEN 'LOW' THEN 2"
    " WHEN 'NONE' THEN 1 ELSE 0 END)",
    Integer,
)  # literal, because an index on an expression is used only for exactly that expression

id_rank: ColumnElement[str] = literal_column(
    "(substr(cve_id, 1, 9) || substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ', length(cve_id) - 9, 1))", Text
)
"""Kind and year of an id and the length of its number: with it, ids sort by number (see domain.canonical.id_rank)."""


class TextRank(FunctionElement[str]):
    """The beginning of a text in lower case (ASCII), by which lists are sorted byte by byte; null: the text is empty.

    Whole titles would make their index as large as all other sort indexes together. The rank is computed in Python by
    `domain.canonical.text_rank`.
    """

    type = Id
    inherit_cache = True


@compiles(TextRank)
def _sql_of_text_rank(element: TextRank, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    collation = ' COLLATE "C"' if compiler.dialect.name == "postgresql" else ""
    return f"(nullif(lower(substr({compiler.process(column, **options)}, 1, {RANKED}){collation}), ''))"


text_ranks: dict[str, ColumnElement[str]] = {
    name: TextRank(type_coerce(vulnerabilities.c[name], Text)) for name in ("title", "vendors", "products", "sources")
}
filter_index = Index(
    "ix_vulnerabilities_filter",  # covers filters and statistics, so that no table row is read for them
    vulnerabilities.c.exploited_in_the_wild,
    vulnerabilities.c.severity,
    vulnerabilities.c.state,
    vulnerabilities.c.cvss_score,
    vulnerabilities.c.priority_score,
    vulnerabilities.c.published_at,
    vulnerabilities.c.modified_at,
    vulnerabilities.c.sources,
    vulnerabilities.c.epss,
    vulnerabilities.c.kev_date_added,
    vulnerabilities.c.cisa_due_date,
    vulnerabilities.c.known_ransomware,
    vulnerabilities.c.first_seen_at,
    vulnerabilities.c.updated_at,
    postgresql_include=["id"],  # SQLite's indexes contain the rowid anyway
)
sort_indexes = {
    name: Index(f"ix_vulnerabilities_{name}", expression, vulnerabilities.c.cve_id, postgresql_include=["id"])
    for name, expression in {
        "cve_id": id_rank,
        "published_at": vulnerabilities.c.published_at,
        "modified_at": vulnerabilities.c.modified_at,
        "cvss_score": vulnerabilities.c.cvss_score,
        "priority_score": vulnerabilities.c.priority_score,
        "epss": vulnerabilities.c.epss,
        "kev_date_added": vulnerabilities.c.kev_date_added,
        "cisa_due_date": vulnerabilities.c.cisa_due_date,
        "severity": severity_rank,
        "first_seen_at": vulnerabilities.c.first_seen_at,
        "updated_at": vulnerabilities.c.updated_at,
        **text_ranks,
    }.items()
}
is_rejected = vulnerabilities.c.state == literal_column("'REJECTED'")
"""Literal, so that the index of the rejected ones is used. Lists leave them out, and they are few."""

rejected_index = Index(
    "ix_vulnerabilities_rejected", vulnerabilities.c.id, sqlite_where=is_rejected, postgresql_where=is_rejected
)
secondary_indexes = (filter_index, *sort_indexes.values())
"""Dropped before a first load and built at its end."""

vulnerability_changes = Table(
    "vulnerability_changes",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("cve_id", Id, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("field", String(32), nullable=False),
    Column("old", Text),  # JSON
    Column("new", Text),  # JSON
    Column("source", String(16), nullable=False),  # whose record caused the change
    Column("run_id", Text),
)
Index("ix_vulnerability_changes", vulnerability_changes.c.cve_id, vulnerability_changes.c.id)
# A small partial index: the desktop queries newly exploited vulnerabilities with every snapshot.
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
    Column("cursor", LargeBinary),  # opaque to all but the connector, JSON
    Column("watermark", UtcDateTime),  # everything up to this time of the source's own clock is stored
    Column("model", Text),  # the version of the model that computed all values of the source (EPSS)
    Column("model_since", UtcDateTime),  # by the source's own clock
    Column("last_attempt_at", UtcDateTime),
    Column("last_success_at", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default="0"),  # consecutive
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
    Column("exclusive", String(32)),  # runs with the same key are never active together
    Column("attempt", Integer, nullable=False, server_default="0"),  # fences off a worker that was declared dead
    Column("interruptions", Integer, nullable=False, server_default="0"),
    Column("cancel_requested", Boolean, nullable=False, server_default=text("false")),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),  # published to the broker; null: not yet
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
    Column("process_started", Float, nullable=False),  # the process's start time, to detect a reused pid
    Column("queues", Lines, nullable=False),
    Column("registered_tasks", Lines, nullable=False),
    Column("version", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("heartbeat_at", UtcDateTime, nullable=False),
    Column("beats", BigInteger, nullable=False),  # number of heartbeats: compared for change, never with a clock
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
    Column("edited", Boolean, nullable=False, server_default=text("false")),  # by a user: defaults do not overwrite it
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

bundle_parts = Table(  # of a bundle that is to be loaded, see repositories.bundles
    "bundle_parts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(32), primary_key=True),  # "merge_version", "rebuild_after", "data_version", ...
    Column("value", Text, nullable=False),
)
