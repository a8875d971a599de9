"""Texts of the Tasks page on runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.contract.health import Health
from backend.contract.names import RunState, Source, TaskName, Trigger
from backend.contract.settings import StackKind
from backend.contract.snapshot import Snapshot
from backend.contract.tasks import Progress, ProgressUnit, RunPhase, SourceProgress, TaskRun
from desktop.state.app_state import AppState
from desktop.supervision.services import Supervision
from desktop.ui.pages.tasks.headline import Headline
from desktop.ui.pages.tasks.outcome import problem_lines, problem_of, source_facts
from desktop.ui.pages.tasks.rows import look_of, row_of
from desktop.ui.widgets.progress import phase_words, trouble_words

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ERROR = {"title": "EUVD does not answer", "message": "No answer within 60 s", "hint": "It is tried again."}
COUNTS = {"state": "ok", "seen": 10, "added": 1, "changed": 2, "unchanged": 7}
IN_PART = {
    "status": "degraded",
    "degraded": ["euvd"],
    "sources": {
        "nvd": {**COUNTS, "problems": [{"record": "CVE-1\u202e", "reason": "no date"}]},
        "euvd": {"state": "degraded", "error": ERROR},
    },
    "records_seen": 10,
    "records_written": 3,
    "new_vulnerabilities": 4,
    "changed_vulnerabilities": 5,
}


def run(**changes: object) -> TaskRun:
    facts = {
        "task_id": "one",
        "name": TaskName.UPDATE,
        "status": RunState.SUCCESS,
        "queued_at": NOW - timedelta(minutes=13),
        "finished_at": NOW - timedelta(minutes=12),
        "trigger": Trigger.API,
    }
    return TaskRun.model_validate({**facts, **changes})


def view(*runs: TaskRun) -> AppState:
    health = Health.model_construct()  # type: ignore[call-arg]
    return AppState(Supervision(()), StackKind.EMBEDDED, snapshot=Snapshot.model_construct(health=health, runs=runs))


def progress(done: int, total: int | None, phase: RunPhase = RunPhase.READING, **more: object) -> TaskRun:
    facts = {"phase": phase, "message": "NVD 2024", "done": done, "total": total, **more}
    return run(status=RunState.STARTED, progress=Progress.model_validate(facts))


@pytest.mark.parametrize(
    ("update_run", "text"),
    [
        (run(result=IN_PART), "Last update partly completed 12 min ago: 4 new, 5 changed"),
        (run(status=RunState.FAILURE, error=ERROR), "Last update failed 12 min ago: EUVD does not answer"),
        (run(status=RunState.REVOKED), "Last update cancelled 12 min ago"),
        (run(status=RunState.PENDING), "An update is waiting to start"),
        (run(status=RunState.STARTED, cancel_requested=True), "Cancelling the update…"),
        (progress(300, 900), "Updating: Reading NVD 2024, 300 of 900 records"),
        (progress(300, None), "Updating: Reading NVD 2024, 300 so far"),
        (
            progress(3_000_000, 9_000_000, RunPhase.DOWNLOADING, unit=ProgressUnit.BYTES, message="NVD"),
            "Updating: Downloading NVD, 3.0 MB of 9.0 MB",
        ),
        (progress(5, 9, RunPhase.INDEXING), "Updating: Building the search index, 5 of 9 records"),
        (
            run(status=RunState.STARTED, progress=Progress.model_validate({"phase": "NVD download", "done": 5})),
            "Updating: NVD download, 5 so far",  # reported by an older version
        ),
        (run(name=TaskName.TEST), "No update yet"),
    ],
)
def test_the_first_line_says_how_the_update_stands(update_run: TaskRun, text: str) -> None:
    assert Headline().words(view(update_run), NOW, 0.0) == text


def test_the_first_line_tells_the_time_left_once_the_pace_is_known() -> None:
    headline = Headline()
    headline.words(view(progress(0, 900)), NOW, 0.0)
    assert headline.words(view(progress(300, 900)), NOW, 10.0).endswith("300 of 900 records, 20 s left")


def test_the_first_line_tells_of_the_whole_and_what_the_last_runs_took() -> None:
    text = Headline().words(view(progress(300, 900, share=0.344, left_s=95)), NOW, 0.0)
    assert text == "Updating: Reading NVD 2024, 300 of 900 records, 34 % done, 1 min 35 s left"


def test_a_source_that_does_not_answer_is_told_while_it_is_asked_again() -> None:
    silent = SourceProgress(state="waiting", trouble="www.cisa.gov did not answer in time.")
    live = Progress(sources={Source.CISA: silent, Source.NVD: SourceProgress(state="running")})
    assert trouble_words(live) == "CISA: www.cisa.gov did not answer in time. Trying again."
    facts = source_facts(run(status=RunState.STARTED, progress=live))
    assert (facts[Source.CISA].trouble, facts[Source.NVD].trouble) == (silent.trouble, "")
    assert trouble_words(Progress()) == ""


def test_an_update_that_landed_for_some_sources_only_looks_done_in_part() -> None:
    assert look_of(run(result=IN_PART)).word == "Partly completed"
    assert look_of(run(result={**IN_PART, "status": "ok"})).word == "Completed"


def test_a_run_that_was_asked_to_stop_is_cancelling_until_it_has() -> None:
    assert look_of(run(status=RunState.STARTED, cancel_requested=True)).word == "Cancelling"
    assert look_of(run(status=RunState.REVOKED, cancel_requested=True)).word == "Cancelled"


def test_records_are_told_until_it_is_known_what_vulnerabilities_they_came_to() -> None:
    live = Progress(sources={Source.NVD: SourceProgress.model_validate({**COUNTS, "state": "running"})})
    assert row_of(run(status=RunState.STARTED, progress=live)).counts == "10 records read"
    assert source_facts(run(status=RunState.STARTED, progress=live))[Source.NVD].state == "running"
    older = {name: value for name, value in IN_PART.items() if not name.endswith("_vulnerabilities")}
    assert row_of(run(result=older)).counts == "10 records read"
    assert row_of(run(result=IN_PART)).counts == "4 new, 5 changed"


@pytest.mark.parametrize("result", [None, "text", ["list"], {"sources": {"unheard": {}}}, {"sources": 5}])
def test_a_result_of_another_version_costs_the_counts_and_nothing_else(result: object) -> None:
    strange = run(result=result)
    assert row_of(strange).counts == ""
    assert look_of(strange).word == "Completed"


def test_a_source_that_was_not_read_is_named_with_its_reason() -> None:
    problem = problem_of(run(result=IN_PART))
    assert problem is not None
    assert (problem.title, problem.hint) == ("EUVD could not be updated", ERROR["hint"])
    assert "No answer within 60 s" in problem.message


def test_records_with_problems_are_listed_as_plain_text() -> None:
    assert problem_lines(source_facts(run(result=IN_PART))) == ["NVD  CVE-1: no date"]


def test_while_sources_do_not_answer_it_says_what_is_done_and_not_that_it_waits() -> None:
    trouble = {Source.CISA: SourceProgress(trouble="www.cisa.gov did not answer in time.")}
    assert phase_words(Progress(sources=trouble)) == "Asking the sources"
    assert phase_words(Progress()) == ""
