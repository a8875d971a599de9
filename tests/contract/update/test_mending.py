"""Derived data that are damaged: found, reported, and rebuilt from the rows beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from backend.api.app import create_app
from backend.config import Settings
from backend.contract.names import Source, TaskName
from backend.contract.problem_catalogue import ProblemId
from backend.domain.claims import Feed
from backend.services.doctor import work
from backend.services.runs.queue import TaskQueue
from backend.services.update.update import run_update
from backend.store.dialects import search_index_of
from backend.store.engine import Database
from tests.contract.update.test_update import nvd_claim
from tests.fakes.caller import from_caller
from tests.fakes.sources import NOON, CountingRun, Script, World, raw

IDS = [f"CVE-2024-{number}" for number in range(1000, 1040)]
DAMAGE = {
    "sqlite": {
        "pages lost": "DELETE FROM search_documents_data WHERE id > 10",
        "pages overwritten": "UPDATE search_documents_data SET block = x'0102030405' WHERE id > 10",
        "structure lost": "DELETE FROM search_documents_data WHERE id = 10",
        "everything lost": "DELETE FROM search_documents_data",
        "a table lost": "DROP TABLE search_documents_data",
    },
    "postgresql": {
        "rows lost": "DELETE FROM search_documents WHERE id IN (SELECT id FROM search_documents ORDER BY id LIMIT 7)",
        "everything lost": "TRUNCATE search_documents",
        "the table lost": "DROP TABLE search_documents",
    },
}


@pytest.fixture
def world() -> World:
    world = World()
    records = [raw(name, nvd_claim(f"A flaw in part{name[-4:]}")) for name in IDS]
    world.scripts[Source.NVD] = Script([(Feed.NVD, records, "")])
    return world


@pytest.fixture
def filled(database_url: str, world: World) -> Iterator[Database]:
    database = Database(database_url)
    refresh(database, world)
    yield database
    database.close()


@pytest.fixture
def client(filled: Database, sent: list[str], home: Path) -> Iterator[TestClient]:
    queue = TaskQueue(filled, lambda _id, name, _queue: sent.append(name))
    app = create_app(Settings(home=home), filled, queue)
    with TestClient(from_caller(app), base_url="http://127.0.0.1:8001", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def sent() -> list[str]:
    """The tasks that reached the broker."""
    return []


def refresh(database: Database, world: World) -> None:
    run_update(Settings(), database, CountingRun(), entries=world.entries(), clock=lambda: NOON)


def damage(database_url: str, statement: str) -> None:
    database = Database(database_url)
    with database.transaction() as connection:
        connection.exec_driver_sql(statement)
    database.close()


def is_whole(database: Database) -> bool:
    with database.transaction() as connection:
        return search_index_of(connection).is_whole(connection)


def number_found(client: TestClient, words: str) -> int:
    answer = client.get("/api/v1/vulnerabilities", params={"search": words})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["total"])


def every_damage(kind: str) -> list[str]:
    return list(DAMAGE[kind].values())


def test_a_whole_index_is_left_as_it_is(filled: Database, world: World, client: TestClient) -> None:
    assert is_whole(filled)
    assert number_found(client, "flaw") == len(IDS)
    refresh(filled, world)
    assert number_found(client, "part1007") == 1


@pytest.mark.parametrize("number", range(5))
def test_a_damaged_index_is_found_and_made_anew_by_the_next_update(
    filled: Database, world: World, client: TestClient, database_url: str, database_kind: str, number: int
) -> None:
    kinds = every_damage(database_kind)
    damage(database_url, kinds[number % len(kinds)])
    filled.close()  # a connection that has read the index before keeps parts of it
    assert not is_whole(filled)
    with filled.transaction() as connection:
        finding = work.search(connection)
    assert finding.problem.id is ProblemId.SEARCH_INDEX_DAMAGED
    world.scripts.clear()  # no source has anything new
    refresh(filled, world)
    assert is_whole(filled)
    assert number_found(client, "flaw") == len(IDS)
    assert number_found(client, "part1007") == 1


def test_a_search_that_meets_the_damage_says_so_and_begins_to_mend_it(
    filled: Database, client: TestClient, sent: list[str], database_url: str, database_kind: str
) -> None:
    if database_kind != "sqlite":
        return  # PostgreSQL has no error of its own for it
    damage(database_url, DAMAGE["sqlite"]["pages lost"])
    for _ in range(3):
        answer = client.get("/api/v1/vulnerabilities", params={"search": "flaw"})
        assert answer.status_code == 503
        assert answer.json()["error"]["id"] == ProblemId.SEARCH_INDEX_DAMAGED
    assert sent == [TaskName.UPDATE]
    assert client.get(f"/api/v1/vulnerabilities/{IDS[0]}").status_code == 200


def test_indexes_of_the_tables_are_built_anew(filled: Database, client: TestClient) -> None:
    filled.rebuild_indexes()
    assert number_found(client, "part1007") == 1
