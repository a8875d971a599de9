"""The notifications that are shown, replayed with a simulated clock."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from backend.contract.errors import ErrorFields
from backend.contract.health import Dependency, DependencyState, Health
from backend.contract.inbox import EventKind
from backend.contract.names import RunState, Source, TaskName, Trigger
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import problem
from backend.contract.settings import InboxThresholds, Notifications, QuietHours, StackKind, UserSettings
from backend.contract.snapshot import Snapshot
from backend.contract.sources import SourceState, SourceStatus
from backend.contract.stats import Stats
from backend.contract.tasks import TaskRun
from backend.contract.workers import WorkersState, WorkersStatus
from desktop.notifications.events import NotifiedEvent
from desktop.notifications.memory import Notification, NotificationKind, NotificationMemory
from desktop.notifications.notifications import NotificationChange, notifications_of, notifications_of_events
from desktop.state.app_state import AppState
from desktop.supervision.plan import plan
from desktop.supervision.services import Phase, Service, ServiceState, Supervision
from tests.fakes.recorded_states import STATS

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NIGHT = MORNING.replace(hour=23)
FINE = Dependency(state=DependencyState.OK, message="")
NOBODY = WorkersStatus(status=WorkersState.NO_WORKERS, message="", workers=(), total_workers=0)
QUIET = Notifications(quiet_hours=QuietHours(enabled=True, start=time(22), end=time(7)))
ALL_WELL = dict.fromkeys(Source, SourceState.OK)


class World:
    """A database with its runs and sources, services, and the notifications about them."""

    def __init__(self, notifications: Notifications | None = None) -> None:
        self.settings = UserSettings(notifications=notifications or Notifications())
        self.memory, self.now = NotificationMemory(), MORNING
        self.runs: list[TaskRun] = []
        self.stats: Stats | None = STATS
        self.sources: dict[Source, SourceState] = dict(ALL_WELL)
        self.off: set[Source] = set()
        self.phases: dict[str, Phase] = {}
        self._numbers = itertools.count(1)
        self.look()

    def view(self) -> AppState:
        services = tuple(self._service(service) for service in plan())
        return AppState(Supervision(services), StackKind.EMBEDDED, self.settings, snapshot=self._snapshot())

    def _service(self, service: Service) -> ServiceState:
        phase = self.phases.get(service.name, Phase.RUNNING)
        ended = ProblemId.SERVICE_FAILING if phase is Phase.GAVE_UP else ProblemId.SERVICE_ENDED
        found = problem(ended, {"service": service.title}) if phase in (Phase.GAVE_UP, Phase.BACKOFF) else None
        return ServiceState(service, phase, wanted=True, problem=found)

    def look(self) -> tuple[Notification, ...]:
        return self.change().notifications

    def change(self) -> NotificationChange:
        change = notifications_of(self.view(), self.memory, self.now)
        self.memory = change.memory
        return change

    def ends(
        self, state: RunState, task: TaskName = TaskName.UPDATE, **sources: SourceState
    ) -> tuple[Notification, ...]:
        """End a run in this state, with the sources in these states; return the notifications."""
        self.add(state, task, **sources)
        return self.look()

    def add(self, state: RunState, task: TaskName = TaskName.UPDATE, **sources: SourceState) -> None:
        self.sources |= {Source(name): value for name, value in sources.items()}
        error = ErrorFields(title="No room", message="The disk is full") if state is RunState.FAILURE else None
        run = TaskRun(
            task_id=f"run-{next(self._numbers)}",
            name=task,
            status=state,
            error=error,
            queued_at=self.now,
            finished_at=self.now,
            trigger=Trigger.SCHEDULE,
        )
        self.runs.insert(0, run)

    def passes(self, **span: float) -> tuple[Notification, ...]:
        """Advance the clock without an event; return the notifications at the end."""
        self.now += timedelta(**span)
        return self.look()

    def _snapshot(self) -> Snapshot:
        health = Health(
            status=DependencyState.OK,
            version="1",
            pid=1,
            home="",
            started_at=MORNING,
            database=FINE,
            broker=FINE,
            workers=FINE,
            beat=FINE,
        )
        sources = tuple(
            SourceStatus(name=name, enabled=name not in self.off, records=1, state=state)
            for name, state in self.sources.items()
        )
        return Snapshot(health=health, stats=self.stats, workers=NOBODY, sources=sources, runs=tuple(self.runs[:20]))


FAILED, AGAIN = NotificationKind.PROBLEM, NotificationKind.RESOLVED


def ids(notifications: tuple[Notification, ...]) -> list[ProblemId]:
    return [notification.problem.id for notification in notifications if notification.problem]


def kinds(alerts: tuple[Notification, ...]) -> list[NotificationKind]:
    return [alert.kind for alert in alerts]


def test_a_failed_run_is_told_with_its_reason_and_opens_that_run() -> None:
    (alert,) = World().ends(RunState.FAILURE)
    assert (alert.kind, alert.key) == (FAILED, "run-1")
    assert alert.problem is not None
    assert alert.problem.id is ProblemId.UPDATE_FAILED
    assert alert.problem.message == "No room: The disk is full."


def test_what_had_ended_before_the_first_look_is_the_past() -> None:
    world = World()
    world.memory = NotificationMemory()
    assert world.ends(RunState.FAILURE) == ()
    assert kinds(world.ends(RunState.FAILURE)) == [FAILED]


def test_what_failed_while_nobody_looked_is_told_at_the_next_start() -> None:
    world = World()
    world.add(RunState.FAILURE)
    world.add(RunState.FAILURE, TaskName.CLEAN_CACHE)
    assert [notification.problem.task for notification in world.look() if notification.problem] == [
        "update",
        TaskName.CLEAN_CACHE,
    ]


def test_a_run_is_told_of_once() -> None:
    world = World()
    world.ends(RunState.FAILURE)
    assert world.passes(hours=5) == ()


def test_a_hundred_failures_in_a_row_are_told_once_an_hour_with_their_count_and_once_when_it_is_over() -> None:
    world, counts = World(), list[tuple[int, int]]()
    for minute in range(100):
        world.now = MORNING + timedelta(minutes=minute)
        counts += [(minute, alert.count) for alert in world.ends(RunState.FAILURE)]
    assert counts == [(0, 1), (60, 60)]
    assert kinds(world.ends(RunState.SUCCESS)) == [AGAIN]
    assert world.ends(RunState.SUCCESS) == ()


def test_failures_that_were_held_back_are_told_when_the_hour_is_over_if_it_still_fails() -> None:
    world = World()
    world.ends(RunState.FAILURE)
    world.passes(minutes=10)
    world.ends(RunState.FAILURE)
    world.passes(minutes=10)
    world.ends(RunState.FAILURE)
    (late,) = world.passes(minutes=41)
    assert (late.kind, late.count, late.key) == (FAILED, 2, "run-3")


def test_to_and_fro_within_the_hour_is_told_no_more_than_once_each() -> None:
    world, shown = World(), list[NotificationKind]()
    for minute in range(0, 60, 5):
        world.now = MORNING + timedelta(minutes=minute)
        shown += kinds(world.ends(RunState.FAILURE if minute % 10 == 0 else RunState.SUCCESS))
    assert shown == [FAILED, AGAIN]
    assert world.passes(hours=2) == ()


def test_different_tasks_are_different_causes_and_both_kinds_of_update_the_same() -> None:
    world = World()
    assert kinds(world.ends(RunState.FAILURE, TaskName.UPDATE)) == [FAILED]
    assert world.ends(RunState.FAILURE, TaskName.MANUAL_UPDATE) == ()
    assert kinds(world.ends(RunState.FAILURE, TaskName.UPDATE_STATS)) == [FAILED]


def test_a_cancelled_run_is_neither_a_failure_nor_a_recovery() -> None:
    world = World()
    assert world.ends(RunState.REVOKED) == ()
    world.ends(RunState.FAILURE)
    assert world.ends(RunState.REVOKED) == ()


def test_a_failing_source_in_an_update_that_landed_is_a_cause_of_its_own() -> None:
    world = World()
    (failed,) = world.ends(RunState.SUCCESS, nvd=SourceState.DEGRADED)
    assert (failed.kind, failed.key) == (FAILED, "run-1")
    assert failed.problem is not None
    assert (failed.problem.id, failed.problem.sources) == (ProblemId.SOURCE_FAILED, ("nvd",))
    world.passes(minutes=10)
    assert world.ends(RunState.SUCCESS, nvd=SourceState.FAILING) == ()
    (recovered,) = world.ends(RunState.SUCCESS, nvd=SourceState.OK)
    assert recovered.kind is AGAIN
    assert recovered.problem is not None
    assert recovered.problem.sources == ("nvd",)


def test_several_failing_sources_are_one_message() -> None:
    (failed,) = World().ends(RunState.SUCCESS, nvd=SourceState.DEGRADED, epss=SourceState.FAILING)
    assert failed.problem is not None
    assert failed.problem.sources == ("nvd", "epss")


def test_where_no_source_landed_the_failed_run_says_it_all() -> None:
    everything = {source.value: SourceState.FAILING for source in Source}
    assert kinds(World().ends(RunState.FAILURE, **everything)) == [FAILED]


def test_a_source_that_is_switched_off_fails_nobody() -> None:
    world = World()
    world.off = {Source.NVD}
    assert world.ends(RunState.SUCCESS, nvd=SourceState.FAILING) == ()


def test_success_is_told_only_if_asked_for() -> None:
    assert World().ends(RunState.SUCCESS) == ()
    (alert,) = World(Notifications(successes=True)).ends(RunState.SUCCESS)
    assert (alert.kind, alert.key) == (NotificationKind.SUCCEEDED, "run-1")


def test_an_update_that_works_again_is_not_told_twice() -> None:
    world = World(Notifications(successes=True))
    world.ends(RunState.FAILURE)
    assert kinds(world.ends(RunState.SUCCESS)) == [AGAIN]


def test_a_database_that_is_away_is_no_recovery_of_what_failed() -> None:
    world = World()
    world.ends(RunState.FAILURE, nvd=SourceState.DEGRADED)
    away = replace(world.view(), snapshot=Snapshot(health=world._snapshot().health))
    assert notifications_of(away, world.memory, world.now).notifications == ()


def test_a_source_that_works_again_is_told_while_another_one_still_fails() -> None:
    world = World()
    world.ends(RunState.SUCCESS, nvd=SourceState.DEGRADED, epss=SourceState.DEGRADED)
    (recovered,) = world.ends(RunState.SUCCESS, nvd=SourceState.OK)
    assert recovered.kind is AGAIN
    assert recovered.problem is not None
    assert recovered.problem.sources == ("nvd",)


def test_what_a_running_update_has_not_settled_is_neither_told_nor_over() -> None:
    world = World()
    world.ends(RunState.SUCCESS, nvd=SourceState.DEGRADED)
    world.passes(hours=2)
    world.add(RunState.STARTED, epss=SourceState.FAILING, nvd=SourceState.OK)
    assert world.look() == ()


def test_a_service_that_gave_up_is_told_once_and_again_when_it_runs() -> None:
    world = World()
    world.phases["api"] = Phase.GAVE_UP
    (alert,) = world.look()
    assert (alert.kind, alert.key, ids((alert,))) == (FAILED, "api", [ProblemId.SERVICE_FAILING])
    assert world.look() == ()
    world.phases["api"] = Phase.RUNNING
    assert kinds(world.look()) == [AGAIN]


def test_a_crash_that_is_mended_by_itself_is_not_worth_a_word() -> None:
    world = World()
    for phase in (Phase.BACKOFF, Phase.STARTING, Phase.RUNNING):
        world.phases["beat"] = phase
        assert world.look() == ()


@pytest.mark.parametrize("off", ["failures", "services"])
def test_what_is_switched_off_is_not_told(off: str) -> None:
    world = World(Notifications.model_validate({off: False}))
    world.phases["api"] = Phase.GAVE_UP
    notified = ids(world.ends(RunState.FAILURE))
    assert notified == ([ProblemId.SERVICE_FAILING] if off == "failures" else [ProblemId.UPDATE_FAILED])


def test_a_database_that_is_away_makes_no_old_runs_new() -> None:
    world = World()
    world.ends(RunState.FAILURE)
    empty = replace(world.view(), snapshot=Snapshot(health=world._snapshot().health))
    assert notifications_of(empty, world.memory, world.now).notifications == ()
    assert world.passes(hours=2) == ()


def test_the_runs_of_another_stack_are_the_past_as_well() -> None:
    world = World()
    world.add(RunState.FAILURE)
    other = replace(world.view(), stack=StackKind.DOCKER)
    assert notifications_of(other, world.memory, world.now).notifications == ()


def test_quiet_hours_hold_back_and_one_summary_tells_afterwards() -> None:
    world = World(QUIET)
    world.now = NIGHT
    assert world.ends(RunState.FAILURE) == ()
    assert world.ends(RunState.SUCCESS, TaskName.CLEAN_CACHE) == ()
    assert world.ends(RunState.FAILURE, TaskName.UPDATE_STATS) == ()
    assert world.passes(hours=7, minutes=59) == ()
    (summary,) = world.passes(minutes=1)
    assert summary.kind is NotificationKind.SUMMARY
    assert [part.problem.task for part in summary.parts if part.problem] == ["update", TaskName.UPDATE_STATS]
    assert world.passes(hours=1) == ()


def test_a_single_thing_that_was_held_back_is_told_as_itself() -> None:
    world = World(QUIET)
    world.now = NIGHT
    for _ in range(3):
        world.ends(RunState.FAILURE)
        world.passes(hours=1)
    (alert,) = world.passes(hours=6)
    assert (alert.kind, alert.count) == (FAILED, 3)


def test_what_broke_and_was_mended_in_quiet_hours_disturbs_nobody() -> None:
    world = World(QUIET)
    world.now = NIGHT
    world.ends(RunState.FAILURE)
    world.ends(RunState.SUCCESS)
    assert world.passes(hours=9) == ()


def test_what_was_known_to_be_broken_and_was_mended_in_quiet_hours_is_told_afterwards() -> None:
    world = World(QUIET)
    world.ends(RunState.FAILURE)
    world.now = NIGHT
    world.ends(RunState.FAILURE)
    assert world.ends(RunState.SUCCESS) == ()
    assert kinds(world.passes(hours=9)) == [AGAIN]


def news(*events: NotifiedEvent, world: World) -> tuple[Notification, ...]:
    """What is notified of these unread events."""
    change = notifications_of_events(events, world.view(), world.memory, world.now)
    world.memory = change.memory
    return change.notifications


def event(number: int, kind: EventKind = EventKind.EXPLOITED, **facts: bool) -> NotifiedEvent:
    given = {"exploited": kind is EventKind.EXPLOITED, "critical": False} | facts
    return NotifiedEvent(number, kind, f"CVE-{number}", program="Firefox", **given)


def test_unread_events_are_notified_together_and_each_once() -> None:
    world = World()
    (alert,) = news(event(1), event(2), world=world)
    assert (alert.kind, [event.id for event in alert.events]) == (NotificationKind.EVENTS, [1, 2])
    assert news(event(1), event(2), world=world) == ()
    assert world.passes(hours=2) == ()


def test_more_events_within_the_hour_are_notified_when_it_is_over() -> None:
    world = World()
    news(event(1), world=world)
    assert news(event(1), event(2), world=world) == ()
    (alert,) = world.passes(hours=1)
    assert [event.id for event in alert.events] == [2]


@pytest.mark.parametrize(
    ("notified_event", "is_notified"),
    [
        (event(1, EventKind.CRITICAL), True),
        (event(1, EventKind.EPSS_ROSE), True),
        (event(1, EventKind.DUE_SOON), True),
        (event(1, EventKind.FINDING, exploited=True), True),
        (event(1, EventKind.FINDING, critical=True), True),
        (event(1, EventKind.FINDING), False),
        (event(1, EventKind.RESOLVED, exploited=True), False),
    ],
)
def test_only_what_a_person_should_act_on_is_notified(notified_event: NotifiedEvent, is_notified: bool) -> None:
    assert bool(news(notified_event, world=World())) is is_notified


def test_findings_keep_to_the_thresholds() -> None:
    world = World()
    world.settings = UserSettings(inbox=InboxThresholds(exploited=False, critical=False))
    found = (event(number, EventKind.FINDING, exploited=True, critical=True) for number in (1, 2))
    assert news(*found, world=world) == ()


def test_events_are_not_notified_where_nobody_wants_that_and_not_later_either() -> None:
    world = World(Notifications(events=False))
    assert news(event(1), world=world) == ()
    world.settings = UserSettings()
    assert news(event(1), world=world) == ()


def test_each_stack_has_events_of_its_own() -> None:
    world = World()
    news(event(5), world=world)
    elsewhere = replace(world.view(), stack=StackKind.DOCKER)
    change = notifications_of_events([event(3)], elsewhere, world.memory.of_stack("docker"), world.now)
    assert [event.id for event in change.notifications[0].events] == [3]
    assert change.memory.events == {"embedded": (5,), "docker": (3,)}


def test_an_event_that_concerns_later_than_newer_ones_is_notified_and_one_that_is_unread_again_is_not() -> None:
    world = World()
    assert len(news(event(5), world=world)) == 1
    world.passes(hours=2)
    (alert,) = news(event(4), event(5), world=world)
    assert [event.id for event in alert.events] == [4]
    world.passes(hours=2)
    assert news(world=world) == ()
    assert news(event(4), event(5), world=world) == ()


def test_events_before_the_remembered_ones_are_not_notified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.notifications.notifications._REMEMBERED_EVENTS", 2)
    world = World()
    news(event(3), event(4), world=world)
    world.passes(hours=2)
    assert news(event(2), event(3), event(4), world=world) == ()
    (alert,) = news(event(5), world=world)
    assert [event.id for event in alert.events] == [5]


def test_events_in_quiet_hours_are_notified_afterwards() -> None:
    world = World(QUIET)
    world.now = NIGHT
    assert news(event(1), world=world) == ()
    (alert,) = world.passes(hours=9)
    assert [event.id for event in alert.events] == [1]


def test_the_end_of_the_first_update_is_notified_and_that_of_the_next_is_not() -> None:
    world = World()
    world.stats = None
    world.look()
    world.stats = STATS
    (alert,) = world.ends(RunState.SUCCESS)
    assert (alert.kind, alert.figures) == (NotificationKind.FIRST_UPDATE, (1000, 10))
    assert world.ends(RunState.SUCCESS) == ()


def test_a_first_update_that_counts_while_it_runs_ends_only_once() -> None:
    world = World()
    world.stats = None
    world.look()
    world.stats = STATS.model_copy(update={"last_update": None})
    assert world.look() == ()
    world.stats = STATS
    assert world.look() == (), "its figures are there, and it has not ended"
    assert [alert.kind for alert in world.ends(RunState.SUCCESS)] == [NotificationKind.FIRST_UPDATE]
    assert world.ends(RunState.SUCCESS) == ()


def test_what_was_shown_is_listed_with_its_time_the_newest_first() -> None:
    world = World(QUIET)
    news(event(1), world=world)
    world.passes(hours=2)
    world.ends(RunState.FAILURE)
    history = [(entry.notification.kind, entry.shown_at) for entry in world.memory.history]
    assert history == [(NotificationKind.PROBLEM, world.now), (NotificationKind.EVENTS, MORNING)]
    world.now = NIGHT
    news(event(1), event(2), world=world)
    world.ends(RunState.SUCCESS)
    assert len(world.memory.history) == 2, "what is held back was not shown"
    world.passes(hours=9)
    assert {entry.notification.kind for entry in world.memory.history[:2]} == {
        NotificationKind.EVENTS,
        NotificationKind.RESOLVED,
    }, "of a summary, each part is listed"


def test_the_list_of_what_was_shown_does_not_grow_for_ever() -> None:
    world = World()
    for number in range(1, 250):
        world.passes(hours=2)
        news(event(number), world=world)
    assert len(world.memory.history) == 200
    assert world.memory.history[0].notification.events[0].id == 249
