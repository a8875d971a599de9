"""A database that programs of other versions use: an error is raised, and nothing is read or written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from backend.contract.errors import OpenThreatError, StoreTooNew, StoreTooOld, StoreUnavailable
from backend.contract.names import Role
from backend.contract.problem_catalogue import ProblemId
from backend.contract.wire import utc_now
from backend.store import migrations
from backend.store.engine import Database
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.workers import IN_USE
from backend.store.tables import workers
from backend.system.machine import host_name

OLDER = migrations.REVISIONS[-2]
ELSEWHERE = "another-pc"


@pytest.fixture
def older(empty_database_url: str) -> Iterator[Database]:
    """A database of the version before."""
    made = Database(empty_database_url)
    with made.transaction() as connection:
        migrations.upgrade(connection, OLDER)
    yield made
    made.close()


def put_worker(database: Database, host: str, age: timedelta = timedelta()) -> None:
    now = utc_now()
    values = {"name": f"slow@{host}:7", "role": Role.WORKER, "host": host, "pid": 7, "process_started": 1.0}
    values |= {"queues": (), "registered_tasks": (), "version": "0", "started_at": now, "heartbeat_at": now - age}
    with database.transaction() as connection:
        connection.execute(insert(workers).values(beats=1, tasks_done=0, tasks_failed=0, **values))


def revision(database: Database) -> str:
    with database._readers.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def set_revision(database: Database, wanted: str) -> None:
    with database._writers.connect() as connection, connection.begin():
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{wanted}'"))


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.servers)], indirect=True)
def test_a_newer_program_waits_while_older_ones_work_elsewhere(older: Database, empty_database_url: str) -> None:
    put_worker(older, ELSEWHERE)
    newer = Database(empty_database_url)
    with pytest.raises(StoreTooOld, match=ELSEWHERE) as refused:
        newer.prepare()
    assert refused.value.problem.id is ProblemId.DATABASE_OLDER
    assert isinstance(refused.value, StoreUnavailable), "whoever waits for a database waits for this one too"
    assert revision(newer) == OLDER
    for use in (newer.reading, newer.transaction):
        with pytest.raises(StoreTooOld), use():
            pass
    newer.close()


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.servers)], indirect=True)
def test_it_brings_the_database_up_to_date_once_they_have_stopped(older: Database, empty_database_url: str) -> None:
    put_worker(older, ELSEWHERE)
    newer = Database(empty_database_url)
    with pytest.raises(StoreTooOld):
        newer.prepare()
    with older.transaction() as connection:
        connection.execute(workers.delete())
    newer.prepare()
    assert revision(newer) == migrations.HEAD
    with newer.transaction() as connection:
        MetadataRepository(connection).set("written", "yes")
    newer.close()


@pytest.mark.parametrize(
    ("host", "age"),
    [(host_name(), timedelta()), (ELSEWHERE, IN_USE + timedelta(minutes=1))],
    ids=["of this PC", "that has ended"],
)
def test_a_process_that_does_not_count_does_not_delay_it(older: Database, host: str, age: timedelta) -> None:
    put_worker(older, host, age)
    older.prepare()
    assert revision(older) == migrations.HEAD


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_file_is_the_database_of_one_pc_whatever_it_was_called(older: Database) -> None:
    put_worker(older, ELSEWHERE)
    older.prepare()
    assert revision(older) == migrations.HEAD


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


def test_a_running_older_program_touches_nothing_after_the_upgrade_by_another(database: Database) -> None:
    database.prepare()
    set_revision(database, "9999")
    with pytest.raises(StoreTooNew) as refused:
        database.check_schema()
    assert refused.value.problem.id is ProblemId.DATABASE_NEWER
    for use in (database.reading, database.transaction):
        with pytest.raises(StoreTooNew, match="9999"), use():
            pass


def test_it_goes_on_when_the_schema_is_its_own_again(database: Database) -> None:
    set_revision(database, "9999")
    with pytest.raises(OpenThreatError):
        database.check_schema()
    set_revision(database, migrations.HEAD)
    database.check_schema()
    with database.transaction() as connection:
        MetadataRepository(connection).set("written", "yes")
