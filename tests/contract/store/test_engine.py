"""Connections, transactions and errors, the same on both databases."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from backend.contract.errors import ConfigurationError, OpenThreatError, StoreTooNew, StoreUnavailable
from backend.store import migrations
from backend.store.dialects import postgresql
from backend.store.engine import Database
from backend.store.exposure_tables import findings
from backend.store.migrations.versions import v0001_first
from backend.store.repositories.metadata import MetadataRepository
from backend.store.tables import facts, severity_rank
from tests.servers import free_port

ELSEWHERE = "from backend.store.engine import Database; import sys; Database(sys.argv[1]).prepare()"

SCHEMA_QUERIES = {
    "sqlite": ("SELECT name, sql FROM sqlite_master ORDER BY name", "PRAGMA journal_mode"),
    "postgresql": (
        """SELECT table_name, column_name, data_type, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position""",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
    ),
}


def remember(database: Database, name: str, value: str) -> None:
    with database.transaction() as connection:
        MetadataRepository(connection).set(name, value)


def recall(database: Database, name: str) -> str | None:
    with database.reading() as connection:
        return MetadataRepository(connection).get(name)


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as connection:
            MetadataRepository(connection).set("a", "1")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert recall(database, "a") is None
    remember(database, "a", "2")
    assert recall(database, "a") == "2"


def test_readers_do_not_wait_for_a_writer_and_keep_their_view(database: Database) -> None:
    remember(database, "a", "old")
    with database.reading() as reader:
        assert MetadataRepository(reader).get("a") == "old"
        with database.transaction() as writer:
            MetadataRepository(writer).set("a", "new")
            assert recall(database, "a") == "old"
        assert MetadataRepository(reader).get("a") == "old"
    assert recall(database, "a") == "new"


def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"read-?only"), database.reading() as connection:
        connection.execute(facts.insert().values(name="a", value="1"))
    assert recall(database, "a") is None


def test_writers_wait_for_one_another(database: Database) -> None:
    remember(database, "n", "0")

    def count() -> None:
        for _ in range(20):
            with database.transaction() as connection:
                connection.execute(
                    text("UPDATE facts SET value = CAST(CAST(value AS INTEGER) + 1 AS VARCHAR) WHERE name = 'n'")
                )

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recall(database, "n") == "80"


def test_constraint_errors_stay_what_they_are(database: Database) -> None:
    remember(database, "a", "1")
    with pytest.raises(IntegrityError), database.transaction() as connection:
        connection.execute(facts.insert().values(name="a", value="2"))


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrations_end_at_the_tables_of_the_code(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": _is_compared, "include_object": _is_compared_object}
        )
        assert compare_metadata(context, findings.metadata) == []
    assert str(severity_rank) == v0001_first.RANK


def test_a_copied_database_is_what_the_migrations_make(database_url: str, empty_database_url: str) -> None:
    """Most tests begin with the copy of a template."""
    migrated = Database(empty_database_url)
    migrated.prepare()
    copied = Database(database_url)
    for database in (migrated, copied):  # each has an identity of its own
        remember(database, "database_id", "")
    assert everything_in(copied) == everything_in(migrated)
    copied.close()
    migrated.close()


@pytest.mark.parametrize("revision", migrations.REVISIONS[:-1])
def test_an_empty_database_of_an_older_version_is_brought_up_to_date(
    database: Database, empty_database_url: str, revision: str
) -> None:
    older = Database(empty_database_url)
    with older.transaction() as connection:
        migrations.upgrade(connection, revision)
    assert not older.is_prepared()
    older.prepare()
    assert older.is_prepared()
    assert tables_of(older) == tables_of(database)
    older.close()


def test_every_revision_is_named_once_and_in_order() -> None:
    folder = Path(migrations.__file__).parent / "versions"
    assert [path.name[1:5] for path in sorted(folder.glob("v*.py"))] == list(migrations.REVISIONS)


def test_preparing_again_does_nothing_and_needs_no_migration_tool(database_url: str) -> None:
    program = f"{ELSEWHERE}; assert 'alembic' not in sys.modules"
    subprocess.run([sys.executable, "-c", program, database_url], check=True)


def test_processes_that_prepare_at_once_do_not_disturb_each_other(empty_database_url: str) -> None:
    starting = [subprocess.Popen([sys.executable, "-c", ELSEWHERE, empty_database_url]) for _ in range(4)]
    assert [process.wait(120) for process in starting] == [0] * 4
    database = Database(empty_database_url)
    remember(database, "a", "1")
    database.close()


def test_a_database_of_a_newer_version_is_refused(database: Database, database_url: str) -> None:
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTooNew, match="9999"):
        Database(database_url).prepare()
    with pytest.raises(StoreTooNew), database.transaction() as connection:
        migrations.upgrade(connection)


@pytest.mark.parametrize("url", ["mysql://user:secret@host/name", "not an address", "postgresql://h:port/x"])
def test_an_address_that_is_none_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Database(url)
    assert "secret" not in _all_messages(refused.value)


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    port = free_port()
    database = Database(f"postgresql://someone:s3cret@127.0.0.1:{port}/name")
    with pytest.raises(StoreUnavailable) as refused:
        database.prepare()
    messages = _all_messages(refused.value)
    assert f"127.0.0.1:{port}" in messages
    assert "s3cret" not in messages


def test_a_connection_that_the_server_closed_is_told_and_replaced(postgres_url: str) -> None:
    database = Database(postgres_url)
    database.prepare()

    def lose_the_connection() -> None:
        with database.transaction() as connection:
            own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with Database(postgres_url).transaction() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
            MetadataRepository(connection).get("a")

    with pytest.raises(StoreUnavailable):
        lose_the_connection()
    assert recall(database, "a") is None
    database.close()


def test_a_writer_that_is_silent_is_ended_by_the_server_and_a_reader_is_not(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = Database(postgres_url)
    prepared.prepare()
    prepared.close()
    monkeypatch.setattr(postgresql, "_SESSION", "SET idle_in_transaction_session_timeout = '1s'")
    database = Database(postgres_url)

    def vanish() -> None:
        with database.transaction() as connection:
            MetadataRepository(connection).set("a", "1")
            time.sleep(2.5)
            MetadataRepository(connection).set("b", "1")

    with database.reading() as reader:
        reader.execute(text("SELECT 1"))
        with pytest.raises(StoreUnavailable):
            vanish()
        reader.execute(text("SELECT 1"))
    remember(database, "a", "2")
    assert recall(database, "a") == "2", "what it had locked is free, and the connection was replaced"
    database.close()


def test_the_driver_need_not_be_named(postgres_url: str) -> None:
    bare = make_url(postgres_url).set(drivername="postgresql")
    database = Database(bare.render_as_string(hide_password=False))
    with database.reading() as connection:
        assert connection.dialect.driver == "psycopg2"
    database.close()


def tables_of(database: Database) -> dict[str, list[str]]:
    with database.reading() as connection:
        found = inspect(connection)
        return {name: sorted(column["name"] for column in found.get_columns(name)) for name in found.get_table_names()}


def everything_in(database: Database) -> list[object]:
    """Tables, columns and indexes as the database reports them, and the rows of all tables."""
    with database.reading() as connection:
        words = [connection.execute(text(query)).all() for query in SCHEMA_QUERIES[connection.dialect.name]]
        names = sorted(inspect(connection).get_table_names())
        rows = [
            (name, connection.execute(text(f'SELECT * FROM "{name}"')).all())
            for name in names
            if not name.startswith("search_")  # a contentless index cannot be read
        ]
    return [*words, *rows]


def _all_messages(error: OpenThreatError) -> str:
    return f"{error.title} {error.message} {error.hint} {error!r}"


def _is_compared(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the search index (made by the dialects) and expressions (reported differently by each database)."""
    return not (kind == "table" and str(name).startswith("search_")) and name != "ix_vulnerabilities_severity"


def _is_compared_object(_object: object, name: str | None, kind: str, _reflected: object, _other: object) -> bool:
    return _is_compared(name, kind, None)
