"""Products and the statements about them, which the rebuild of the next update derives from the claims."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.store.migrations.versions.v0001_first import ID, NUMBER

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("vendor_key", ID, nullable=False),
        sa.Column("product_key", ID, nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_products", "products", ["product_key", "vendor_key"], unique=True)
    op.create_table(
        "product_forms",
        sa.Column("form", ID, nullable=False),
        sa.Column("product_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("form", "product_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "product_statements",
        sa.Column("product_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("vulnerability", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("statements", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "vulnerability"),
        sqlite_with_rowid=False,
    )
