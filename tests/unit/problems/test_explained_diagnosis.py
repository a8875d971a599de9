"""Docker, database and broker: Diagnostics gives the cause that Services gives."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.diagnosis import CheckResult, CheckState, Diagnosis
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import problem
from backend.contract.settings import StackKind
from desktop.problems.explained_diagnosis import explained
from desktop.problems.problems import problems
from desktop.state.app_state import AppState
from desktop.supervision.plan import STACK, plan
from desktop.supervision.services import Phase, Supervision

BROKER = CheckResult.of("broker", problem(ProblemId.BROKER_AWAY, {"reason": "Connection refused"}))
DATABASE = CheckResult.of("database", problem(ProblemId.DATABASE_AWAY, {"reason": "Connection refused"}))
DISK = CheckResult.of("disk", problem(ProblemId.DISK_LOW, {"room": "1 GB"}))
WELL = CheckResult(name="database", state=CheckState.OK, title="The database answers")


def state_with(problem_id: ProblemId | None) -> AppState:
    supervision = Supervision.of(plan())
    found = problem(problem_id) if problem_id else None
    stack = replace(supervision[STACK], phase=Phase.STARTING, wanted=True, problem=found)
    return AppState(supervision.put(stack), StackKind.DOCKER)


def test_docker_that_does_not_run_is_the_one_reason_for_database_and_broker() -> None:
    state = state_with(ProblemId.DOCKER_NOT_RUNNING)
    found = explained(Diagnosis.of([DISK, BROKER, DATABASE]), state).findings
    assert [finding.id for finding in found] == [ProblemId.DOCKER_NOT_RUNNING, ProblemId.DISK_LOW]
    shown, listed = found[0].problem, problems(state)[0]
    assert shown is not None
    assert (shown.title, shown.hint) == (listed.title, listed.hint)
    assert listed.message.startswith(shown.message)


def test_without_a_problem_of_the_stack_the_findings_stay() -> None:
    diagnosis = Diagnosis.of([BROKER, DATABASE])
    assert explained(diagnosis, state_with(None)) == diagnosis


def test_servers_that_answer_are_not_doubted() -> None:
    diagnosis = Diagnosis.of([WELL, DISK])
    assert explained(diagnosis, state_with(ProblemId.DOCKER_NOT_RUNNING)) == diagnosis
