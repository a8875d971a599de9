"""The events of the Inbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.store.migrations.versions.v0001_first import ID, INSTANT, NUMBER

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("cve_id", ID, nullable=False),
        sa.Column("machine", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("moment", sa.String(length=32), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("epss_before", sa.Float()),
        sa.Column("epss_after", sa.Float()),
        sa.Column("is_mine", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("read_at", INSTANT),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_events", "events", ["cve_id", "kind", "machine", "moment"], unique=True)
    events = sa.table("events", sa.column("read_at", INSTANT), sa.column("is_mine", sa.Boolean()))
    unread_and_mine = events.c.read_at.is_(None) & events.c.is_mine
    op.create_index(
        "ix_events_unread",
        "events",
        ["cve_id", "kind"],
        sqlite_where=unread_and_mine,
        postgresql_where=unread_and_mine,
    )
