"""A report that could not be delivered: one problem with its remedy, gone with the next one that could."""

from __future__ import annotations

from datetime import UTC, datetime

from backend.contract.data_problems import run_problems
from backend.contract.errors import ErrorFields
from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.problem_catalogue import ProblemId, Remedy, Weight
from backend.contract.tasks import TaskRun

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ERROR = ErrorFields(title="The report cannot be written", message="/mnt/x: The folder is not there.", hint="Create it.")


def run(status: RunState, error: ErrorFields | None = None) -> TaskRun:
    return TaskRun(
        task_id=status, name=TaskName.REPORT, status=status, error=error, queued_at=NOW, trigger=Trigger.SCHEDULE
    )


def test_the_reason_and_the_settings_are_offered() -> None:
    (found,) = run_problems([run(RunState.FAILURE, ERROR)], ())
    assert (found.id, found.weight) == (ProblemId.JOB_FAILED, Weight.WARNING)
    assert found.title == "The report failed"
    assert "The folder is not there." in found.message
    assert found.hint == "Create it."
    assert found.remedies == (Remedy.OPEN_REPORT_SETTINGS,)


def test_the_next_one_that_is_delivered_ends_it() -> None:
    assert list(run_problems([run(RunState.SUCCESS), run(RunState.FAILURE, ERROR)], ())) == []
