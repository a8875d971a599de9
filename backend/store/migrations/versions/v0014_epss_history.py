"""The course of EPSS scores of what concerns the users."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.store.migrations.versions.v0001_first import ID

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "epss_history",
        sa.Column("cve_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("epss", sa.Float(), nullable=False),
        sa.Column("percentile", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("cve_id", "day"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_epss_history_day", "epss_history", ["day"])
