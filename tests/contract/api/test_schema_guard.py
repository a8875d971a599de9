"""The API on a database that a newer program has brought up to date: it answers with that problem."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from sqlalchemy import text

from backend.api.server import prepare_database
from backend.contract.errors import StoreTooNew
from backend.store import migrations
from backend.worker.process import StopRequest
from tests.contract.api.conftest import Stage


def set_revision(stage: Stage, wanted: str) -> None:
    with stage.database._writers.connect() as connection, connection.begin():
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{wanted}'"))


def test_every_address_answers_with_the_problem_until_the_schema_fits_again(stage: Stage) -> None:
    set_revision(stage, "9999")
    health = stage.get("/health")["database"]
    assert (health["state"], health["error"]["id"]) == ("down", "database-newer")
    for path in ("/machines", "/inbox", "/tasks", "/vulnerabilities"):
        error = stage.get(path, 503)["error"]
        assert error["id"] == "database-newer"
        assert "newer version" in error["title"]
    stage.post("/tasks/update-vulnerabilities", 503)
    assert stage.sent == []
    assert stage.get("/snapshot")["health"]["database"]["error"]["id"] == "database-newer"
    set_revision(stage, migrations.HEAD)
    assert stage.get("/health")["database"]["state"] == "ok"
    stage.get("/machines")


def test_it_starts_on_a_server_and_not_on_a_file(stage: Stage) -> None:
    """A file is this user's own: its program ends with the reason. A server is shared, and the others go on."""
    set_revision(stage, "9999")
    expected = nullcontext() if stage.database.writes_in_server else pytest.raises(StoreTooNew)
    with expected:
        prepare_database(stage.database, StopRequest())
    assert stage.get("/machines", 503)["error"]["id"] == "database-newer"
