"""Errors of runs and sources keep the id of what was wrong, so that one cause is said once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for table in ("source_states", "task_runs"):
        op.add_column(table, sa.Column("error_id", sa.Text()))
