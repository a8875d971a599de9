from __future__ import annotations

from datetime import timedelta

import pytest

from backend.contract.names import Role, RunState, TaskName
from backend.store.repositories.runs import RunOutcome, RunRepository
from backend.store.repositories.workers import WorkerRepository, WorkerRow
from tests.contract.api.conftest import NOW, Stage

RUN_FIELDS = {
    "task_id",
    "name",
    "status",
    "result",
    "error",
    "traceback",
    "progress",
    "queued_at",
    "started_at",
    "finished_at",
    "trigger",
    "worker",
}


def put_worker(stage: Stage, name: str = "slow,fast@here:1", **values: object) -> None:
    row = WorkerRow(
        **{
            "name": name,
            "role": Role.WORKER,
            "host": "here",
            "pid": 1,
            "process_started": 1.0,
            "queues": ("slow", "fast"),
            "registered_tasks": tuple(TaskName),
            "version": "0",
            "started_at": NOW,
            "heartbeat_at": stage.now,
            "beats": 1,
            **values,
        }
    )
    with stage.database.transaction() as connection:
        WorkerRepository(connection).put(row)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("update-vulnerabilities", TaskName.UPDATE),
        ("clean-cache", TaskName.CLEAN_CACHE),
        ("update-stats", TaskName.UPDATE_STATS),
        ("write-report", TaskName.REPORT),
        ("test", TaskName.TEST),
    ],
)
def test_a_task_is_asked_for_and_reaches_the_broker(stage: Stage, address: str, name: TaskName) -> None:
    accepted = stage.post(f"/tasks/{address}")
    assert set(accepted) == {"task_id", "status", "message"}
    assert accepted["status"] == "PENDING"
    assert stage.sent == [(accepted["task_id"], name, "slow" if name is TaskName.UPDATE else "fast")]
    run = stage.get(f"/tasks/{accepted['task_id']}")
    assert run.keys() >= RUN_FIELDS
    assert (run["name"], run["status"], run["trigger"], run["queued_at"]) == (
        name,
        "PENDING",
        "api",
        "2026-03-01T12:00:00Z",
    )
    assert run["progress"] == {
        "phase": "",
        "step": 0,
        "steps": 0,
        "unit": "records",
        "done": 0,
        "total": None,
        "message": "",
        "share": None,
        "left_s": None,
        "sources": {},
    }


def test_ten_requests_for_an_update_make_one_run(stage: Stage) -> None:
    first = stage.post("/tasks/update-vulnerabilities")
    others = [stage.post("/tasks/update-vulnerabilities", status=200) for _ in range(9)]
    assert {other["task_id"] for other in others} == {first["task_id"]}
    assert all(other["already_running"] is True for other in others)
    assert len(stage.sent) == 1


def test_a_failed_run_tells_why(stage: Stage) -> None:
    task_id = str(stage.post("/tasks/test")["task_id"])
    with stage.database.transaction() as connection:
        hold = RunRepository(connection).claim(task_id, "fast@here:1", NOW)
        assert hold is not None
        RunRepository(connection).record_progress(
            hold, '{"phase": "NVD 2024", "done": 5, "total": 9, "sources": {"nvd": {"rows": 3}}}'
        )
        ending = RunOutcome(
            RunState.FAILURE,
            error_title="Broken",
            error_message="It broke.",
            error_hint="Mend it.",
            error_id="update-failed",
            traceback="Traceback",
        )
        RunRepository(connection).finish(hold, ending, NOW + timedelta(seconds=3))
    run = stage.get(f"/tasks/{task_id}")
    assert run["error"] == {"title": "Broken", "message": "It broke.", "hint": "Mend it.", "id": "update-failed"}
    assert (run["status"], run["traceback"], run["worker"]) == ("FAILURE", "Traceback", "fast@here:1")
    assert (run["started_at"], run["finished_at"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:00:03Z")
    assert (run["progress"]["phase"], run["progress"]["message"]) == ("", "NVD 2024"), "of an older version"
    nothing = {"state": "", "phase": "", "done": 0, "total": None, "trouble": ""}
    assert run["progress"]["sources"] == {"nvd": {**nothing, "rows": 3}}


def test_an_id_never_seen_is_not_found(stage: Stage) -> None:
    body = stage.get("/tasks/8f6e1a5e-0000-4000-8000-000000000000", status=404)
    assert body["error"]["title"] == "No such run"
    assert stage.post("/tasks/unheard-of/cancel", status=404)


def test_a_waiting_run_is_cancelled_at_once_and_a_running_one_is_asked(stage: Stage) -> None:
    waiting, running = (str(stage.post(f"/tasks/{name}")["task_id"]) for name in ("test", "clean-cache"))
    with stage.database.transaction() as connection:
        assert RunRepository(connection).claim(running, "fast@here:1", NOW)
    assert stage.post(f"/tasks/{waiting}/cancel", status=200)["status"] == "REVOKED"
    assert stage.post(f"/tasks/{running}/cancel", status=200)["status"] == "STARTED"
    assert stage.get(f"/tasks/{running}")["cancel_requested"] is True
    assert stage.post(f"/tasks/{waiting}/cancel", status=200)["message"] == "The run was cancelled."


def test_the_history_is_paged_newest_first_and_filtered(stage: Stage) -> None:
    ids = []
    for minute in range(5):
        stage.now = NOW + timedelta(minutes=minute)
        ids.append(stage.post("/tasks/test" if minute else "/tasks/clean-cache")["task_id"])
    page = stage.get("/tasks", page_size=2, page=2)
    assert [run["task_id"] for run in page.pop("items")] == [ids[2], ids[1]]
    assert page == {"total": 5, "page": 2, "page_size": 2, "total_pages": 3}
    assert stage.get("/tasks", name=TaskName.CLEAN_CACHE)["total"] == 1
    assert stage.get("/tasks", state="pending")["total"] == 5
    assert (stage.get("/tasks", trigger="api")["total"], stage.get("/tasks", trigger="schedule")["total"]) == (5, 0)
    assert stage.get("/tasks", state="FAILURE") == {
        "items": [],
        "total": 0,
        "page": 1,
        "page_size": 50,
        "total_pages": 0,
    }


class TestWorkers:
    def test_none(self, stage: Stage) -> None:
        put_worker(stage, heartbeat_at=NOW - timedelta(seconds=31))
        answer = stage.get("/tasks/workers/status")
        assert (answer["status"], answer["workers"], answer["total_workers"]) == ("no_workers", [], 0)

    def test_idle(self, stage: Stage) -> None:
        put_worker(stage, tasks_done=3, memory_bytes=9)
        stage.now += timedelta(seconds=1.5)
        answer = stage.get("/tasks/workers/status")
        assert (answer["status"], answer["total_workers"]) == ("healthy", 1)
        assert answer["workers"] == [
            {
                "name": "slow,fast@here:1",
                "active_tasks": 0,
                "registered_tasks": len(TaskName),
                "queues": ["slow", "fast"],
                "current_task": None,
                "heartbeat_age_s": 1.5,
                "stats": {
                    "host": "here",
                    "pid": 1,
                    "version": "0",
                    "started_at": "2026-03-01T12:00:00Z",
                    "tasks_done": 3,
                    "tasks_failed": 0,
                    "memory_bytes": 9,
                },
            }
        ]

    def test_what_nobody_has_begun_is_told_oldest_first(self, stage: Stage) -> None:
        task_ids = [stage.post("/tasks/test")["task_id"]]
        stage.now += timedelta(seconds=1)
        task_ids.append(stage.post("/tasks/update-vulnerabilities")["task_id"])
        waiting = stage.get("/tasks/workers/status")["waiting"]
        assert waiting == [{"task_id": task_ids[0], "queue": "fast"}, {"task_id": task_ids[1], "queue": "slow"}]

    def test_busy_with_an_update(self, stage: Stage) -> None:
        put_worker(stage, current_task_id="1", current_task_name=TaskName.UPDATE, task_started_at=NOW, progress_at=NOW)
        answer = stage.get("/tasks/workers/status")
        assert answer["status"] == "busy"
        assert answer["workers"][0]["active_tasks"] == 1
        assert answer["workers"][0]["current_task"]["name"] == TaskName.UPDATE

    def test_stalled_without_progress(self, stage: Stage) -> None:
        stage.now += timedelta(minutes=11)
        put_worker(
            stage,
            current_task_id="1",
            current_task_name="n",
            task_started_at=NOW,
            progress_at=NOW + timedelta(seconds=30),
        )
        assert stage.get("/tasks/workers/status")["status"] == "stalled"

    def test_stalled_while_a_task_waits_beside_an_idle_worker(self, stage: Stage) -> None:
        stage.post("/tasks/test")
        stage.now += timedelta(seconds=61)
        put_worker(stage, queues=("slow",))
        assert stage.get("/tasks/workers/status")["status"] == "healthy", "nobody who serves that queue is idle"
        put_worker(stage, name="fast@here:2", queues=("fast",))
        assert stage.get("/tasks/workers/status")["status"] == "stalled"


class TestSchedule:
    def test_the_entries_are_listed_before_beat_has_ever_run(self, stage: Stage) -> None:
        answer = stage.get("/tasks/scheduled/list")
        assert answer["total"] == 4
        entries = {entry["name"]: entry for entry in answer["scheduled_tasks"]}
        assert {name: (entry["task"], entry["schedule"]) for name, entry in entries.items()} == {
            "update-vulnerabilities": (TaskName.UPDATE, "0 */2 * * *"),
            "clean-cache": (TaskName.CLEAN_CACHE, "0 3 * * *"),
            "update-stats": (TaskName.UPDATE_STATS, "*/15 * * * *"),
            "write-report": (TaskName.REPORT, "0 7 * * 1"),
        }
        assert (
            entries["clean-cache"].items()
            >= {"enabled": True, "last_run_at": None, "next_run_at": None, "edited": False}.items()
        )
        assert all(entry["description"] and entry["schedule_in_words"] for entry in entries.values())

    def test_a_line_is_changed_and_reset(self, stage: Stage) -> None:
        changed = stage.request(
            "PATCH", "/tasks/scheduled/clean-cache", 200, json={"schedule": "30  4 * * 1-5", "enabled": False}
        )
        assert (changed["schedule"], changed["enabled"], changed["edited"]) == ("30 4 * * 1-5", False, True)
        listed = stage.get("/tasks/scheduled/list")["scheduled_tasks"]
        assert changed in listed
        reset = stage.post("/tasks/scheduled/clean-cache/reset", status=200)
        assert (reset["schedule"], reset["enabled"], reset["edited"]) == ("0 3 * * *", True, False)

    @pytest.mark.parametrize(
        "line",
        ["", "0 3 * *", "0 3 * * * *", "61 * * * *", "0 3 31 2 *", "@daily", "a b c d e", "\0 * * * *", "*/0 * * * *"],
    )
    def test_a_bad_line_is_refused_in_a_sentence(self, stage: Stage, line: str) -> None:
        body = stage.request("PATCH", "/tasks/scheduled/clean-cache", 422, json={"schedule": line})
        assert body["error"]["title"] == "The schedule is not valid"
        assert stage.get("/tasks/scheduled/list")["scheduled_tasks"][0]["edited"] is False

    def test_unknown_entries_and_fields(self, stage: Stage) -> None:
        assert stage.request("PATCH", "/tasks/scheduled/nothing", 404, json={"enabled": False})
        body = stage.request("PATCH", "/tasks/scheduled/clean-cache", 422, json={"crontab": "0 3 * * *"})
        assert body["detail"] == "The request is not valid: crontab is not a known name."

    def test_the_line_may_be_called_by_its_common_name(self, stage: Stage) -> None:
        changed = stage.request("PATCH", "/tasks/scheduled/clean-cache", 200, json={"cron": "15 5 * * *"})
        assert changed["schedule"] == "15 5 * * *"
