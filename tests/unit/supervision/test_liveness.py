from backend.contract.names import TaskName
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import failure
from desktop.supervision.events import (
    KillTree,
    MachineWoke,
    ObservedWorker,
    PortFoundFree,
    ProbeFailed,
    ServiceUnready,
    WorkersReported,
)
from desktop.supervision.plan import API, STACK
from desktop.supervision.services import Phase
from desktop.supervision.supervisor import ClockReading, detect_wake
from tests.unit.supervision.replay import FAST, SLOW, Replay, started

SILENT = failure("The API is not answering")


def probes_fail(replay: Replay, seconds: float) -> None:
    until = replay.at + seconds
    while replay.at < until:
        replay.at += 2
        replay.then(ProbeFailed(API, SILENT))


def reports(replay: Replay, seconds: float, slow: ObservedWorker | None) -> None:
    until = replay.at + seconds
    while replay.at < until and replay[SLOW].phase is Phase.RUNNING:
        replay.at += 2
        fast = ObservedWorker(replay[FAST].pid or 0, 1.0)
        replay.then(WorkersReported((slow, fast) if slow else (fast,)))


def seen(replay: Replay, age: float = 1.0, task: str = "", progress: str = "") -> ObservedWorker:
    return ObservedWorker(replay[SLOW].pid or 0, age, task, TaskName.UPDATE if task else "", progress)


def test_an_api_that_is_silent_is_said_to_be_not_answering_within_five_seconds() -> None:
    replay = started()
    probes_fail(replay, 4)
    assert replay[API].phase is Phase.RUNNING
    assert replay[API].problem == SILENT


def test_one_missed_answer_is_nothing() -> None:
    replay = started()
    replay.api_answers()
    replay.at += 2
    replay.then(ProbeFailed(API, SILENT))
    assert replay[API].problem is None


def test_an_api_that_answers_again_is_well_again() -> None:
    replay = started()
    probes_fail(replay, 10)
    replay.api_answers()
    assert replay[API].problem is None
    probes_fail(replay, 10)
    assert KillTree(API) not in replay.commands


def test_an_api_that_stays_silent_is_killed_and_it_counts() -> None:
    replay = started()
    probes_fail(replay, 24)
    assert replay.commands == [KillTree(API)]
    replay.exits(API, -9)
    assert replay[API].phase is Phase.BACKOFF
    assert replay[API].problem == SILENT


def test_an_api_without_a_database_lives_and_is_not_restarted() -> None:
    replay = started()
    for _ in range(100):
        replay.at += 2
        replay.then(ServiceUnready(API, failure("The database is away")))
    assert replay.commands == []
    assert replay[API].phase is Phase.RUNNING


def test_silence_is_not_held_against_the_api_while_the_stack_is_away() -> None:
    replay = started()
    replay.then(ServiceUnready(STACK, failure("PostgreSQL cannot be reached")))
    probes_fail(replay, 120)
    assert replay.commands == []


def test_an_api_that_never_becomes_ready_is_started_again() -> None:
    replay = started()
    replay.exits(API)
    replay.wait(1)
    replay.then(PortFoundFree(API))
    replay.commands.clear()
    probes_fail(replay, 170)
    assert replay.commands == []
    probes_fail(replay, 20)
    assert replay.commands == [KillTree(API)]


def test_a_worker_without_a_heartbeat_is_killed() -> None:
    replay = started()
    reports(replay, 60, seen(replay, age=60))
    assert replay.commands == []
    reports(replay, 70, seen(replay, age=120))
    assert replay.commands == [KillTree(SLOW)]


def test_a_worker_that_nobody_has_heard_of_any_more_is_killed() -> None:
    replay = started()
    reports(replay, 130, None)
    assert replay.commands == [KillTree(SLOW)]


def test_a_worker_that_is_busy_and_moves_is_left_alone() -> None:
    replay = started()
    for minute in range(50):
        reports(replay, 60, seen(replay, task="t1", progress=str(minute)))
    assert replay.commands == []


def test_a_task_that_stands_still_costs_its_worker_the_life() -> None:
    replay = started()
    reports(replay, 890, seen(replay, task="t1", progress="same"))
    assert replay.commands == []
    reports(replay, 20, seen(replay, task="t1", progress="same"))
    assert replay.commands == [KillTree(SLOW)]
    problem = replay[SLOW].problem
    assert problem is not None
    assert problem.id is ProblemId.TASK_STUCK


def test_a_task_past_the_hard_limit_is_ended_though_it_moves() -> None:
    replay = started()
    for minute in range(61):
        reports(replay, 60, seen(replay, task="t1", progress=str(minute)))
    assert replay.commands == [KillTree(SLOW)]


def test_the_next_task_has_its_own_time() -> None:
    replay = started()
    for minute in range(120):
        reports(replay, 60, seen(replay, task=f"t{minute // 50}", progress=str(minute)))
    assert replay.commands == []


def test_nobody_is_blamed_after_a_gap_in_the_reports() -> None:
    replay = started()
    reports(replay, 10, seen(replay, task="t1", progress="same"))
    replay.wait(3000)
    reports(replay, 100, seen(replay, age=3000, task="t1", progress="same"))
    assert replay.commands == []


def test_sleep_of_the_machine_makes_no_storm_of_restarts() -> None:
    replay = started()
    reports(replay, 10, seen(replay, task="t1", progress="same"))
    replay.at += 5 * 3600
    replay.then(MachineWoke(steady_gap_s=5 * 3600))
    probes_fail(replay, 24)
    reports(replay, 24, seen(replay, age=5 * 3600, task="t1", progress="same"))
    assert replay.commands == []
    assert replay.state.phases == started().state.phases


def test_an_api_that_stays_silent_after_waking_is_restarted_in_the_end() -> None:
    replay = started()
    replay.at += 3600
    replay.then(MachineWoke(steady_gap_s=3600))
    probes_fail(replay, 60)
    assert replay.commands == [KillTree(API)]


def test_sleep_is_seen_where_the_steady_clock_stands_still_and_where_it_runs_on() -> None:
    before = ClockReading(steady=100, wall=1_000)
    assert detect_wake(before, ClockReading(101, 1_001)) is None
    assert detect_wake(before, ClockReading(101, 19_000)) == MachineWoke(steady_gap_s=1)
    assert detect_wake(before, ClockReading(18_100, 19_000)) == MachineWoke(steady_gap_s=18_000)


def test_a_wall_clock_that_is_set_back_is_no_sleep() -> None:
    assert detect_wake(ClockReading(100, 10_000), ClockReading(101, 2_000)) is None
