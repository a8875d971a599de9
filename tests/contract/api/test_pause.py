"""The pause of the schedule, previews of cron lines, and the last run of an entry."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from backend.contract.names import RunState, TaskName, Trigger
from backend.domain.schedule import ScheduleEntry
from backend.services.runs.queue import add_run, new_run
from backend.store.repositories.runs import RunOutcome, RunRepository
from backend.store.repositories.schedule import ScheduleRepository
from tests.contract.api.conftest import NOW, Stage

LATER = "2026-03-01T18:00:00Z"


def planned(stage: Stage, next_run_at: datetime) -> None:
    with stage.database.transaction() as connection:
        schedule = ScheduleRepository(connection)
        schedule.seed([ScheduleEntry("update-vulnerabilities", TaskName.UPDATE, "0 */2 * * *")])
        schedule.edit("update-vulnerabilities", cron="0 */2 * * *", enabled=True, edited=False, next_run_at=next_run_at)


def entry(stage: Stage) -> dict[str, object]:
    entries = stage.get("/tasks/scheduled/list")["scheduled_tasks"]
    assert isinstance(entries, list)
    assert len(entries) == 1
    entry: dict[str, object] = entries[0]
    return entry


def pause(stage: Stage, until: str | None, status: int = 200) -> dict[str, object]:
    return stage.request("PUT", "/tasks/scheduled/pause", status, json={"until": until})


def test_is_told_wherever_the_schedule_is(stage: Stage) -> None:
    assert pause(stage, LATER) == {"paused": True, "until": LATER}
    for place in ("/tasks/scheduled/list", "/snapshot"):
        assert stage.get(place)["pause"] == {"paused": True, "until": LATER}
    assert stage.request("DELETE", "/tasks/scheduled/pause", 200) == {"paused": False, "until": None}
    assert stage.get("/snapshot")["pause"] == {"paused": False, "until": None}


def test_ends_by_itself(stage: Stage) -> None:
    pause(stage, LATER)
    stage.now = datetime.fromisoformat(LATER)
    assert stage.get("/tasks/scheduled/list")["pause"] == {"paused": False, "until": None}


def test_lasts_until_somebody_resumes_where_no_end_is_named(stage: Stage) -> None:
    assert pause(stage, None) == {"paused": True, "until": None}
    stage.now += timedelta(days=400)
    assert stage.get("/tasks/scheduled/list")["pause"] == {"paused": True, "until": None}


def test_is_replaced_by_another(stage: Stage) -> None:
    pause(stage, None)
    pause(stage, LATER)
    assert stage.get("/tasks/scheduled/list")["pause"] == {"paused": True, "until": LATER}


def test_does_not_end_in_the_past(stage: Stage) -> None:
    body = pause(stage, "2026-03-01T12:00:00Z", 409)
    assert body["detail"] == "The pause cannot end in the past: 2026-03-01 12:00 UTC is over."
    assert stage.get("/tasks/scheduled/list")["pause"] == {"paused": False, "until": None}


def test_wants_a_moment_with_a_zone_and_nothing_unknown(stage: Stage) -> None:
    assert "until has no time zone" in str(pause(stage, "2026-03-02T12:00:00", 422)["detail"])
    assert stage.request("PUT", "/tasks/scheduled/pause", 422, json={"hours": 3})["error"]


def test_moves_the_next_run_to_where_it_can_happen(stage: Stage) -> None:
    planned(stage, NOW + timedelta(hours=2))
    pause(stage, LATER)
    assert entry(stage)["next_run_at"] == LATER
    pause(stage, "2026-03-01T13:00:00Z")
    assert entry(stage)["next_run_at"] == "2026-03-01T14:00:00Z"
    pause(stage, None)
    assert entry(stage)["next_run_at"] is None
    stage.request("DELETE", "/tasks/scheduled/pause", 200)
    assert entry(stage)["next_run_at"] == "2026-03-01T14:00:00Z"


def test_leaves_runs_asked_for_by_hand_alone(stage: Stage) -> None:
    pause(stage, None)
    stage.post("/tasks/update-vulnerabilities")
    assert len(stage.sent) == 1


@pytest.mark.parametrize("state", [RunState.SUCCESS, RunState.FAILURE])
def test_an_entry_tells_how_its_last_run_ended(stage: Stage, state: RunState) -> None:
    planned(stage, NOW)
    assert entry(stage)["last_status"] is None
    run = new_run(TaskName.UPDATE, Trigger.SCHEDULE, NOW)
    with stage.database.transaction() as connection:
        add_run(connection, run)
        ScheduleRepository(connection).record_run("update-vulnerabilities", run.task_id, NOW)
    assert entry(stage)["last_status"] == "PENDING"
    with stage.database.transaction() as connection:
        hold = RunRepository(connection).claim(run.task_id, "slow@here:1", NOW)
        assert hold
        RunRepository(connection).finish(hold, RunOutcome(state), NOW)
    assert entry(stage)["last_status"] == state
    with stage.database.transaction() as connection:
        RunRepository(connection).expire(NOW + timedelta(days=1))
    assert entry(stage)["last_status"] is None


def test_a_line_is_told_in_words_and_in_its_next_five_runs(stage: Stage) -> None:
    preview = stage.get("/tasks/scheduled/preview", schedule=" 30  4 * * 1-5 ")
    assert preview["schedule"] == "30 4 * * 1-5"
    assert "04:30" in str(preview["schedule_in_words"])
    assert preview["next_runs"] == [f"2026-03-0{day}T03:30:00Z" for day in range(2, 7)]


def test_a_preview_knows_when_the_clocks_change(stage: Stage) -> None:
    stage.now = datetime.fromisoformat("2026-03-28T00:00:00+01:00")
    preview = stage.get("/tasks/scheduled/preview", schedule="0 3 * * *")
    assert preview["next_runs"] == [
        "2026-03-28T02:00:00Z",
        "2026-03-29T01:00:00Z",
        "2026-03-30T01:00:00Z",
        "2026-03-31T01:00:00Z",
        "2026-04-01T01:00:00Z",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "It needs five fields (minute, hour, day, month, weekday) and has 0."),
        ("0 3 * *", "and has 4"),
        ("61 * * * *", "Bad minute"),
        ("0 3 31 2 *", "Bad day-of-month"),
        ("@daily", "and has 1"),
    ],
)
def test_a_preview_of_a_bad_line_says_what_is_wrong_and_gives_an_example(stage: Stage, line: str, reason: str) -> None:
    body = stage.get("/tasks/scheduled/preview", status=422, schedule=line)
    assert reason in body["error"]["message"]
    assert '"0 */2 * * *"' in body["error"]["hint"]


def test_a_preview_without_a_line_is_refused(stage: Stage) -> None:
    assert stage.get("/tasks/scheduled/preview", status=422)["detail"].endswith("schedule is missing.")
