"""The index by which vendors are completed, and the products of one vendor are found."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("ix_products_vendor", "products", ["vendor_key"])
