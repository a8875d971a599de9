"""The diagnostic report: its content, and that it contains none of the planted secrets."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from backend.contract.diagnosis import CheckResult, CheckState, Diagnosis
from backend.contract.errors import OpenThreatError
from backend.contract.health import Dependency, DependencyState, Health
from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.problems import failure
from backend.contract.settings import StackKind
from backend.contract.snapshot import Snapshot
from backend.contract.stack import STACK_FILE
from backend.contract.tasks import TaskRun
from desktop.diagnostics.report import LOG_BYTES, ReportInput, write_report
from desktop.instance.control import KEY_FILE
from desktop.state.app_state import AppState
from desktop.supervision.plan import plan
from desktop.supervision.services import Phase, Supervision

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FINE = Dependency(state=DependencyState.OK, message="")
SECRETS = {
    "nvd": "0f3c-nvd-key-71aa",
    "token": "tøken-of-the-api",
    "database": 'p@ss/w"rd',
    "redis": "redis:pass word",
    "dotenv": "only-in-the-dotenv-file",
    "postgres": "kmXr8Qw2",
    "stack-redis": "zzTop1984",
    "door": "ab12" * 16,
}
VARIABLES = {
    "PATH": "/usr/bin",
    "NVD_API_KEY": SECRETS["nvd"],
    "OPENTHREAT_API_TOKEN": SECRETS["token"],
    "DATABASE_URL": f"postgresql://me:{quote(SECRETS['database'], safe='')}@db.example/threats",
    "REDIS_URL": f"redis://:{quote(SECRETS['redis'], safe='')}@redis.example:6379/0",
}
PLANTED = "\n".join(f"2026-03-01 12:00:00,000 INFO x: {name} is {secret} here" for name, secret in SECRETS.items())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "Ünï 資料"
    (home / "logs").mkdir(parents=True)
    (home / "settings.toml").write_text(f'version = 1\n# {SECRETS["nvd"]}\nurl = "{VARIABLES["REDIS_URL"]}"\n', "utf-8")
    (home / ".env").write_text(f'OPENTHREAT_API_TOKEN="{SECRETS["dotenv"]}"\n', "utf-8")
    (home / STACK_FILE).write_text(
        f"OPENTHREAT_POSTGRES_PASSWORD={SECRETS['postgres']}\nOPENTHREAT_REDIS_PASSWORD={SECRETS['stack-redis']}\n",
        "utf-8",
    )
    (home / KEY_FILE).write_text(json.dumps({"port": 1, "key": SECRETS["door"]}), "utf-8")
    (home / "openthreat.db").write_bytes(b"SQLite format 3\0")
    (home / "logs" / "api.log").write_text(f"{PLANTED}\n{VARIABLES['DATABASE_URL']}\nthe last line\n", "utf-8")
    return home


def evidence(home: Path) -> ReportInput:
    message = PLANTED.replace("\n", " ")
    supervision = Supervision.of(plan())
    broken = replace(
        supervision["api"], phase=Phase.GAVE_UP, problem=replace(failure("API keeps failing", message), details=PLANTED)
    )
    run = TaskRun(
        task_id="1",
        name=TaskName.UPDATE,
        status=RunState.FAILURE,
        result={"cve": "CVE-2026-0001"},
        traceback=PLANTED,
        queued_at=NOW,
        trigger=Trigger.API,
    )
    health = Health(
        status=DependencyState.OK,
        version="1",
        pid=1,
        home="x",
        started_at=NOW,
        database=FINE,
        broker=FINE,
        workers=FINE,
        beat=FINE,
    )
    view = AppState(supervision.put(broken), StackKind.EMBEDDED, snapshot=Snapshot(health=health, runs=(run,)))
    found = Diagnosis.of([CheckResult(name="broker", state=CheckState.PROBLEM, title="Redis is away", message=message)])
    return ReportInput(home, home / "logs", view, found, VARIABLES, (SECRETS["nvd"],))


def content(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode().replace("\r\n", "\n") for name in archive.namelist()}


def saved(home: Path) -> dict[str, str]:
    target = home.parent / "report.zip"
    write_report(target, evidence(home))
    return content(target)


def test_holds_what_helps(home: Path) -> None:
    found = saved(home)
    assert found.keys() == {
        "about.txt",
        "machine.json",
        "diagnosis.json",
        "services.json",
        "snapshot.json",
        "environment.txt",
        "settings.toml",
        "logs/api.log",
    }
    assert json.loads(found["diagnosis.json"])["findings"][0]["title"] == "Redis is away"
    assert [service["phase"] for service in json.loads(found["services.json"])["services"]][1] == "gave-up"
    assert json.loads(found["snapshot.json"])["runs"][0]["status"] == "FAILURE"
    assert found["environment.txt"].split() == sorted(VARIABLES)
    assert found["logs/api.log"].endswith("the last line\n")
    assert "version = 1" in found["settings.toml"]


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_in_it_in_any_spelling(home: Path, name: str) -> None:
    secret = SECRETS[name]
    spellings = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    everything = saved(home)
    leaks = [(file, spelling) for file, text in everything.items() for spelling in spellings if spelling in text]
    assert leaks == []
    assert f"{name} is *** here" in everything["logs/api.log"]


def test_holds_nothing_of_the_feeds(home: Path) -> None:
    everything = "".join(saved(home).values())
    assert "CVE-2026-0001" not in everything
    assert "SQLite format" not in everything


def test_secrets_are_found_at_the_seams_of_a_long_log_whose_end_is_kept(home: Path) -> None:
    line = f"a line of words with {SECRETS['token']} in it\n"
    with (home / "logs" / "beat.log").open("w", encoding="utf-8", newline="\n") as file:
        file.write("the beginning\n")
        file.write(line * (LOG_BYTES // len(line.encode()) + 1000))
    log = saved(home)["logs/beat.log"]
    assert SECRETS["token"] not in log
    assert "the beginning" not in log
    assert log.count("\n") == log.count("a line of words with *** in it\n")


def test_older_parts_of_a_log_belong_to_it(home: Path) -> None:
    (home / "logs" / "api.log.1").write_text("older\n", encoding="utf-8")
    assert saved(home)["logs/api.log"].startswith("older\n")


def test_a_data_folder_without_anything_makes_a_report_too(tmp_path: Path) -> None:
    view = AppState(Supervision.of(plan()), StackKind.EMBEDDED)
    write_report(tmp_path / "report.zip", ReportInput(tmp_path, tmp_path / "logs", view, None, {}))
    assert content(tmp_path / "report.zip").keys() == {"about.txt", "machine.json", "services.json", "environment.txt"}


def test_names_with_letters_that_are_none_make_a_report_too(home: Path) -> None:
    target = home.parent / "report.zip"
    write_report(target, replace(evidence(home), variables={"BROKEN\udcff": "x"}))
    assert content(target)["environment.txt"] == "BROKEN?\n"


def test_what_cannot_be_written_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "no such folder" / "report.zip"
    with pytest.raises(OpenThreatError, match="cannot be saved"):
        write_report(target, evidence(home))
    taken = tmp_path / "taken.zip"
    taken.mkdir()
    with pytest.raises(OpenThreatError, match="cannot be saved"):
        write_report(taken, evidence(home))
    assert list(tmp_path.glob("*.new")) == []
