"""Outages of broker or database: processes wait and continue, and no run is executed twice."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.contract.names import RunState
from tests.integration.worker.conftest import Stage
from tests.servers import PostgresServer, RedisServer, wait_until


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    if not RedisServer.available():
        pytest.skip("no Redis here that a test may stop")
    server = RedisServer(tmp_path / "redis")
    yield server
    server.stop()


@pytest.mark.parametrize("loop", ["", "synloop"])
def test_goes_on_by_itself_when_the_broker_is_back(home: Path, redis: RedisServer, loop: str) -> None:
    stage = Stage(home, REDIS_URL=redis.url, OPENTHREAT_TEST_LOOP=loop)
    try:
        stage.beat()
        stage.worker()
        before = stage.enqueue("tests.long")
        stage.begun(before)
        redis.stop()
        during = stage.enqueue("tests.short")
        wait_until(
            lambda: "the broker is away" in stage.log.read_text(encoding="utf-8"),
            "beat notices that the broker is away",
        )
        stage.finish()
        assert stage.result(before).state is RunState.SUCCESS, "what runs needs no broker"
        redis.start()
        assert stage.result(during).state is RunState.SUCCESS
        assert stage.result(stage.enqueue("tests.short")).state is RunState.SUCCESS
        assert (stage.played("begun", before), stage.played("short", during)) == (1, 1)
        assert stage.log.read_text(encoding="utf-8").count("the broker is away") == 1
    finally:
        stage.stop_all()


def test_a_run_outlives_an_outage_of_the_database(home: Path) -> None:
    if not PostgresServer.available():
        pytest.skip("no PostgreSQL here that a test may stop")
    with tempfile.TemporaryDirectory(prefix="openthreat-postgres-") as folder:
        server = PostgresServer(Path(folder))
        stage = Stage(home, DATABASE_URL=server.url())
        try:
            stage.beat()
            worker = stage.worker()
            task_id = stage.enqueue("tests.long")
            stage.begun(task_id)
            server.stop()
            wait_until(
                lambda: stage.log.read_text(encoding="utf-8").count("the database is away") >= 2,
                "both processes notice",
            )
            stage.finish()
            server.start()
            run = stage.result(task_id)
            assert (run.state, run.attempt, stage.played("begun", task_id)) == (RunState.SUCCESS, 1, 1)
            assert worker.poll() is None
            assert stage.result(stage.enqueue("tests.short")).state is RunState.SUCCESS
        finally:
            stage.stop_all()
            server.stop()
