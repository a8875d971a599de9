"""Commands as they are typed, against a running API."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.contract.names import Role, RunState, TaskName
from backend.contract.version import VERSION
from backend.store.repositories.runs import Lease, RunOutcome, RunRepository
from backend.store.repositories.workers import WorkerRepository, WorkerRow
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability
from tests.integration.api.conftest import Command, RunningApi
from tests.servers import free_port, wait_until

SUCCESS = RunOutcome(RunState.SUCCESS, result='{"status": "ok", "sources": {"nvd": {"state": "ok", "seen": 12345}}}')
FAILURE = RunOutcome(
    RunState.FAILURE, error_title="No source could be read", error_message="nvd: away.", error_hint="Check the network."
)


def succeed(api: RunningApi, lease: Lease) -> RunOutcome:
    return SUCCESS


def test_update_only_asks(api: RunningApi, openthreat: Command) -> None:
    code, out, _ = openthreat("update")
    assert code == 0
    task_id = out.split("openthreat monitor ")[1].split("`")[0]
    code, again, _ = openthreat("--json", "update")
    assert (code, json.loads(again)["task_id"], json.loads(again)["already_running"]) == (0, task_id, True)


@pytest.mark.parametrize(
    ("command", "name"),
    [("update", TaskName.UPDATE), ("clean-cache", TaskName.CLEAN_CACHE), ("update-stats", TaskName.UPDATE_STATS)],
)
def test_wait_ends_with_the_result(api: RunningApi, openthreat: Command, command: str, name: TaskName) -> None:
    api.work = succeed
    code, out, _ = openthreat(command, "--wait")
    assert code == 0
    assert "Done in" in out
    assert "12,345 seen" in out
    code, document, _ = openthreat(command, "--wait", "--json")
    run = json.loads(document)
    assert (code, run["status"], run["name"], run["result"]["status"]) == (0, "SUCCESS", name, "ok")


def test_a_failed_run_ends_1_and_says_why(api: RunningApi, openthreat: Command) -> None:
    api.work = lambda _api, _lease: FAILURE
    code, out, _ = openthreat("update", "--wait")
    assert code == 1
    assert "No source could be read: nvd: away." in out
    assert "Check the network." in out


def test_waiting_outlives_a_restart_of_the_api(api: RunningApi, openthreat: Command) -> None:
    begun: list[Lease] = []
    api.work = lambda _api, lease: begun.append(lease)

    def restart() -> None:
        wait_until(lambda: bool(begun), "the run has begun")
        api.stop()
        api.end(begun[0], SUCCESS)
        api.start()

    helper = threading.Thread(target=restart)
    helper.start()
    code, out, err = openthreat("update", "--wait")
    helper.join()
    assert code == 0, out + err


def test_test_sends_a_task_through_the_queue(api: RunningApi, openthreat: Command) -> None:
    api.work = lambda _api, _lease: RunOutcome(RunState.SUCCESS, result='{"worker": "fast@here:1"}')
    code, out, _ = openthreat("test")
    assert code == 0
    assert "worker: fast@here:1" in out


def test_status_tells_of_one_run(api: RunningApi, openthreat: Command) -> None:
    task_id = api.enqueue()
    code, out, _ = openthreat("status", task_id)
    assert code == 0
    assert "PENDING" in out
    api.perform(task_id, lambda _api, _lease: FAILURE)
    assert openthreat("status", task_id)[0] == 1
    code, out, err = openthreat("status", "unheard-of")
    assert (code, out) == (1, "")
    assert err.startswith("No such run: ")
    code, out, _ = openthreat("status", "unheard-of", "--json")
    assert (code, json.loads(out)["error"]["title"]) == (1, "No such run")


def test_monitor_follows_and_cancel_stops(api: RunningApi, openthreat: Command) -> None:
    task_id = api.enqueue()
    assert openthreat("cancel", task_id)[0] == 0
    code, out, _ = openthreat("monitor", task_id)
    assert code == 1
    assert "Cancelled" in out


def test_workers_ends_1_where_nobody_works(api: RunningApi, openthreat: Command) -> None:
    assert openthreat("workers")[0] == 1
    now = datetime.now(UTC)
    row = WorkerRow(
        "slow@here:1",
        Role.WORKER,
        "here",
        1,
        1.0,
        ("slow",),
        tuple(TaskName),
        VERSION,
        now,
        now,
        1,
        memory_bytes=50_000_000,
    )
    with api.database.transaction() as connection:
        WorkerRepository(connection).put(row)
    code, out, _ = openthreat("workers")
    assert code == 0
    assert "slow@here:1" in out
    assert "50.0 MB" in out
    assert json.loads(openthreat("workers", "--json")[1])["status"] == "healthy"


def test_scheduled_lists_and_changes(api: RunningApi, openthreat: Command) -> None:
    code, out, _ = openthreat("scheduled")
    assert code == 0
    assert "0 */2 * * *" in out
    assert "30 4 * * *" in openthreat("scheduled", "clean-cache", "--cron", "30 4 * * *")[1]
    assert "off" in openthreat("scheduled", "clean-cache", "--off")[1]
    assert json.loads(openthreat("scheduled", "clean-cache", "--reset", "--json")[1])["schedule"] == "0 3 * * *"
    code, _, err = openthreat("scheduled", "clean-cache", "--cron", "whenever")
    assert code == 2
    assert "five" in err
    assert openthreat("scheduled", "clean-cache")[0] == 2
    assert openthreat("scheduled", "--on")[0] == 2


def test_pause_and_resume(api: RunningApi, openthreat: Command) -> None:
    code, out, _ = openthreat("pause", "--hours", "2")
    assert code == 0
    assert "paused. It resumes in 2 h" in out or "paused. It resumes in 1 h 59 min" in out
    assert "paused" in openthreat("scheduled")[1]
    paused = json.loads(openthreat("pause", "--until", "2199-01-01T12:00+02:00", "--json")[1])
    assert paused == {"paused": True, "until": "2199-01-01T10:00:00Z"}
    assert "`openthreat resume`" in openthreat("pause")[1]
    assert json.loads(openthreat("resume", "--json")[1]) == {"paused": False, "until": None}
    assert "paused" not in openthreat("scheduled")[1]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--until", "2020-01-01"), "cannot end in the past"),
        (("--until", "tomorrow"), "expected a time like"),
        (("--hours", "-1"), "--hours"),
        (("--hours", "nan"), "--hours"),
        (("--hours", "2", "--until", "2199-01-01"), "either"),
    ],
)
def test_a_pause_that_makes_no_sense_is_wrong_usage(
    api: RunningApi, openthreat: Command, given: tuple[str, ...], words: str
) -> None:
    code, _, err = openthreat("pause", *given)
    assert code == 2
    assert words in err


def test_search_and_show(api: RunningApi, openthreat: Command) -> None:
    with api.database.transaction() as connection:
        rows = [
            (vulnerability("CVE-2024-1111", title="Evil \x1b[31m[bold]title", description="Door\x07bell"), 0.5),
            (vulnerability("CVE-2024-2222", title="Other"), 0.4),
        ]
        put_vulnerabilities(connection, rows, datetime.now(UTC))
    code, out, _ = openthreat("search", "evil")
    assert code == 0
    assert "CVE-2024-1111" in out
    assert "Evil [31m[bold]title" in out
    assert "\x1b" not in out
    assert "1 found, page 1 of 1." in out
    page = json.loads(
        openthreat("--json", "search", "--published-after", "2023-12-31", "--sort-by", "cve_id", "--sort-order", "asc")[
            1
        ]
    )
    assert [item["cve_id"] for item in page["items"]] == ["CVE-2024-1111", "CVE-2024-2222"]
    assert "Nothing found." in openthreat("search", "evil", "--severity", "high")[1]
    several = ("--vendor", "nobody", "--vendor", "acme", "--no-ransomware", "--min-epss", "0")
    assert openthreat("search", *several)[0] == openthreat("search", "--mine", "--changed-after", "2023-01-01")[0] == 0
    code, out, _ = openthreat("show", "cve-2024-1111")
    assert code == 0
    assert "Doorbell" in out
    assert json.loads(openthreat("show", "CVE-2024-1111", "--json")[1])["title"] == "Evil \x1b[31m[bold]title"
    assert openthreat("show", "CVE-2099-12345")[0] == 1
    (stated,) = json.loads(openthreat("claims", "cve-2024-1111")[1])["claims"]
    assert (stated["source"], stated["claim"]["description"]) == ("nvd", "Door\x07bell")
    assert openthreat("claims", "CVE-2099-12345")[0] == 1
    assert openthreat("show", "nonsense")[0] == 2
    assert openthreat("search", "x" * 9000)[0] == 2
    code, _, err = openthreat("search", "--published-after", "yesterday")
    assert (code, "'--published-after': expected a day" in err) == (2, True)
    assert openthreat("search", "--sort-by", "nothing")[0] == 2
    assert "Page 9 is empty: 2 found, on 1 page." in openthreat("search", "--page", "9")[1]


def test_sources_are_listed(api: RunningApi, openthreat: Command) -> None:
    code, out, _ = openthreat("sources")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["SOURCE", "cisa", "nvd", "euvd", "mitre", "epss"]


@pytest.mark.parametrize(
    "argv",
    [("update",), ("status", "1"), ("workers",), ("search", "x"), ("show", "CVE-2024-1111"), ("sources",), ("test",)],
)
def test_without_an_api_the_way_to_start_it_is_told(
    home: object, openthreat: Command, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    monkeypatch.setenv("OPENTHREAT_API_PORT", str(free_port()))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    code, out, err = openthreat(*argv)
    assert (code, out) == (3, "")
    assert "openthreat up" in err
    code, out, err = openthreat(*argv, "--json")
    assert (code, err) == (3, "")
    assert json.loads(out)["error"]["hint"]


@pytest.mark.parametrize("argv", [("unheard-of",), ("status",), ("search", "--min-cvss", "11"), ("update", "--nope")])
def test_wrong_usage_ends_2(openthreat: Command, argv: tuple[str, ...]) -> None:
    code, _, err = openthreat(*argv)
    assert code == 2
    assert "openthreat" in err


def test_version_and_help_load_nothing_heavy(home: object) -> None:
    program = (
        "import sys; from backend.cli.main import main; code = main(sys.argv[1:]);"
        "heavy = {'requests', 'rich', 'sqlalchemy', 'celery', 'fastapi', 'psutil'} & set(sys.modules);"
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    for option in ("--version", "--help"):
        result = subprocess.run([sys.executable, "-c", program, option], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
    assert (
        VERSION
        in subprocess.run(
            [sys.executable, "-c", program, "--version"], capture_output=True, text=True, check=False
        ).stdout
    )


FULL = Path("/dev/full")
OPENTHREAT = [sys.executable, "-c", "import sys; from backend.cli.main import main; sys.exit(main(sys.argv[1:]))"]


def as_typed(*argv: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*OPENTHREAT, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


def test_a_reader_that_has_enough_is_no_error(api: RunningApi) -> None:
    child = as_typed("search")
    assert child.stdout is not None
    child.stdout.close()
    assert child.wait(30) == 0
    assert child.stderr is not None
    assert child.stderr.read() == b""


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full here")
def test_an_output_that_cannot_be_written_is_said(api: RunningApi) -> None:
    with FULL.open("w") as full:
        child = subprocess.run([*OPENTHREAT, "workers"], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert child.returncode == 1
    assert child.stderr.startswith(b"The output cannot be written: ")
    assert b"Traceback" not in child.stderr


@pytest.mark.skipif(os.name == "nt", reason="there every program has its streams")
def test_without_any_output_the_exit_code_still_counts(api: RunningApi) -> None:
    child = subprocess.run(["/bin/sh", "-c", '"$@" >&- 2>&-', "sh", *OPENTHREAT, "sources"], timeout=60)
    assert child.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="there arguments are Unicode")
def test_words_typed_under_another_locale_are_understood(api: RunningApi) -> None:
    with api.database.transaction() as connection:
        put_vulnerabilities(connection, [(vulnerability("CVE-2024-1111", title="資料 ü"), 0.5)], datetime.now(UTC))
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    out, err = as_typed("search", "資料", **plain).communicate(timeout=60)
    assert b"CVE-2024-1111" in out, err


def test_an_old_console_shows_what_it_can(api: RunningApi) -> None:
    with api.database.transaction() as connection:
        put_vulnerabilities(connection, [(vulnerability("CVE-2024-1111", title="資料 ü"), 0.5)], datetime.now(UTC))
    for encoding, shown in (("cp1252", b"?? \xfc"), ("ascii", b"?? ?"), ("utf-8", "資料 ü".encode())):
        out, err = as_typed("search", "CVE-2024-1111", PYTHONIOENCODING=encoding).communicate(timeout=60)
        assert shown in out, err


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
def test_ctrl_c_leaves_the_run_going_and_says_so(api: RunningApi) -> None:
    api.work = lambda _api, _lease: None
    child = as_typed("update", "--wait")
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert b"continues" in err
    with api.database.reading() as connection:
        runs, _ = RunRepository(connection).history()
    assert [(run.state, run.cancel_requested) for run in runs] == [(RunState.STARTED, False)]


def test_old_answers_are_told_as_old(api: RunningApi, openthreat: Command) -> None:
    task_id = api.enqueue()
    with api.database.transaction() as connection:
        lease = RunRepository(connection).claim(task_id, "fast@here:1", datetime.now(UTC) - timedelta(hours=3))
        assert lease is not None
    assert "Started  3 h ago, on fast@here:1" in openthreat("status", task_id)[1]
