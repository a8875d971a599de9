"""Claims in one row for each vulnerability, EPSS by year, and merged rows without what is merged when they are read.

The old tables stay under other names: `store.conversion` moves their rows into the new ones, page by page.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.store.dialects import search_index_of
from backend.store.migrations.versions.v0001_first import ID, INSTANT, NUMBER, RANK

revision = "0004"
down_revision = "0003"

COMPACT_INSTANT = INSTANT.with_variant(sa.BigInteger(), "sqlite")
OLD_TABLES = ("source_records", "vulnerabilities", "vulnerability_details")
OLD_INDEXES = (
    "ix_source_records_key",
    "ix_vulnerabilities_cvss_score",
    "ix_vulnerabilities_epss",
    "ix_vulnerabilities_filter",
    "ix_vulnerabilities_first_seen_at",
    "ix_vulnerabilities_modified_at",
    "ix_vulnerabilities_priority_score",
    "ix_vulnerabilities_published_at",
    "ix_vulnerabilities_severity",
    "ix_vulnerabilities_updated_at",
)
OLD_NAMES = ("vulnerabilities_pkey", "vulnerabilities_cve_id_key", "vulnerabilities_id_seq")
"""Of PostgreSQL's objects that belong to an old table and would have the same names for the new one."""


def upgrade() -> None:
    connection = op.get_bind()
    for index in OLD_INDEXES:
        op.execute(f"DROP INDEX IF EXISTS {index}")
    for table in ("search_vocabulary", "search_documents", "search_texts"):
        op.execute(f"DROP TABLE IF EXISTS {table}")
    if connection.execute(sa.text("SELECT 1 FROM source_records LIMIT 1")).first() is None:
        for table in OLD_TABLES:
            op.drop_table(table)
    else:
        for table in OLD_TABLES:
            op.rename_table(table, f"old_{table}")
        if connection.dialect.name == "postgresql":
            for name in OLD_NAMES:
                kind = "SEQUENCE" if name.endswith("_seq") else "INDEX"
                op.execute(f"ALTER {kind} {name} RENAME TO old_{name}")
    op.create_table(
        "vulnerability_claims",
        sa.Column("vulnerability_id", ID, nullable=False),
        sa.Column("heads", sa.LargeBinary(), nullable=False),
        sa.Column("claims", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("vulnerability_id"),
    )
    op.create_table(
        "euvd_keys",
        sa.Column("key", ID, nullable=False),
        sa.Column("vulnerability_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("key", "vulnerability_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "epss_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scores", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("year"),
    )
    op.create_table(
        "vulnerabilities",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("cve_id", ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("cvss_score", sa.Float()),
        sa.Column("cvss_version", sa.String(length=8)),
        sa.Column("published_at", COMPACT_INSTANT),
        sa.Column("modified_at", COMPACT_INSTANT),
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
        sa.Column("details_hash", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", COMPACT_INSTANT, nullable=False),
        sa.Column("updated_at", COMPACT_INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cve_id"),
    )
    for column in (
        "cvss_score",
        "epss",
        "first_seen_at",
        "modified_at",
        "priority_score",
        "published_at",
        "updated_at",
    ):
        op.create_index(
            f"ix_vulnerabilities_{column}", "vulnerabilities", [column, "cve_id"], postgresql_include=["id"]
        )
    op.create_index(
        "ix_vulnerabilities_severity", "vulnerabilities", [sa.text(RANK), "cve_id"], postgresql_include=["id"]
    )
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
    search_index_of(connection).create(connection)
