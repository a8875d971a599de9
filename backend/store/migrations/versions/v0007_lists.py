"""Indexes for lists without rejected ones and by the day of KEV's listing; PostgreSQL's search documents as text.

The index makes the lexemes of the texts, and a stored tsvector takes a third more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

IS_TSVECTOR = (
    "SELECT atttypid = 'tsvector'::regtype FROM pg_attribute"
    " WHERE attrelid = to_regclass('search_documents') AND attname = 'words'"
)


def upgrade() -> None:
    is_rejected = sa.text("state = 'REJECTED'")
    op.create_index(
        "ix_vulnerabilities_rejected",
        "vulnerabilities",
        ["id"],
        sqlite_where=is_rejected,
        postgresql_where=is_rejected,
    )
    op.create_index(
        "ix_vulnerabilities_kev_date_added",
        "vulnerabilities",
        ["kev_date_added", "cve_id"],
        postgresql_include=["id"],
    )
    connection = op.get_bind()
    if connection.dialect.name != "postgresql" or not connection.exec_driver_sql(IS_TSVECTOR).scalar():
        return  # a new database has the present form since its first revision
    op.execute("DROP INDEX IF EXISTS ix_search_documents_words")
    op.execute(
        "ALTER TABLE search_documents ALTER words TYPE text USING array_to_string(tsvector_to_array(words), ' ')"
    )
    op.execute(
        "CREATE INDEX ix_search_documents_words ON search_documents"
        " USING gin (array_to_tsvector(string_to_array(words, ' '))) WITH (gin_pending_list_limit = '512')"
    )
