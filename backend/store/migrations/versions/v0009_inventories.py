"""Machines, what is installed on them, and the findings that follow from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.store.migrations.versions.v0001_first import ID, INSTANT, NUMBER

revision = "0009"
down_revision = "0008"


def _count(name: str, default: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=default)


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "machines",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("os", sa.Text()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "programs",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_system", sa.Boolean(), nullable=False),
        sa.Column("product", sa.Text()),
        sa.Column("resolution", sa.Text()),
        sa.Column("is_certain", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        _count("products_seen", "0"),
        _count("wanted", "1"),
        _count("matched", "0"),
        sa.Column("claimed_by", sa.Text()),
        _count("not_affected", "0"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "program_products",
        sa.Column("product_key", ID, nullable=False),
        sa.Column("vendor_key", ID, nullable=False),
        _key("program_id"),
        sa.PrimaryKeyConstraint("product_key", "vendor_key", "program_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_program_products_program", "program_products", ["program_id"])
    op.create_table(
        "program_matches",
        _key("program_id"),
        sa.Column("cve_id", ID, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fixed_in", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "cve_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "machine_programs",
        _key("machine"),
        _key("program_id"),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("machine", "program_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_machine_programs_program", "machine_programs", ["program_id"])
    op.create_table(
        "findings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("machine", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.Integer(), nullable=False),
        sa.Column("cve_id", ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("until", INSTANT),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("resolved_at", INSTANT),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_findings", "findings", ["program_id", "cve_id", "machine"], unique=True)
    op.create_index("ix_findings_machine", "findings", ["machine"])
    op.create_index("ix_findings_cve_id", "findings", ["cve_id"])
    op.create_table(
        "finding_history",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_finding_history", "finding_history", ["finding_id"])
    op.create_table(
        "product_decisions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", "publisher"),
    )
