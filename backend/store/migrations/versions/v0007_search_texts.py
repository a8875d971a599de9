"""PostgreSQL's search documents as text: the index makes their lexemes, and a stored tsvector takes a third more."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

IS_TSVECTOR = (
    "SELECT atttypid = 'tsvector'::regtype FROM pg_attribute"
    " WHERE attrelid = to_regclass('search_documents') AND attname = 'words'"
)


def upgrade() -> None:
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
