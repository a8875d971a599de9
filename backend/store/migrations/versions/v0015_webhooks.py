"""Webhooks and what is still to be sent to them, and an identity of the database for the ids of the Atom feed."""

from __future__ import annotations

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from backend.store.migrations.versions.v0001_first import ID, INSTANT, NUMBER

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    facts = sa.table("facts", sa.column("name", sa.String), sa.column("value", sa.Text))
    op.bulk_insert(facts, [{"name": "database_id", "value": str(uuid4())}])
    op.create_table(
        "webhooks",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("batch_id", sa.String(40)),
        sa.Column("batch_body", sa.LargeBinary()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", INSTANT),
        sa.Column("retry_at", INSTANT),
        sa.Column("error", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("last_success_at", INSTANT),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "webhook_events",
        sa.Column("webhook", ID, sa.ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
        sa.Column("event", NUMBER, sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
        sa.Column("in_batch", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("webhook", "event"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_webhook_events_event", "webhook_events", ["event"])
