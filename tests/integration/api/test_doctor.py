"""The checks of the doctor, with real failures where a test can cause them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.cli.main import main
from backend.config import Settings, load_settings
from backend.contract.diagnosis import CheckResult, CheckState, Diagnosis
from backend.contract.errors import SourceError, SourceUnreachable
from backend.contract.names import Queue, Role, RunState, Source, TaskName, Trigger
from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.schedule import PauseWanted
from backend.services.doctor import machine, selftest
from backend.services.doctor.examination import examine
from backend.services.runs.queue import new_run
from backend.services.runs.schedule import pause
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.sources import SourceRepository
from backend.store.repositories.workers import WorkerRepository, WorkerRow
from tests.integration.api.conftest import RunningApi
from tests.servers import RedisServer, free_port

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLENTY = 10**12


def look(free: int = PLENTY, there: datetime | None = NOW) -> dict[str, CheckResult]:
    diagnosis = examine(now=lambda: NOW, network_time=lambda _: there, free=lambda _: free)
    return {finding.name: finding for finding in diagnosis.findings}


def worker(name: str, role: Role = Role.WORKER, **values: object) -> WorkerRow:
    given = {
        "host": "here",
        "pid": 1,
        "process_started": 1.0,
        "queues": (),
        "registered_tasks": (),
        "version": "0",
        "started_at": NOW,
        "heartbeat_at": NOW,
        "beats": 1,
    }
    return WorkerRow(name=name, role=role, **{**given, **values})


@pytest.fixture
def database(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A healthy installation whose API is not running."""
    monkeypatch.setenv("OPENTHREAT_API_PORT", str(free_port()))
    database = Database(load_settings().database_url)
    database.prepare()
    with database.transaction() as connection:
        for row in (
            worker("slow@here:1", queues=("slow",)),
            worker("fast@here:2", queues=("fast",)),
            worker("beat@here:3", Role.BEAT),
        ):
            WorkerRepository(connection).put(row)
        for source in Source:
            SourceRepository(connection).record_success(source, NOW)
    yield database
    database.close()


def states(findings: dict[str, CheckResult]) -> set[str]:
    return {name for name, finding in findings.items() if finding.state is not CheckState.OK}


def test_only_the_missing_api_is_found_in_a_healthy_installation(database: Database) -> None:
    found = look()
    assert states(found) == {"api"}
    assert "openthreat up" in found["api"].remedy
    assert (found["api"].action, found["api"].service) == (Remedy.RESTART_SERVICE, "api")
    assert {"settings", "disk", "broker", "database", "workers", "beat", "queue", "clock", "source nvd"} <= set(found)


def test_a_running_api_of_ours_is_recognised(api: RunningApi) -> None:
    assert look()["api"].state is CheckState.OK


def test_an_api_of_another_data_folder_is_no_api_of_ours(
    api: RunningApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENTHREAT_HOME", str(tmp_path / "elsewhere"))
    assert look()["api"].id == ProblemId.API_OF_ANOTHER


def test_a_taken_port_is_told_with_the_program_that_has_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        monkeypatch.setenv("OPENTHREAT_API_PORT", str(port))
        monkeypatch.setattr("backend.services.doctor.port._TIMEOUT_S", 0.3)
        found = look()["api"]
    assert found.title == f"Port {port} is taken"
    assert f"process {os.getpid()}" in found.message
    assert "OPENTHREAT_API_PORT" in found.remedy


def test_nobody_works(database: Database) -> None:
    with database.transaction() as connection:
        for name in ("slow@here:1", "fast@here:2", "beat@here:3"):
            WorkerRepository(connection).remove(name)
    found = look()
    assert {"workers", "beat"} <= states(found)
    assert found["workers"].title == "Updates and jobs are not running"
    assert [found[name].service for name in ("workers", "beat")] == ["worker", "beat"]


def test_a_queue_without_a_worker(database: Database) -> None:
    with database.transaction() as connection:
        WorkerRepository(connection).remove("slow@here:1")
    found = look()["workers"]
    assert (found.title, found.service) == ("The Updates service is not running", "worker-slow")


def test_a_worker_that_does_not_move(database: Database) -> None:
    row = worker(
        "slow@here:1",
        queues=("slow",),
        current_task_id="7",
        current_task_name=TaskName.UPDATE,
        task_started_at=NOW - timedelta(hours=1),
        progress_at=NOW - timedelta(minutes=11),
    )
    with database.transaction() as connection:
        WorkerRepository(connection).put(row)
    found = look()["workers"]
    assert (found.id, found.title) == (ProblemId.TASK_STUCK, "A task makes no progress")
    assert "openthreat cancel 7" in found.remedy


def test_a_task_stuck_in_the_queue(database: Database) -> None:
    with database.transaction() as connection:
        RunRepository(connection).add(new_run(TaskName.TEST, "api", NOW - timedelta(seconds=61)))
    found = look()["queue"]
    assert found.state is CheckState.PROBLEM
    assert f"queue {Queue.FAST}" in found.message


def test_sources_that_fail_or_are_stale(database: Database) -> None:
    with database.transaction() as connection:
        SourceRepository(connection).record_failure(
            Source.NVD, SourceError("NVD cannot be reached", "It is away.", "Check the proxy.")
        )
        SourceRepository(connection).record_success(Source.EPSS, NOW - timedelta(days=2))
    found = look()
    assert (found["source nvd"].state, found["source nvd"].remedy) == (CheckState.PROBLEM, "Check the proxy.")
    assert found["source nvd"].action == Remedy.UPDATE_NOW
    assert found["source epss"].id == ProblemId.SOURCE_STALE
    assert states(found) == {"source nvd", "source epss", "api"}


def test_a_network_that_is_away_is_one_finding(database: Database) -> None:
    with database.transaction() as connection:
        for source in Source:
            error = SourceUnreachable(f"{source.upper()} cannot be reached", "127.0.0.1 refused the connection.")
            SourceRepository(connection).record_failure(source, error)
    found = look()
    assert states(found) == {"sources", "api"}
    assert found["sources"].id == ProblemId.NETWORK_AWAY
    assert found["sources"].message.count("127.0.0.1") == 1


def test_a_paused_schedule_and_a_failed_update_are_found(database: Database) -> None:
    with database.transaction() as connection:
        run = replace(
            new_run(TaskName.UPDATE, Trigger.SCHEDULE, NOW),
            state=RunState.FAILURE,
            finished_at=NOW,
            error_title="It broke",
        )
        assert RunRepository(connection).add(run)
        pause(connection, PauseWanted(), NOW)
    found = look()
    assert states(found) == {"schedule", "last update", "api"}
    assert found["schedule"].id == ProblemId.SCHEDULE_PAUSED
    assert (found["last update"].id, found["last update"].action) == (ProblemId.UPDATE_FAILED, Remedy.UPDATE_NOW)


@pytest.mark.parametrize(
    ("free", "state"), [(6 * 10**9, CheckState.OK), (2 * 10**9, CheckState.WARNING), (10**8, CheckState.PROBLEM)]
)
def test_the_disk(database: Database, free: int, state: CheckState) -> None:
    found = look(free=free)["disk"]
    assert (found.state, bool(found.action)) == (state, state is not CheckState.OK)


@pytest.mark.parametrize(
    ("off", "state", "words"),
    [
        (timedelta(seconds=60), CheckState.OK, "The clock is right"),
        (timedelta(minutes=5), CheckState.WARNING, "5 minutes behind"),
        (-timedelta(days=400), CheckState.WARNING, "400 days ahead"),
    ],
)
def test_the_clock(off: timedelta, state: CheckState, words: str) -> None:
    found = machine.clock(NOW, NOW + off)
    assert found.state is state
    assert words in f"{found.title} {found.message}"


def test_the_clock_without_a_network_is_not_checked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_CLOCKS", (f"http://127.0.0.1:{free_port()}/",))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    there = machine.network_time(Settings(home=home))
    assert there is None
    assert machine.clock(NOW, there).title == "The clock was not checked"


def test_the_clock_of_a_source_is_read(api: RunningApi) -> None:
    settings = api.settings.model_copy(update={"cisa_url": f"{api.settings.api_base}/"})
    there = machine.network_time(settings)
    assert there is not None
    assert abs(datetime.now(UTC) - there) < timedelta(minutes=5)


def test_a_damaged_settings_file(home: Path) -> None:
    (home / "settings.toml").write_text("stack = [", encoding="utf-8")
    found = look()
    assert list(found) == ["settings"]
    assert "settings.toml" in found["settings"].message


def test_a_database_of_a_newer_version_is_told_and_not_touched(database: Database) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert look()["database"].title == "The database was written by a newer version of the program"


def test_an_installation_that_never_ran(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_API_PORT", str(free_port()))
    assert look()["database"].title == "The database is still empty"
    assert not (home / "openthreat.db").exists()


def test_servers_that_are_away(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://user:planted-password@127.0.0.1:{free_port()}/nothing")
    monkeypatch.setenv("REDIS_URL", f"redis://:planted-password@127.0.0.1:{free_port()}/0")
    monkeypatch.setenv("OPENTHREAT_API_PORT", str(free_port()))
    found = look()
    assert {"broker", "database"} <= states(found)
    assert found["broker"].title == "Redis cannot be reached"
    assert (found["broker"].id, found["database"].id) == (ProblemId.BROKER_AWAY, ProblemId.DATABASE_AWAY)
    assert found["broker"].action == found["database"].action == Remedy.OPEN_SETTINGS
    assert "planted-password" not in str(found)


def test_a_stopped_redis_is_found_and_a_running_one_is_well(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not RedisServer.available():
        pytest.skip("Redis is not installed here")
    server = RedisServer(tmp_path / "redis")
    monkeypatch.setenv("REDIS_URL", server.url)
    monkeypatch.setenv("OPENTHREAT_API_PORT", str(free_port()))
    try:
        assert look()["broker"].state is CheckState.OK
    finally:
        server.stop()
    assert look()["broker"].state is CheckState.PROBLEM


def test_the_command_prints_findings_with_remedies(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "_CLOCKS", ())
    assert main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert "openthreat up" in printed
    assert "[api-down]" in printed
    assert main(["doctor", "--json"]) == 1
    diagnosis = Diagnosis.model_validate_json(capsys.readouterr().out)
    assert not diagnosis.healthy
    assert diagnosis.findings


def test_selftest_loads_writes_and_reads_everything(home: Path) -> None:
    program = "import sys; from backend.cli.main import main; sys.exit(main(['selftest', '--json']))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert [finding["name"] for finding in json.loads(result.stdout)["findings"]] == [
        "modules",
        "product tables",
        "database",
        "built-in broker",
        "worker",
    ]


@pytest.mark.parametrize("error", [FileNotFoundError("programs.csv"), KeyError("product"), ValueError("no UTF-8")])
def test_selftest_names_what_keeps_the_tables_of_products_from_being_read(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(selftest, "curated_table", fail)
    found = selftest.product_tables()
    assert (found.state, found.id) == (CheckState.PROBLEM, ProblemId.PROGRAM_INCOMPLETE)
    assert str(error) in found.message


def test_selftest_reports_an_empty_table_of_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "package_table", dict)
    assert selftest.product_tables().id == ProblemId.PROGRAM_INCOMPLETE


def test_selftest_sends_a_message_through_redis(
    home: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    main(["selftest", "--json"])
    findings = {finding["name"]: finding["state"] for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert findings["redis"] == "ok"


def test_flower_says_what_it_takes(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["flower"]) == 1
    assert "Redis" in capsys.readouterr().err
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["flower"]) == 1
    assert "pip install flower" in capsys.readouterr().err
