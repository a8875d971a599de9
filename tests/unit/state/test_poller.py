"""The poller polls often while something changes, and reports when the API does not answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from backend.client.api import Fresh
from backend.client.transport import ApiSilent
from backend.contract.health import Dependency, DependencyState, Health
from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.problems import failure
from backend.contract.settings import StackKind
from backend.contract.snapshot import Snapshot
from backend.contract.tasks import TaskRun
from desktop.state.app_state import AppState, StateStore, SupervisionChanged, Usage
from desktop.state.poller import Poller
from desktop.supervision.plan import plan
from desktop.supervision.services import Phase, ServiceState, Supervision
from tests.servers import wait_until

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FINE = Dependency(state=DependencyState.OK, message="")
HEALTH = Health(
    status=DependencyState.OK,
    version="1",
    pid=1,
    home="",
    started_at=NOON,
    database=FINE,
    broker=FINE,
    workers=FINE,
    beat=FINE,
)
QUIET = Snapshot(health=HEALTH)
BUSY = Snapshot(
    health=HEALTH,
    runs=(
        TaskRun(task_id="1", name=TaskName.UPDATE, status=RunState.STARTED, queued_at=NOON, trigger=Trigger.SCHEDULE),
    ),
)


class FakeApi:
    """Answers with `now`, or "not modified" for a known tag; `silent`: it does not answer."""

    def __init__(self) -> None:
        self.now, self.silent = QUIET, False
        self.tags: list[str] = []

    def snapshot(self, tag: str = "") -> Fresh | None:
        self.tags.append(tag)
        if self.silent:
            raise ApiSilent("no answer in time")
        known = f"tag-{len(self.now.runs)}"
        return None if tag == known else Fresh(self.now, known)


class Stage:
    def __init__(self) -> None:
        self.api, self.time = FakeApi(), NOON
        self.store = StateStore(AppState(running(), StackKind.EMBEDDED))
        self.poller = Poller(self.api, self.store, lambda pid: Usage(1.0, pid), lambda: self.time)

    def poll(self) -> AppState:
        self.time += timedelta(seconds=1)
        self.poller.poll()
        return self.store.state


def running(**phases: Phase) -> Supervision:
    return Supervision(
        tuple(
            ServiceState(service, phases.get(service.name, Phase.RUNNING), wanted=True, pid=number or None)
            for number, service in enumerate(plan())
        )
    )


def test_what_the_api_says_is_posted_with_its_time() -> None:
    stage = Stage()
    state = stage.poll()
    assert (state.snapshot, state.snapshot_at, state.stale_reason) == (QUIET, stage.time, None)


def test_what_is_known_already_is_not_sent_again_and_changes_nothing() -> None:
    stage = Stage()
    before = stage.poll()
    assert stage.poll() is before
    assert stage.api.tags == ["", "tag-0"]


def test_silence_keeps_the_last_known_state_and_says_how_old_it_is() -> None:
    stage = Stage()
    stage.poll()
    stage.poll()
    answered_at, stage.api.silent = stage.time, True
    state = stage.poll()
    assert (state.snapshot, state.snapshot_at) == (QUIET, answered_at)
    assert state.stale_reason is not None


def test_an_answer_after_silence_makes_it_the_latest_again_though_nothing_has_changed() -> None:
    stage = Stage()
    stage.poll()
    stage.api.silent = True
    stage.poll()
    stage.api.silent = False
    state = stage.poll()
    assert (state.stale_reason, state.snapshot_at) == (None, stage.time)


def test_an_api_that_does_not_run_is_not_asked() -> None:
    stage = Stage()
    stage.poll()
    down = running(api=Phase.BACKOFF)
    stage.store.post(SupervisionChanged(down.put(replace(down["api"], problem=failure("It crashed")))))
    state = stage.poll()
    assert state.stale_reason == failure("It crashed")
    assert len(stage.api.tags) == 1


def test_it_asks_every_second_while_something_runs_and_seldom_when_nobody_looks() -> None:
    stage = Stage()
    stage.poll()
    assert stage.poller.interval() == 30
    stage.poller.set_window_open(True)
    assert stage.poller.interval() == 5
    stage.api.now = BUSY
    stage.poll()
    assert stage.poller.interval() == 1


def test_processes_are_measured_only_while_somebody_looks() -> None:
    stage = Stage()
    assert stage.poll().usage == {}
    stage.poller.set_window_open(True)
    assert set(stage.poll().usage) == {"api", "worker-slow", "worker-fast", "beat"}


def test_a_run_that_began_and_ended_between_two_looks_is_asked_about_at_once() -> None:
    stage = Stage()
    stage.poller.start()
    try:
        wait_until(lambda: len(stage.api.tags) == 1, "the first poll")
        state = running()
        stage.store.post(SupervisionChanged(state.put(replace(state["worker-fast"], tasks_done=1))))
        wait_until(lambda: len(stage.api.tags) == 2, "the second poll")
    finally:
        stage.poller.stop()
