from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from backend.cli.follow import API_TIMEOUT_S, ApiLost, RunNotStarted, describe_run, follow, poll_run, why_untaken
from backend.cli.session import Terminal
from backend.client.api import ApiClient
from backend.client.transport import ApiAbsent
from backend.contract.names import RunState, queue_on
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import problem
from backend.contract.tasks import Progress, TaskRun
from backend.contract.workers import (
    BeatStatus,
    WaitingTask,
    WorkersState,
    WorkersStatus,
    WorkerStats,
    WorkerStatus,
    WorkerTask,
)

AWAY = ApiAbsent("nothing listens there")
SCRIPT = list[TaskRun | ApiAbsent]
Answer = TypeVar("Answer")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run(
    status: RunState, phase: str = "", done: int = 0, total: int | None = None, message: str = "", **sources: object
) -> TaskRun:
    return TaskRun.model_validate(
        {
            "task_id": "1",
            "name": "n",
            "queue": "fast",
            "status": status,
            "trigger": "api",
            "queued_at": datetime.now(UTC),
            "progress": {"phase": phase, "done": done, "total": total, "message": message, "sources": sources},
        }
    )


class Time:
    """A clock that moves only by `sleep`."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def responses(script: Sequence[Answer | ApiAbsent]) -> Callable[[], Answer]:
    """Return the entries of the script one by one, then its last entry always."""
    left = list(script)

    def respond() -> Answer:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, ApiAbsent):
            raise answer
        return answer

    return respond


def test_an_api_that_went_away_right_after_it_accepted_the_run_is_waited_for() -> None:
    time = Time()
    script: SCRIPT = [*[AWAY] * 5, run(RunState.SUCCESS)]
    assert [state.status for state in poll_run(responses(script), time.clock, time.sleep)] == [RunState.SUCCESS]


def test_ends_with_the_final_state() -> None:
    time = Time()
    seen = [
        state.status
        for state in poll_run(
            responses([run(RunState.PENDING), run(RunState.STARTED), run(RunState.SUCCESS)]), time.clock, time.sleep
        )
    ]
    assert seen == [RunState.PENDING, RunState.STARTED, RunState.SUCCESS]


def test_outlives_a_restart_of_the_api() -> None:
    time = Time()
    script: SCRIPT = [run(RunState.STARTED), *[AWAY] * 50, run(RunState.SUCCESS)]
    assert [state.status for state in poll_run(responses(script), time.clock, time.sleep)][-1] is RunState.SUCCESS


def test_gives_up_when_the_api_stays_away() -> None:
    time = Time()
    with pytest.raises(ApiLost, match="continues"):
        list(poll_run(responses([run(RunState.STARTED), AWAY]), time.clock, time.sleep))
    assert API_TIMEOUT_S < time.now < 2 * API_TIMEOUT_S


class ScriptedClient(ApiClient):
    def __init__(self, script: SCRIPT, workers: Sequence[WorkersStatus | ApiAbsent]) -> None:
        super().__init__("http://127.0.0.1:8001")
        self._run_responses, self._workers = responses(script), responses(workers)

    def workers(self) -> WorkersStatus:
        return self._workers()

    def run(self, task_id: str) -> TaskRun:
        assert task_id == "1"
        return self._run_responses()


def followed(
    script: SCRIPT,
    terminal: Terminal,
    start_timeout_s: float | None = None,
    workers: Sequence[WorkersStatus | ApiAbsent] = (AWAY,),
) -> TaskRun:
    time = Time()
    client = ScriptedClient(script, workers)
    return follow(client, "1", terminal, start_timeout_s=start_timeout_s, clock=time.clock, sleep=time.sleep)


def test_tells_each_phase_once_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    script: SCRIPT = [
        run(RunState.PENDING),
        run(RunState.STARTED, "read", 1, 10, "NVD 2024"),
        run(RunState.STARTED, "read", 9, 10, "NVD 2024"),
        run(RunState.STARTED, "read", 1, 10, "NVD 2023"),
        run(RunState.STARTED, "merge", 5, 2000, nvd={"state": "ok"}),
        run(RunState.STARTED, "Merging", 9, 2000),
        run(RunState.SUCCESS, "merge"),
    ]
    followed(script, Terminal(out=out))
    assert out.getvalue().splitlines() == [
        "Waiting for a worker",
        "Reading NVD 2024  1 of 10 (10 %)",
        "Reading NVD 2023  1 of 10 (10 %)",
        "Merging the records of all sources  5 of 2,000 (0 %)",
        "nvd ok",
        "Merging  9 of 2,000 (0 %)",
    ]


def test_a_download_is_counted_in_bytes_and_the_step_is_named() -> None:
    progress = {"phase": "download", "step": 2, "steps": 6, "unit": "bytes", "done": 3 * 10**6, "message": "NVD"}
    downloading = run(RunState.STARTED).model_copy(update={"progress": Progress.model_validate(progress)})
    assert describe_run(downloading, datetime.now(UTC)) == "Downloading NVD  3.0 MB  step 2 of 6"


def test_the_whole_and_a_source_in_trouble_are_told() -> None:
    silent = {"state": "waiting", "trouble": "www.cisa.gov did not answer in time."}

    def reading(share: float, done: int, **sources: object) -> TaskRun:
        progress = {"phase": "read", "done": done, "total": 90, "message": "NVD", "share": share, "left_s": 75}
        return run(RunState.STARTED).model_copy(
            update={"progress": Progress.model_validate({**progress, "sources": sources})}
        )

    out = io.StringIO()
    script: SCRIPT = [
        reading(0.31, 1, cisa=silent),
        reading(0.32, 5, cisa=silent),
        reading(0.45, 50, cisa={"state": "ok", "trouble": ""}),
        run(RunState.SUCCESS),
    ]
    followed(script, Terminal(out=out))
    assert out.getvalue().splitlines() == [
        "Reading NVD  1 of 90 (1 %)  31 % of all, about 1 min 15 s left",
        "cisa: www.cisa.gov did not answer in time. Trying again.",
        "Reading NVD  50 of 90 (55 %)  45 % of all, about 1 min 15 s left",
        "cisa ok",
    ]


def test_is_silent_for_programs() -> None:
    out = io.StringIO()
    followed([run(RunState.STARTED, "x"), run(RunState.FAILURE)], Terminal(as_json=True, out=out))
    assert out.getvalue() == ""


def test_shows_a_bar_on_a_terminal_without_obeying_the_text_of_feeds() -> None:
    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Tty()
    followed([run(RunState.STARTED, "[red]\x1b]0;evil\x07", 1, 4), run(RunState.SUCCESS)], Terminal(out=out))
    assert "[red]" in out.getvalue()
    assert "\x1b]0;" not in out.getvalue()


def test_a_terminal_shows_one_time_left_which_is_that_of_the_whole_run() -> None:
    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    def at(share: float) -> TaskRun:
        progress = Progress.model_validate({"phase": "read", "message": "NVD", "share": share, "left_s": 240})
        return run(RunState.STARTED).model_copy(update={"progress": progress})

    out = Tty()
    followed([at(0.1), at(0.5), at(0.98), run(RunState.SUCCESS)], Terminal(out=out))
    lines = [line for line in out.getvalue().replace("\r", "\n").splitlines() if "Reading" in line]
    assert lines
    assert all("about 4 min left" in line for line in lines)
    assert all(len(re.findall(r"\d+:\d\d:\d\d", line)) == 1 for line in lines)


def test_says_when_nobody_takes_the_task() -> None:
    with pytest.raises(RunNotStarted):
        followed([run(RunState.PENDING)], Terminal(out=io.StringIO()), start_timeout_s=30)


def worker(*queues: str, task: str = "") -> WorkerStatus:
    stats = WorkerStats(host="h", pid=1, version="1", started_at=NOW, tasks_done=0, tasks_failed=0)
    current = WorkerTask(task_id=task, name="n") if task else None
    return WorkerStatus(
        name="w",
        active_tasks=0,
        registered_tasks=6,
        stats=stats,
        queues=queues,
        current_task=current,
        heartbeat_age_s=1,
    )


def status_of(*workers: WorkerStatus, beats: int = 1, waiting: bool = True) -> WorkersStatus:
    return WorkersStatus(
        status=WorkersState.HEALTHY,
        message="",
        workers=workers,
        total_workers=len(workers),
        beats=[BeatStatus(name="b", host="h", pid=2)] * beats,
        waiting=[WaitingTask(task_id="1", queue="fast")] if waiting else [],
    )


NOBODY = {
    ProblemId.WORKERS_MISSING: status_of(),
    ProblemId.QUEUE_UNSERVED: status_of(worker("slow"), worker("slow", "other")),
    ProblemId.SCHEDULE_UNATTENDED: status_of(worker("fast"), beats=0, waiting=False),
    ProblemId.TASK_UNTAKEN: status_of(worker("fast", "slow")),
}


@pytest.mark.parametrize(("found", "workers"), NOBODY.items(), ids=str)
def test_a_run_that_nobody_will_take_is_not_waited_for_without_end(found: ProblemId, workers: WorkersStatus) -> None:
    with pytest.raises(RunNotStarted) as caught:
        followed([run(RunState.PENDING)], Terminal(out=io.StringIO()), workers=[workers])
    assert problem(found, service="worker-fast").title in caught.value.message
    assert "stays in the queue" in caught.value.message
    assert "openthreat" in caught.value.hint


def test_a_broker_that_refuses_the_run_is_the_reason() -> None:
    assert (found := why_untaken(run(RunState.PENDING), status_of(worker("fast"), waiting=False))) is not None
    assert "broker did not take" in found.message


def test_a_run_of_another_pc_waits_for_the_workers_of_that_pc() -> None:
    of_pc = run(RunState.PENDING).model_copy(update={"queue": queue_on("5f3c1d2e-of-a-pc")})
    assert (found := why_untaken(of_pc, status_of(worker("fast", "slow")))) is not None
    assert "of one PC" in found.message
    assert why_untaken(of_pc, status_of(worker("fast", of_pc.queue, task="other"))) is None


@pytest.mark.parametrize(
    "workers",
    [[status_of(worker("fast", task="other"))], [status_of(), status_of(worker("fast", task="other"))] * 200, [AWAY]],
    ids=["busy", "restarted again and again", "the API does not say"],
)
def test_a_run_whose_turn_may_come_is_waited_for(workers: Sequence[WorkersStatus | ApiAbsent]) -> None:
    script: SCRIPT = [*[run(RunState.PENDING)] * 600, run(RunState.SUCCESS)]
    assert followed(script, Terminal(out=io.StringIO()), workers=workers).status is RunState.SUCCESS


def test_a_test_that_no_worker_took_says_why() -> None:
    with pytest.raises(RunNotStarted, match="Updates and jobs are not running"):
        followed([run(RunState.PENDING)], Terminal(out=io.StringIO()), start_timeout_s=30, workers=[status_of()])
