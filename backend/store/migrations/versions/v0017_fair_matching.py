"""Matching of many machines: whose turn a program is, and why findings end that are still open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("programs", sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("programs", sa.Column("endings", sa.Text()))
