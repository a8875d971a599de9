from backend.contract.problems import failure
from desktop.supervision.events import (
    CloseRequested,
    ForeignApiFound,
    KillTree,
    PortFoundFree,
    ProbeFailed,
    RequestStop,
    RestartRequested,
    ServicePortTaken,
    ServiceReady,
    ServiceUnready,
    Spawn,
    SpawnFailed,
    StackDown,
    StartRequested,
    StopRequested,
    TimePassed,
)
from desktop.supervision.plan import API, BEAT, STACK
from desktop.supervision.services import Phase
from tests.unit.supervision.replay import FAST, SLOW, Replay, started

AWAY = failure("PostgreSQL cannot be reached")


def test_nothing_starts_before_the_stack_is_ready() -> None:
    replay = Replay()
    replay.then(StartRequested())
    replay.wait(60)
    assert replay.commands == []
    assert replay[STACK].phase is Phase.STARTING
    assert replay[API].phase is Phase.STOPPED


def test_a_stack_that_is_stopped_and_started_at_once_begins_anew() -> None:
    replay = Replay()
    replay.then(StartRequested())
    replay.then(StopRequested(STACK))
    replay.then(StartRequested(STACK))
    assert replay[STACK].phase is Phase.STOPPING
    replay.then(StackDown(STACK))
    assert (replay[STACK].phase, replay[API].phase) == (Phase.STARTING, Phase.STOPPED)


def test_the_api_starts_only_when_its_port_was_found_free() -> None:
    replay = Replay()
    replay.then(StartRequested())
    assert replay.then(ServiceReady(STACK)) == []
    assert replay.then(PortFoundFree(API)) == [Spawn(API)]
    assert replay[API].pid == 101


def test_workers_and_beat_wait_until_the_api_has_prepared_the_database() -> None:
    replay = Replay()
    for event in (StartRequested(), ServiceReady(STACK), PortFoundFree(API)):
        replay.then(event)
    assert replay.then(ServiceUnready(API, failure("The database is being prepared"))) == []
    assert replay.api_answers() == [Spawn(SLOW), Spawn(FAST), Spawn(BEAT)]


def test_a_worker_is_running_when_its_heart_is_heard_and_beat_when_it_lives() -> None:
    replay = Replay()
    for event in (StartRequested(), ServiceReady(STACK), PortFoundFree(API), ServiceReady(API)):
        replay.then(event)
    replay.wait(3)
    assert (replay[SLOW].phase, replay[BEAT].phase) == (Phase.STARTING, Phase.RUNNING)
    replay.workers_beat()
    assert replay[SLOW].phase is Phase.RUNNING


def test_a_stack_that_is_away_holds_back_the_rest_and_lets_it_go_on_by_itself() -> None:
    replay = Replay()
    replay.then(StartRequested())
    replay.then(ServiceUnready(STACK, AWAY))
    assert replay[STACK].problem == AWAY
    replay.then(ServiceReady(STACK))
    assert replay[STACK].problem is None
    assert replay.then(PortFoundFree(API)) == [Spawn(API)]


def test_what_runs_is_left_alone_when_the_stack_goes_away() -> None:
    replay = started()
    replay.then(ServiceUnready(STACK, AWAY))
    replay.wait(3600)
    assert replay.commands == []
    assert replay[STACK].phase is Phase.STARTING


def test_what_ends_while_the_stack_is_away_waits_for_it_and_is_not_blamed() -> None:
    replay = started()
    replay.then(ServiceUnready(STACK, AWAY))
    replay.exits(SLOW)
    assert replay[SLOW].phase is Phase.STOPPED
    assert replay[SLOW].exits == ()
    assert replay.then(ServiceReady(STACK)) == [Spawn(SLOW)]


def test_stops_in_the_reverse_order_of_the_start() -> None:
    replay = started()
    assert replay.then(CloseRequested()) == [RequestStop(SLOW), RequestStop(FAST), RequestStop(BEAT)]
    replay.exits(BEAT, 0)
    replay.exits(SLOW, 0)
    assert replay[API].phase is Phase.RUNNING
    assert replay.exits(FAST, 0) == [RequestStop(API)]
    assert replay[STACK].phase is Phase.RUNNING
    replay.exits(API, 0)
    assert replay[STACK].phase is Phase.STOPPING
    assert not replay.state.finished(replay.at)
    replay.then(StackDown(STACK))
    assert replay.state.finished(replay.at)


def test_whoever_does_not_stop_in_time_is_killed_once() -> None:
    replay = started()
    replay.then(CloseRequested())
    replay.wait(8)
    assert KillTree(SLOW) not in replay.commands
    assert KillTree(SLOW) in replay.wait(2)
    assert KillTree(SLOW) not in replay.wait(1)


def test_closing_ends_within_fifteen_seconds_even_if_nothing_obeys() -> None:
    replay = started()
    replay.then(CloseRequested())
    replay.wait(15)
    assert replay.state.finished(replay.at)


def test_a_second_interrupt_kills_at_once() -> None:
    replay = started()
    replay.then(CloseRequested())
    assert replay.then(CloseRequested(again=True)) == [KillTree(API), KillTree(SLOW), KillTree(FAST), KillTree(BEAT)]


def test_closing_before_anything_runs_is_finished_at_once() -> None:
    replay = Replay()
    replay.then(StartRequested())
    replay.then(CloseRequested())
    replay.then(StackDown(STACK))
    assert replay.state.finished(replay.at)


def test_nothing_starts_any_more_once_closing() -> None:
    replay = started()
    replay.then(CloseRequested())
    replay.exits(SLOW, 1)
    replay.then(StartRequested(SLOW))
    replay.wait(5)
    assert replay.spawned() == []


def test_one_service_is_stopped_and_stays_so() -> None:
    replay = started()
    assert replay.then(StopRequested(API)) == [RequestStop(API)]
    replay.exits(API, 0)
    replay.wait(600)
    assert replay[API].phase is Phase.STOPPED
    assert replay[SLOW].phase is Phase.RUNNING


def test_a_restart_asks_it_to_stop_and_starts_it_again_without_blame() -> None:
    replay = started()
    assert replay.then(RestartRequested(SLOW)) == [RequestStop(SLOW)]
    assert replay.exits(SLOW, 0) == [Spawn(SLOW)]
    assert replay[SLOW].exits == ()


def test_starting_a_worker_also_starts_what_it_needs() -> None:
    replay = Replay()
    replay.then(StartRequested(SLOW))
    wanted = [service.name for service in replay.state.services if service.wanted]
    assert wanted == [STACK, API, SLOW]


def test_a_port_that_another_program_holds_is_no_crash_and_not_tried_again() -> None:
    replay = Replay()
    for event in (StartRequested(), ServiceReady(STACK), ServicePortTaken(API, failure("Port 8001 is taken"))):
        replay.then(event)
    assert replay[API].phase is Phase.GAVE_UP
    assert replay[API].blocked
    replay.wait(3600)
    assert replay.spawned() == []


def test_an_api_that_runs_already_is_used_and_never_stopped() -> None:
    replay = Replay()
    for event in (StartRequested(), ServiceReady(STACK), ForeignApiFound(API, 4711)):
        replay.then(event)
    assert replay[API].phase is Phase.FOREIGN
    assert replay.spawned() == [SLOW, FAST, BEAT]
    replay.then(CloseRequested())
    assert RequestStop(API) not in replay.commands
    for name in (SLOW, FAST, BEAT):
        replay.exits(name, 0)
    assert replay[API].phase is Phase.STOPPED


def test_an_own_api_takes_over_when_the_foreign_one_is_gone() -> None:
    replay = Replay()
    for event in (StartRequested(), ServiceReady(STACK), ForeignApiFound(API, 4711)):
        replay.then(event)
    replay.at = 60.0
    for _ in range(15):
        replay.at += 2
        replay.then(ProbeFailed(API, failure("The API is not answering")))
    assert replay[API].phase is Phase.STARTING
    assert replay.then(PortFoundFree(API)) == [Spawn(API)]


def test_an_answer_about_the_port_that_comes_too_late_changes_nothing() -> None:
    replay = started()
    before = replay.state
    replay.then(PortFoundFree(API))
    replay.then(ServicePortTaken(API, failure("Port 8001 is taken")))
    replay.then(ForeignApiFound(API, 4711))
    assert replay.state == before


def test_a_program_that_cannot_be_started_is_tried_again_with_back_off() -> None:
    replay = started()
    replay.exits(BEAT)
    replay.at += 1
    before = replay[BEAT]
    assert before.phase is Phase.BACKOFF
    replay.then(TimePassed())
    replay.then(SpawnFailed(BEAT, "No such file"))
    assert replay[BEAT].phase is Phase.BACKOFF
    assert len(replay[BEAT].exits) == 2
