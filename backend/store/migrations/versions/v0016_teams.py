"""Tokens of the API, and who triaged a finding or decided on a product."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.store.migrations.versions.v0001_first import INSTANT, NUMBER

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by_user", sa.Text(), nullable=False),
        sa.Column("created_by_machine", sa.Text(), nullable=False),
        sa.Column("last_used_at", INSTANT),
        sa.Column("last_used_from", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("name"),
    )
    for table in ("finding_history", "product_decisions"):
        for column in ("by_user", "by_machine"):
            op.add_column(table, sa.Column(column, sa.Text(), nullable=False, server_default=""))
