"""The doctor's findings, with the cause that only the supervision knows. Pure."""

from __future__ import annotations

from backend.contract.diagnosis import CheckResult, CheckState, Diagnosis
from desktop.problems.problems import problems
from desktop.state.app_state import AppState
from desktop.supervision.plan import STACK

_OF_THE_STACK = ("broker", "database")
"""Names of the findings on what the stack provides."""


def explained(diagnosis: Diagnosis, state: AppState) -> Diagnosis:
    """Replace failed checks of the database and the broker by the problem that the list of problems has of the stack.

    The doctor asks the servers alone. The supervision also knows why they do not answer, for example that Docker is
    not running, so that all pages give the same cause and remedy.
    """
    cause = next((problem for problem in problems(state) if problem.service == STACK), None)
    failed = [item for item in diagnosis.findings if item.name in _OF_THE_STACK and item.state is not CheckState.OK]
    if cause is None or not failed:
        return diagnosis
    others = [item for item in diagnosis.findings if item not in failed]
    return Diagnosis.of([CheckResult.of(failed[0].name, cause), *others])
