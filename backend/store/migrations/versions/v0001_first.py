"""The tables of the first version, repeated here because a migration must not change with `store.tables`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.store.dialects import search_index_of

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ACTIVE = sa.text("state IN ('PENDING', 'STARTED', 'RETRY')")
RANK = (
    "(CASE severity WHEN 'CRITICAL' THEN 5 WHEN 'HIGH' THEN 4 WHEN 'MEDIUM' THEN 3 WHEN 'LOW' THEN 2"
    " WHEN 'NONE' THEN 1 ELSE 0 END)"
)

# Long texts are stored compressed; a server built without LZ4 keeps its slower default method.
LONG_TEXT = """DO $$ BEGIN
    EXECUTE 'ALTER TABLE source_records ALTER COLUMN payload SET COMPRESSION lz4';
    EXECUTE 'ALTER TABLE vulnerability_details ALTER COLUMN body SET COMPRESSION lz4';
EXCEPTION WHEN feature_not_supported OR syntax_error THEN NULL;
END $$"""


def upgrade() -> None:
    op.create_table(
        "caches",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key"),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "schedule_entries",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("edited", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("last_run_at", INSTANT),
        sa.Column("last_task_id", sa.Text()),
        sa.Column("next_run_at", INSTANT),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "source_records",
        sa.Column("vulnerability_id", ID, nullable=False),
        sa.Column("feed", sa.String(length=16), nullable=False),
        sa.Column("key", ID, nullable=False),
        sa.Column("raw_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("modified_at", INSTANT),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("vulnerability_id", "feed", "key"),
    )
    op.create_index(
        "ix_source_records_key",
        "source_records",
        ["feed", "key"],
        sqlite_where=sa.text("feed = 'euvd'"),
        postgresql_where=sa.text("feed = 'euvd'"),
    )
    op.create_table(
        "source_states",
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("cursor", sa.LargeBinary()),
        sa.Column("watermark", INSTANT),
        sa.Column("last_attempt_at", INSTANT),
        sa.Column("last_success_at", INSTANT),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error_title", sa.Text()),
        sa.Column("error_message", sa.Text()),
        sa.Column("error_hint", sa.Text()),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "task_runs",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("queue", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("trigger", sa.String(length=16), nullable=False),
        sa.Column("exclusive", sa.String(length=32)),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("interruptions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("published_at", INSTANT),
        sa.Column("started_at", INSTANT),
        sa.Column("finished_at", INSTANT),
        sa.Column("worker", sa.Text()),
        sa.Column("progress", sa.Text()),
        sa.Column("result", sa.Text()),
        sa.Column("error_title", sa.Text()),
        sa.Column("error_message", sa.Text()),
        sa.Column("error_hint", sa.Text()),
        sa.Column("traceback", sa.Text()),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.create_index("ix_task_runs_queued", "task_runs", ["queued_at"])
    op.create_index(
        "ux_task_runs_exclusive",
        "task_runs",
        ["exclusive"],
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )
    op.create_table(
        "vulnerabilities",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("cve_id", ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("cvss_score", sa.Float()),
        sa.Column("cvss_version", sa.String(length=8)),
        sa.Column("cvss_vector", sa.Text()),
        sa.Column("published_at", INSTANT),
        sa.Column("modified_at", INSTANT),
        sa.Column("exploited_in_the_wild", sa.Boolean(), nullable=False),
        sa.Column("kev_date_added", sa.Date()),
        sa.Column("cisa_due_date", sa.Date()),
        sa.Column("known_ransomware", sa.Boolean()),
        sa.Column("eu_exploited", sa.Boolean(), nullable=False),
        sa.Column("ssvc_exploitation", sa.String(length=8), nullable=False),
        sa.Column("epss", sa.Float()),
        sa.Column("epss_percentile", sa.Float()),
        sa.Column("priority_score", sa.Float(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("cwe_ids", sa.Text(), nullable=False),
        sa.Column("vendors", sa.Text(), nullable=False),
        sa.Column("products", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cve_id"),
    )
    op.create_index(
        "ix_vulnerabilities_cvss_score",
        "vulnerabilities",
        ["cvss_score", "cve_id"],
        postgresql_include=["id"],
    )
    op.create_index("ix_vulnerabilities_epss", "vulnerabilities", ["epss", "cve_id"], postgresql_include=["id"])
    op.create_index(
        "ix_vulnerabilities_filter",
        "vulnerabilities",
        [
            "exploited_in_the_wild",
            "severity",
            "state",
            "cvss_score",
            "priority_score",
            "published_at",
            "modified_at",
            "sources",
        ],
        postgresql_include=["id"],
    )
    op.create_index(
        "ix_vulnerabilities_first_seen_at",
        "vulnerabilities",
        ["first_seen_at", "cve_id"],
        postgresql_include=["id"],
    )
    op.create_index(
        "ix_vulnerabilities_modified_at",
        "vulnerabilities",
        ["modified_at", "cve_id"],
        postgresql_include=["id"],
    )
    op.create_index(
        "ix_vulnerabilities_priority_score",
        "vulnerabilities",
        ["priority_score", "cve_id"],
        postgresql_include=["id"],
    )
    op.create_index(
        "ix_vulnerabilities_published_at",
        "vulnerabilities",
        ["published_at", "cve_id"],
        postgresql_include=["id"],
    )
    op.create_index(
        "ix_vulnerabilities_updated_at",
        "vulnerabilities",
        ["updated_at", "cve_id"],
        postgresql_include=["id"],
    )
    op.create_table(
        "vulnerability_changes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("cve_id", ID, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("old", sa.Text()),
        sa.Column("new", sa.Text()),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_vulnerability_changes", "vulnerability_changes", ["cve_id", "id"])
    op.create_table(
        "vulnerability_details",
        sa.Column("cve_id", ID, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("cve_id"),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.Float(), nullable=False),
        sa.Column("queues", sa.Text(), nullable=False),
        sa.Column("registered_tasks", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("heartbeat_at", INSTANT, nullable=False),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.Column("current_task_id", sa.Text()),
        sa.Column("current_task_name", sa.Text()),
        sa.Column("task_started_at", INSTANT),
        sa.Column("progress_at", INSTANT),
        sa.Column("tasks_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tasks_failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("memory_bytes", sa.BigInteger()),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index(
        "ix_vulnerabilities_severity", "vulnerabilities", [sa.text(RANK), "cve_id"], postgresql_include=["id"]
    )
    search_index_of(op.get_bind()).create(op.get_bind())
    if op.get_bind().dialect.name == "postgresql":
        op.execute(LONG_TEXT)
