from collections.abc import Callable

from backend.contract.names import RECYCLED, TaskName
from desktop.supervision.events import (
    CloseRequested,
    Event,
    ForeignApiFound,
    PortFoundFree,
    ServiceReady,
    StartRequested,
    TimePassed,
)
from desktop.supervision.plan import API, BEAT, STACK
from tests.unit.supervision.replay import SLOW, Replay, activity, started


def log_lines(replay: Replay, event: Event) -> list[str]:
    before = replay.state
    replay.then(event)
    return [notice.text for notice in activity(before, replay.state)]


def test_nothing_is_said_about_bookkeeping() -> None:
    replay = started()
    replay.at += 2
    assert log_lines(replay, ServiceReady(API)) == []
    assert log_lines(replay, TimePassed()) == []


def test_a_start_is_said_when_there_is_a_process() -> None:
    replay = Replay()
    assert log_lines(replay, StartRequested()) == []
    assert log_lines(replay, ServiceReady(STACK)) == ["Database: running"]
    assert log_lines(replay, PortFoundFree(API)) == ["API: starting (process 101)"]
    assert log_lines(replay, ServiceReady(API))[0] == "API: running (process 101)"


def test_a_crash_is_said_with_its_reason_and_what_follows() -> None:
    replay = started()
    before = replay.state
    replay.exits(BEAT, 1, "disk full")
    [notice] = activity(before, replay.state)
    assert (
        notice.text == "Schedule: starts again in 1 s. The Schedule service ended unexpectedly: exit code 1: disk full."
    )
    assert notice.problem is not None
    assert (notice.problem.title, notice.problem.message) == (
        "The Schedule service ended unexpectedly",
        "exit code 1: disk full",
    )


def test_that_a_service_keeps_failing_is_said_once_and_that_it_runs_again() -> None:
    replay, texts = started(), list[str]()

    def then(act: Callable[[], object]) -> None:
        before = replay.state
        act()
        texts.extend(entry.text for entry in activity(before, replay.state))

    for _ in range(4):
        then(lambda: replay.exits(BEAT))
        then(lambda: replay.wait(60))
    for _ in range(3):
        then(lambda: replay.exits(BEAT))
        then(lambda: replay.wait(1800))
    assert sum("keeps failing" in text for text in texts) == 1
    assert (
        "Schedule: starts again in 300 s. The Schedule service keeps failing: It ended 5 times within 10 minutes"
        in "\n".join(texts)
    )
    for _ in range(2):
        then(lambda: replay.wait(61))
    assert texts[-1] == "The Schedule service runs again"


def test_an_update_is_said_when_it_begins_and_when_it_ends() -> None:
    replay = started()
    for mark, expected in (("1", ["Update: running; `openthreat monitor t1` shows how far it is"]), ("2", [])):
        before = replay.state
        replay.workers_beat(task_id="t1", task_name=TaskName.UPDATE, progress=mark)
        assert [notice.text for notice in activity(before, replay.state)] == expected
    before = replay.state
    replay.workers_beat()
    assert [notice.text for notice in activity(before, replay.state)] == [
        "Update: ended; `openthreat status t1` shows the result"
    ]


def test_an_update_that_is_cut_short_is_not_said_to_have_ended() -> None:
    replay = started()
    replay.workers_beat(task_id="t1", task_name=TaskName.UPDATE)
    replay.then(CloseRequested())
    before = replay.state
    replay.exits(SLOW, 0)
    assert "Update: interrupted, it will go on later" in [entry.text for entry in activity(before, replay.state)]


def test_an_update_after_which_its_worker_is_started_afresh_has_ended() -> None:
    replay = started()
    replay.wait(60)
    replay.workers_beat(task_id="t1", task_name=TaskName.UPDATE)
    before = replay.state
    replay.exits(SLOW, RECYCLED)
    assert "Update: ended; `openthreat status t1` shows the result" in [
        entry.text for entry in activity(before, replay.state)
    ]


def test_other_tasks_are_not_worth_a_line() -> None:
    replay = started()
    before = replay.state
    replay.workers_beat(task_id="t1", task_name=TaskName.UPDATE_STATS)
    assert activity(before, replay.state) == ()


def test_a_foreign_api_is_said_to_be_used() -> None:
    replay = Replay()
    replay.then(StartRequested())
    replay.then(ServiceReady(STACK))
    assert log_lines(replay, ForeignApiFound(API, 1))[0].startswith("API: running already, started by another program")
