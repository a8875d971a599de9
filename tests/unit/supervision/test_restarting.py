import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.contract.names import HOPELESS, RECYCLED, UNREACHABLE, WRONG_USAGE
from backend.contract.problems import Remedy
from desktop.supervision.events import ServiceExited, Spawn, SpawnFailed, StartRequested, TimePassed
from desktop.supervision.plan import API, BEAT
from desktop.supervision.reducer import reduce
from desktop.supervision.services import Phase
from desktop.supervision.timeouts import RestartPolicy
from tests.unit.supervision.replay import SLOW, Replay, started


def crash_and_wait(replay: Replay, name: str) -> float:
    """Return the delay before the restart."""
    replay.exits(name)
    delay = replay[name].retry_at - replay.at
    replay.wait(delay)
    return delay


def test_backs_off_by_doubling() -> None:
    replay = started()
    assert [crash_and_wait(replay, BEAT) for _ in range(4)] == [1, 2, 4, 8]


def test_gives_up_after_five_exits_in_ten_minutes() -> None:
    replay = started()
    for _ in range(4):
        crash_and_wait(replay, BEAT)
    replay.exits(BEAT, 1, "Traceback:\nno such table: schedule")
    assert replay[BEAT].phase is Phase.GAVE_UP
    problem = replay[BEAT].problem
    assert problem is not None
    assert "5 times within 10 minutes" in problem.message
    assert problem.message.endswith("exit code 1: no such table: schedule")
    assert problem.details == "Traceback:\nno such table: schedule"
    assert problem.remedies == (Remedy.OPEN_LOG, Remedy.TRY_AGAIN)
    assert replay.wait(3600) == []


@pytest.mark.parametrize("code", [WRONG_USAGE, HOPELESS])
def test_a_service_that_cannot_use_its_settings_or_data_is_not_started_again(code: int) -> None:
    replay = started()
    replay.exits(API, code, "DATABASE_URL cannot be used")
    assert replay[API].phase is Phase.GAVE_UP
    problem = replay[API].problem
    assert problem is not None
    assert (problem.title, problem.message) == ("API cannot run", "DATABASE_URL cannot be used")
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


def test_somebody_who_asks_for_it_starts_a_service_that_had_given_up() -> None:
    replay = started()
    for _ in range(4):
        crash_and_wait(replay, BEAT)
    replay.exits(BEAT)
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


def test_a_service_that_cannot_be_started_at_all_backs_off_and_is_given_up() -> None:
    replay = started()
    replay.exits(BEAT)
    for _ in range(4):
        replay.at = replay[BEAT].retry_at
        replay.state, _ = reduce(replay.state, TimePassed(), replay.at)
        replay.then(SpawnFailed(BEAT, "No such file or directory"))
    assert replay[BEAT].phase is Phase.GAVE_UP
    problem = replay[BEAT].problem
    assert problem is not None
    assert "No such file or directory" in problem.message
    assert Remedy.TRY_AGAIN in problem.remedies
