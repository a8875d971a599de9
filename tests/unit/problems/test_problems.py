"""What absorbs what, and when a problem is known to be over."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.names import RunState, Source, TaskName
from backend.contract.problem_catalogue import Outlook, Place, ProblemId, Weight
from backend.contract.problems import problem
from backend.contract.schedule import SchedulePause
from backend.contract.sources import SourceState
from backend.contract.workers import WorkersState
from desktop.problems.problems import at, is_over, problems, service_problems
from desktop.state.app_state import SnapshotMissed, reduce_state
from desktop.supervision.events import ProbeFailed, ServiceUnready
from desktop.supervision.plan import API, BEAT, STACK
from desktop.supervision.services import ForeignWorker, Phase
from tests.fakes.recorded_states import entry, keeps_failing, recorded, run, service, snapshot, sources, state, workers
from tests.unit.supervision.replay import FAST, SLOW, started

STATES = {moment.name: moment.state for moment in recorded()}
SILENT = problem(ProblemId.API_SILENT, {"reason": "No answer within 2 s."})
OFF = {"phase": Phase.STOPPED, "wanted": False, "pid": None}


def test_a_stack_that_is_away_explains_even_what_is_heavier() -> None:
    replay = started()
    for _ in range(5):
        replay.exits(SLOW)
        if not replay[SLOW].failed:
            replay.wait(60)
    replay.then(ServiceUnready(STACK, problem(ProblemId.DOCKER_STOPPED)))
    (found,) = service_problems(replay.state)
    assert (found.id, found.service, found.affects) == (ProblemId.DOCKER_STOPPED, STACK, ("Updates",))
    assert "Affected: Updates." in found.message


def test_a_silent_api_does_not_hide_a_service_that_a_person_has_to_repair() -> None:
    failing = reduce_state(state(keeps_failing(BEAT)), SnapshotMissed(SILENT))
    assert [found.id for found in problems(failing)] == [ProblemId.SERVICE_FAILING, ProblemId.API_SILENT]


def test_an_api_that_is_silent_explains_a_worker_that_ended() -> None:
    replay = started()
    replay.exits(SLOW)
    for _ in range(3):
        replay.at += 2
        replay.then(ProbeFailed(API, SILENT))
    assert [found.id for found in service_problems(replay.state)] == [ProblemId.API_SILENT]


def test_what_both_the_supervisor_and_the_windows_see_is_one_problem() -> None:
    away = STATES["database away"]
    silent = reduce_state(away, SnapshotMissed(SILENT))
    assert [found.id for found in problems(silent)] == [ProblemId.DATABASE_AWAY]


def test_services_that_a_person_stopped_are_lighter_and_named_for_what_does_not_happen() -> None:
    found = problems(state(service(SLOW, **OFF)))[0]
    assert (found.id, found.weight, found.outlook) == (ProblemId.QUEUE_UNSERVED, Weight.ATTENTION, Outlook.CHOSEN)
    both = service(SLOW, **OFF)
    both = both.put(replace(both[FAST], **OFF))
    assert [found.id for found in service_problems(both)] == [ProblemId.WORKERS_MISSING]


def test_what_another_program_does_is_not_missing() -> None:
    elsewhere = (ForeignWorker("slow@team", "team", 1, queues=("slow",)),)
    assert service_problems(replace(service(SLOW, **OFF), foreign=elsewhere)) == ()


def test_data_that_grow_old_while_nothing_runs_by_itself_are_no_problem_of_their_own() -> None:
    stale = sources(SourceState.STALE)
    for quiet in (
        state(sources=stale, pause=SchedulePause(paused=True)),
        state(sources=stale, schedule=(entry(TaskName.UPDATE, enabled=False),)),
        state(service(BEAT, **OFF), sources=stale),
    ):
        assert [found.place for found in problems(quiet)] == [Place.SCHEDULE]
    assert [found.id for found in at(Place.TASKS, problems(state(sources=stale)))] == [ProblemId.SOURCE_STALE]


def test_a_failed_update_is_known_when_it_is_no_longer_among_the_newest_runs() -> None:
    known = entry(TaskName.UPDATE).model_copy(update={"last_status": RunState.FAILURE, "last_task_id": "run-1"})
    (found,) = problems(state(runs=(), schedule=(known,)))
    assert (found.id, found.occurrences) == (ProblemId.UPDATE_FAILED, ("run-1",))


def test_work_that_stands_still_is_not_said_again_by_the_api() -> None:
    stalled = workers(WorkersState.STALLED, "A run has been waiting in the queue slow although a worker is idle.")
    (failing,) = problems(state(keeps_failing(SLOW), workers=stalled))
    assert failing.id is ProblemId.SERVICE_FAILING


def test_a_problem_is_over_only_where_that_is_known() -> None:
    (failed,) = problems(STATES["last update failed"])
    assert is_over(failed, state())
    assert not is_over(failed, state(runs=(), schedule=()))
    assert not is_over(failed, state(runs=(run(RunState.STARTED), run(RunState.SUCCESS))))
    assert not is_over(failed, reduce_state(state(), SnapshotMissed(SILENT)))
    (failing,) = problems(state(keeps_failing(BEAT)))
    assert is_over(failing, state())
    assert not is_over(failing, state(service(BEAT, phase=Phase.STARTING)))
    (failing,) = problems(STATES["one source failing"])
    assert is_over(failing, state())
    assert not is_over(failing, state(sources=sources(SourceState.STALE, None, Source.EPSS)))
    (away,) = problems(STATES["database away"])
    assert not is_over(away, reduce_state(state(), SnapshotMissed(SILENT)))


def test_an_old_snapshot_says_nothing_about_the_database_now() -> None:
    down = STATES["broker away"].snapshot
    assert down is not None
    silent = reduce_state(replace(state(), snapshot=snapshot(health=down.health)), SnapshotMissed(SILENT))
    assert [found.id for found in problems(silent)] == [ProblemId.API_SILENT]
