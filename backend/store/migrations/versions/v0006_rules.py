"""Tags of the CNA, NVD's status, the model of EPSS's scores, and an index by which ids sort as numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"

ID_RANK = "(substr(cve_id, 1, 9) || substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ', length(cve_id) - 9, 1))"


def upgrade() -> None:
    empty = sa.text("''")
    op.add_column("vulnerabilities", sa.Column("tags", sa.Text(), nullable=False, server_default=empty))
    op.add_column("vulnerabilities", sa.Column("nvd_status", sa.String(32), nullable=False, server_default=empty))
    op.add_column("source_states", sa.Column("model", sa.Text()))
    op.add_column("source_states", sa.Column("model_since", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_vulnerabilities_cve_id", "vulnerabilities", [sa.text(ID_RANK), "cve_id"], postgresql_include=["id"]
    )
