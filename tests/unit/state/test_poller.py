"""The poller asks as often as somebody could see a difference, and says when nothing answers."""

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
    """Answers with `now`, or "not modified" to who knows that already; silent: it does not answer."""

    def __init__(self) -> None:
        self.now, self.silent = QUIET, False
        self.asked_with: list[str] = []

    def snapshot(self, tag: str = "") -> Fresh | None:
        self.asked_with.append(tag)
        if self.silent:
            raise ApiSilent("no answer in time")
        known = f"tag-{len(self.now.runs)}"
        return None if tag == known else Fresh(self.now, known)


class Stage:
    def __init__(self) -> None:
        self.api, self.time = FakeApi(), NOON
        self.store = StateStore(AppState(running(), StackKind.EMBEDDED))
        self.poller = Poller(self.api, self.store, lambda pid: Usage(1.0, pid), lambda: self.time)

    def look(self) -> AppState:
        self.time += timedelta(seconds=1)
        self.poller.look()
        return self.store.state


def running(**phases: Phase) -> Supervision:
    return Supervision(
        tuple(
            ServiceState(one, phases.get(one.name, Phase.RUNNING), wanted=True, pid=number or None)
            for number, one in enumerate(plan(StackKind.EMBEDDED))
        )
    )


def test_what_the_api_says_is_posted_with_its_time() -> None:
    stage = Stage()
    view = stage.look()
    assert (view.snapshot, view.heard_at, view.old) == (QUIET, stage.time, None)


def test_what_is_known_already_is_not_sent_again_and_changes_nothing() -> None:
    stage = Stage()
    before = stage.look()
    assert stage.look() is before
    assert stage.api.asked_with == ["", "tag-0"]


def test_silence_keeps_the_last_known_state_and_says_how_old_it_is() -> None:
    stage = Stage()
    stage.look()
    stage.look()
    heard_last, stage.api.silent = stage.time, True
    view = stage.look()
    assert (view.snapshot, view.heard_at) == (QUIET, heard_last)
    assert view.old is not None


def test_an_answer_after_silence_makes_it_the_latest_again_though_nothing_has_changed() -> None:
    stage = Stage()
    stage.look()
    stage.api.silent = True
    stage.look()
    stage.api.silent = False
    view = stage.look()
    assert (view.old, view.heard_at) == (None, stage.time)


def test_an_api_that_does_not_run_is_not_asked() -> None:
    stage = Stage()
    stage.look()
    down = running(api=Phase.BACKOFF)
    stage.store.post(SupervisionChanged(down.put(replace(down["api"], problem=failure("It crashed")))))
    view = stage.look()
    assert view.old == failure("It crashed")
    assert len(stage.api.asked_with) == 1


def test_it_asks_every_second_while_something_runs_and_seldom_when_nobody_looks() -> None:
    stage = Stage()
    stage.look()
    assert stage.poller.pace() == 30
    stage.poller.watched(True)
    assert stage.poller.pace() == 5
    stage.api.now = BUSY
    stage.look()
    assert stage.poller.pace() == 1


def test_processes_are_measured_only_while_somebody_looks() -> None:
    stage = Stage()
    assert stage.look().usage == {}
    stage.poller.watched(True)
    assert set(stage.look().usage) == {"api", "worker-slow", "worker-fast", "beat"}


def test_a_run_that_began_and_ended_between_two_looks_is_asked_about_at_once() -> None:
    stage = Stage()
    stage.poller.start()
    try:
        wait_until(lambda: len(stage.api.asked_with) == 1, "the first look")
        state = running()
        stage.store.post(SupervisionChanged(state.put(replace(state["worker-fast"], tasks_done=1))))
        wait_until(lambda: len(stage.api.asked_with) == 2, "the second look")
    finally:
        stage.poller.stop()
