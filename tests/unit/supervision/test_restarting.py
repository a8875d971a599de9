import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.contract.names import HOPELESS, RECYCLED, UNREACHABLE, WRONG_USAGE
from backend.contract.problem_catalogue import ProblemId, Remedy
from desktop.problems.problems import service_problems
from desktop.supervision.events import (
    Event,
    MachineWoke,
    PortFoundFree,
    RestartRequested,
    ServiceExited,
    Spawn,
    SpawnFailed,
    StartRequested,
    StopRequested,
    TimePassed,
)
from desktop.supervision.plan import API, BEAT
from desktop.supervision.reducer import reduce
from desktop.supervision.services import Phase
from desktop.supervision.timeouts import RestartPolicy
from tests.unit.supervision.replay import FAST, SLOW, Replay, started


def crash_and_wait(replay: Replay, name: str) -> float:
    """Return the delay before the restart."""
    replay.exits(name)
    delay = replay[name].retry_at - replay.at
    replay.wait(delay)
    return delay


def test_backs_off_by_doubling() -> None:
    replay = started()
    assert [crash_and_wait(replay, BEAT) for _ in range(4)] == [1, 2, 4, 8]


def test_after_five_exits_in_ten_minutes_it_is_said_to_keep_failing() -> None:
    replay = started()
    for _ in range(4):
        crash_and_wait(replay, BEAT)
    replay.exits(BEAT, 1, "Traceback:\nno such table: schedule")
    assert replay[BEAT].failed
    problem = replay[BEAT].reported_problem
    assert problem is not None
    assert problem.id is ProblemId.SERVICE_FAILING
    assert "5 times within 10 minutes" in problem.message
    assert problem.message.endswith("exit code 1: no such table: schedule")
    assert problem.details == "Traceback:\nno such table: schedule"
    assert problem.remedies == (Remedy.OPEN_LOG, Remedy.TRY_AGAIN)


def keeps_failing(name: str = BEAT) -> Replay:
    """Return a replay in which the service has just ended for the fifth time."""
    replay = started()
    for _ in range(4):
        crash_and_wait(replay, name)
    replay.exits(name)
    assert replay[name].failed
    return replay


def test_what_keeps_failing_is_tried_after_5_10_20_and_then_every_30_minutes_for_ever() -> None:
    replay = keeps_failing()
    first = replay[BEAT].recurrence
    assert first is not None
    delays = [replay[BEAT].retry_at - replay.at]
    for _ in range(20):
        replay.wait(delays[-1])
        assert replay[BEAT].reported_problem is not None
        replay.exits(BEAT, 1, "still broken")
        delays.append(replay[BEAT].retry_at - replay.at)
    assert delays == [300, 600, 1200, *[1800] * 18]
    last = replay[BEAT].recurrence
    assert last is not None
    assert last.since == first.since
    assert last.problem.message.startswith("It ended 25 times within ")
    assert last.problem.message.endswith("still broken")


def test_it_is_well_again_only_after_it_has_run_for_a_while() -> None:
    replay = keeps_failing()
    replay.wait(300)
    replay.wait(3)
    assert replay[BEAT].phase is Phase.RUNNING
    assert replay[BEAT].reported_problem is not None
    replay.wait(61)
    assert replay[BEAT].reported_problem is None
    assert crash_and_wait(replay, BEAT) == 1  # the failures before do not count any more


def test_the_machines_sleep_does_not_count_as_running() -> None:
    replay = keeps_failing()
    replay.wait(300)
    replay.wait(3)
    replay.at += 7200
    replay.then(MachineWoke(7200))
    assert replay[BEAT].recurrence is not None
    replay.wait(61)
    assert replay[BEAT].recurrence is None


def test_a_sleep_longer_than_the_wait_starts_it_on_waking() -> None:
    replay = keeps_failing()
    replay.at += 7200
    assert replay.then(MachineWoke(7200)) == [Spawn(BEAT)]


def test_a_wait_that_is_killed_into_goes_on() -> None:
    """The end of an earlier process arrives late, and other services end meanwhile."""
    replay = keeps_failing(SLOW)
    until = replay[SLOW].retry_at
    replay.then(ServiceExited(SLOW, 99_999, -9))
    replay.exits(FAST, -9)
    replay.wait(1)
    replay.workers_beat()
    assert replay[SLOW].retry_at == until
    assert replay.wait(until - replay.at) == [Spawn(SLOW)]


@pytest.mark.parametrize("names", [(SLOW, FAST), (BEAT,), (API,), (API, BEAT), (SLOW, FAST, BEAT, API)], ids="+".join)
def test_six_kills_in_two_minutes_are_mended_within_ten(names: tuple[str, ...]) -> None:
    replay = started()
    for _ in range(6):
        for name in names:
            if replay[name].pid is not None:
                replay.exits(name, -9)
        for _ in range(20):
            live(replay)
    assert any(replay[name].failed for name in names)
    for _ in range(600 - 120):
        live(replay)
    assert set(replay.phases().values()) == {Phase.RUNNING}
    assert service_problems(replay.state) == ()


def live(replay: Replay) -> None:
    """Let a second pass in which every process that runs works as it should."""
    replay.wait(1)
    if replay[API].phase is Phase.STARTING and not replay[API].port_checked:
        replay.then(PortFoundFree(API))
    if replay[API].pid is not None:
        replay.api_answers()
        replay.workers_beat()


def test_a_server_out_of_reach_is_waited_for_as_before_also_by_a_service_that_keeps_failing() -> None:
    replay = keeps_failing()
    replay.wait(300)
    replay.exits(BEAT, UNREACHABLE, "PostgreSQL is starting up")
    assert replay[BEAT].retry_at - replay.at <= 60


def test_a_refusal_ends_the_trying() -> None:
    replay = keeps_failing()
    replay.wait(300)
    replay.exits(BEAT, HOPELESS, "DATABASE_URL cannot be used")
    assert (replay[BEAT].phase, replay[BEAT].recurrence) == (Phase.GAVE_UP, None)
    assert replay.wait(7200) == []


@pytest.mark.parametrize("request_", [StopRequested(BEAT), RestartRequested(BEAT), StartRequested(BEAT)], ids=repr)
def test_what_a_person_asks_of_it_begins_a_new_count(request_: Event) -> None:
    replay = keeps_failing()
    replay.then(request_)
    assert (replay[BEAT].recurrence, replay[BEAT].exits) == (None, ())


def test_a_long_wait_is_not_watched_as_a_start_is() -> None:
    replay = keeps_failing()
    assert not replay.state.changing
    replay.wait(300)
    assert replay.state.changing


@pytest.mark.parametrize("code", [WRONG_USAGE, HOPELESS])
def test_a_service_that_cannot_use_its_settings_or_data_is_not_started_again(code: int) -> None:
    replay = started()
    replay.exits(API, code, "DATABASE_URL cannot be used")
    assert replay[API].phase is Phase.GAVE_UP
    problem = replay[API].problem
    assert problem is not None
    assert (problem.title, problem.message) == ("The API service cannot run", "DATABASE_URL cannot be used")
    assert replay.wait(3600) == []


def test_five_exits_over_a_longer_time_are_borne() -> None:
    replay = started()
    for _ in range(20):
        replay.wait(200)
        crash_and_wait(replay, BEAT)
    assert replay[BEAT].phase is Phase.STARTING


def test_back_off_begins_anew_after_a_healthy_while() -> None:
    replay = started()
    assert [crash_and_wait(replay, BEAT) for _ in range(2)] == [1, 2]
    replay.wait(3)
    replay.wait(61)
    assert crash_and_wait(replay, BEAT) == 1


def test_a_recycled_worker_restarts_at_once_and_it_does_not_count() -> None:
    replay = started()
    for _ in range(20):
        replay.wait(30)
        replay.workers_beat()
        assert replay.exits(SLOW, RECYCLED) == [Spawn(SLOW)]
        replay.workers_beat()
    assert replay[SLOW].exits == ()


def test_recycling_right_after_the_start_is_a_crash() -> None:
    replay = started()
    replay.exits(SLOW, RECYCLED)
    assert replay[SLOW].phase is Phase.BACKOFF


def test_what_it_cannot_reach_is_waited_for_however_long_that_takes() -> None:
    replay = started()
    for _ in range(12):
        replay.exits(BEAT, UNREACHABLE, "PostgreSQL is starting up")
        assert replay[BEAT].phase is Phase.BACKOFF
        replay.wait(60)


def test_somebody_who_asks_for_it_starts_a_service_that_keeps_failing() -> None:
    replay = keeps_failing()
    assert replay.then(StartRequested(BEAT)) == [Spawn(BEAT)]
    assert replay[BEAT].exits == ()


def test_the_end_of_an_earlier_process_is_not_the_end_of_this_one() -> None:
    replay = started()
    before = replay.state
    replay.then(ServiceExited(BEAT, 99_999, 1))
    assert replay.state == before


def test_the_api_looks_for_its_port_again_before_it_restarts() -> None:
    replay = started()
    replay.exits(API)
    assert replay.wait(1) == []
    assert replay[API].phase is Phase.STARTING
    assert not replay[API].port_checked


def test_a_restart_is_counted() -> None:
    replay = started()
    crash_and_wait(replay, BEAT)
    assert replay[BEAT].restarts == 1


@given(streak=st.integers(1, 10_000), chance=st.floats(0, 1))
def test_the_delay_stays_within_its_jitter(streak: int, chance: float) -> None:
    policy = RestartPolicy()
    plain = min(60.0, 2.0 ** min(streak - 1, 30))
    assert 0.75 * plain <= policy.delay(streak, chance) <= 1.25 * plain


@pytest.mark.parametrize(("chance", "delay"), [(0.0, 0.75), (0.5, 1.0), (1.0, 1.25)])
def test_chance_spreads_the_first_delay(chance: float, delay: float) -> None:
    assert RestartPolicy().delay(1, chance) == delay


def test_a_service_that_cannot_be_started_at_all_backs_off_and_keeps_failing() -> None:
    replay = started()
    replay.exits(BEAT)
    for _ in range(4):
        replay.at = replay[BEAT].retry_at
        replay.state, _ = reduce(replay.state, TimePassed(), replay.at)
        replay.then(SpawnFailed(BEAT, "No such file or directory"))
    assert replay[BEAT].failed
    problem = replay[BEAT].reported_problem
    assert problem is not None
    assert "No such file or directory" in problem.message
    assert Remedy.TRY_AGAIN in problem.remedies
