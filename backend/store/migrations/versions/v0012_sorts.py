"""Lists are filtered by more columns, and sorted by the due date and the beginnings of titles and names."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

FILTERED = (
    "exploited_in_the_wild, severity, state, cvss_score, priority_score, published_at, modified_at, sources, epss,"
    " kev_date_added, cisa_due_date, known_ransomware, first_seen_at, updated_at"
)
RANKED = ("title", "vendors", "products", "sources")


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    included = " INCLUDE (id)" if is_postgresql else ""
    collation = ' COLLATE "C"' if is_postgresql else ""
    op.execute("DROP INDEX IF EXISTS ix_vulnerabilities_filter")  # absent while a first load is under way
    op.execute(f"CREATE INDEX ix_vulnerabilities_filter ON vulnerabilities ({FILTERED}){included}")
    op.create_index(
        "ix_vulnerabilities_cisa_due_date", "vulnerabilities", ["cisa_due_date", "cve_id"], postgresql_include=["id"]
    )
    for name in RANKED:
        rank = f"(nullif(lower(substr({name}, 1, 40){collation}), ''))"
        op.execute(f"CREATE INDEX ix_vulnerabilities_{name} ON vulnerabilities ({rank}, cve_id){included}")
