"""A queued task that waits although the worker of its queue is idle."""

import pytest

from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.problems import failure
from desktop.supervision.events import (
    KillTree,
    MachineWoke,
    ObservedWorker,
    QueuesReported,
    RequestStop,
    ServiceReady,
    ServiceUnready,
    Spawn,
    TaskWaiting,
    WorkersReported,
)
from desktop.supervision.plan import STACK
from desktop.supervision.services import Phase
from tests.unit.supervision.replay import FAST, SLOW, Replay, activity, started


def passes(replay: Replay, seconds: float, *waiting: str, queue: str = "slow", **slow_task: str) -> None:
    """Report as the monitors do: workers every 2 s, queues every 10 s; a restarted worker sends a heartbeat at once."""
    until = replay.at + seconds
    while replay.at < until:
        replay.at += 2
        replay.workers_beat(**slow_task)
        if replay.at % 10 == 0:
            replay.then(QueuesReported(tuple(TaskWaiting(task, queue) for task in waiting)))
        if replay[SLOW].phase is Phase.STOPPING:
            replay.exits(SLOW, 0)


@pytest.fixture
def replay() -> Replay:
    replay = started()
    replay.wait(7)
    assert replay.at == 10
    return replay


def restarts(replay: Replay) -> int:
    return replay.commands.count(RequestStop(SLOW))


def test_a_task_that_lies_for_a_minute_restarts_the_idle_worker_of_its_queue(replay: Replay) -> None:
    passes(replay, 60, "t1")
    assert replay.commands == []
    passes(replay, 10, "t1")
    assert replay.commands == [RequestStop(SLOW), Spawn(SLOW)]
    assert replay[SLOW].exits == ()


def test_a_worker_that_does_not_stop_for_it_is_killed(replay: Replay) -> None:
    passes(replay, 60, "t1")
    replay.at += 10
    replay.workers_beat()
    replay.then(QueuesReported((TaskWaiting("t1", "slow"),)))
    assert replay[SLOW].phase is Phase.STOPPING
    assert replay.wait(9) == [KillTree(SLOW)]


def test_people_are_told_why(replay: Replay) -> None:
    passes(replay, 60, "t1")
    replay.at += 10
    replay.workers_beat()
    before = replay.state
    replay.then(QueuesReported((TaskWaiting("t1", "slow"),)))
    [notice] = activity(before, replay.state)
    assert notice.problem is not None
    assert notice.problem.id is ProblemId.TASK_UNTAKEN
    assert "The Updates service is idle" in notice.problem.message


def test_a_task_that_is_taken_in_time_is_no_episode(replay: Replay) -> None:
    passes(replay, 50, "t1")
    passes(replay, 20)
    passes(replay, 50, "t2")
    assert replay.commands == []


def test_what_waits_behind_a_running_task_is_no_episode(replay: Replay) -> None:
    passes(replay, 300, "t2", task_id="t1", task_name="update", progress="1")
    assert replay.commands == []


def test_the_minute_begins_when_the_worker_is_idle(replay: Replay) -> None:
    passes(replay, 100, "t2", task_id="t1", task_name="update", progress="1")
    passes(replay, 60, "t2")
    assert replay.commands == []
    passes(replay, 20, "t2")
    assert restarts(replay) == 1


def test_a_worker_that_finishes_tasks_unseen_consumes(replay: Replay) -> None:
    for done in range(12):
        passes(replay, 10, "t9")
        slow = ObservedWorker(replay[SLOW].pid or 0, 1.0, tasks_done=done)
        replay.then(WorkersReported((slow, ObservedWorker(replay[FAST].pid or 0, 1.0))))
    assert replay.commands == []


def test_a_task_of_another_queue_is_nothing_to_this_worker(replay: Replay) -> None:
    passes(replay, 300, "t1", queue="another")
    assert replay.commands == []


def test_without_a_heartbeat_it_is_another_trouble(replay: Replay) -> None:
    for _ in range(10):
        replay.at += 10
        replay.then(WorkersReported(()))
        replay.then(QueuesReported((TaskWaiting("t1", "slow"),)))
    assert replay.commands == []


def test_nobody_is_blamed_while_the_stack_is_away(replay: Replay) -> None:
    replay.then(ServiceUnready(STACK, failure("Redis cannot be reached")))
    passes(replay, 300, "t1")
    assert replay.commands == []
    replay.then(ServiceReady(STACK))
    passes(replay, 60, "t1")
    assert replay.commands == []


@pytest.mark.parametrize("slept", [True, False], ids=["sleep", "gap in the reports"])
def test_what_was_not_watched_does_not_count(replay: Replay, slept: bool) -> None:
    passes(replay, 50, "t1")
    replay.at += 3600
    if slept:
        replay.then(MachineWoke(steady_gap_s=3600))
    passes(replay, 60, "t1")
    assert replay.commands == []


def test_a_restart_that_did_not_help_is_told_and_repeated_only_after_ten_minutes(replay: Replay) -> None:
    passes(replay, 70, "t1")
    assert restarts(replay) == 1
    assert replay[SLOW].problem is None
    passes(replay, 80, "t1")
    problem = replay[SLOW].problem
    assert problem is not None
    assert problem.id is ProblemId.TASK_UNTAKEN
    assert "did not help" in problem.message
    assert Remedy.OPEN_LOG in problem.remedies
    passes(replay, 500, "t1")
    assert restarts(replay) == 1
    passes(replay, 60, "t1")
    assert restarts(replay) == 2


def test_the_next_episode_soon_after_makes_no_storm(replay: Replay) -> None:
    for number in range(5):
        passes(replay, 90, f"t{number}")
        passes(replay, 20)
    assert restarts(replay) == 1


def test_it_is_well_again_when_the_task_is_taken(replay: Replay) -> None:
    passes(replay, 150, "t1")
    assert replay[SLOW].problem is not None
    passes(replay, 10, task_id="t1", task_name="update", progress="1")
    assert replay[SLOW].problem is None


def test_it_is_well_again_when_the_task_was_taken_while_nobody_looked(replay: Replay) -> None:
    passes(replay, 150, "t1")
    replay.at += 60
    replay.then(QueuesReported((TaskWaiting("t1", "slow"),)))
    passes(replay, 10, task_id="t1", task_name="update", progress="1")
    assert replay[SLOW].problem is None


def test_it_is_well_again_when_the_task_is_cancelled(replay: Replay) -> None:
    passes(replay, 150, "t1")
    passes(replay, 10)
    assert replay[SLOW].problem is None
