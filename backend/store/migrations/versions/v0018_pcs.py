"""Which PC sends to a webhook and which one sent an inventory, and which events are about what is watched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    for table, column in (("webhooks", "holder_id"), ("webhooks", "holder_name"), ("machines", "sent_by")):
        op.add_column(table, sa.Column(column, sa.Text(), nullable=False, server_default=""))
    op.add_column("events", sa.Column("is_watched", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE events SET is_watched = is_mine")  # until the next update determines it
