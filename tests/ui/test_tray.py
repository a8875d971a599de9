"""The tray: menu, tooltip and notifications for a state, and what a click does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from backend.contract.errors import ErrorFields
from backend.contract.exposure import Watched, Watchlist
from backend.contract.inbox import EventKind, InboxCounts
from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import Problem, failure, problem
from backend.contract.schedule import SchedulePause
from backend.contract.settings import UserSettings
from backend.contract.tasks import Progress, RunPhase, TaskRun
from desktop.inventory.scan_status import ScanStatus
from desktop.notifications.events import NotifiedEvent
from desktop.notifications.memory import Notification, NotificationKind
from desktop.notifications.memory_file import NotificationFile
from desktop.problems.overall_status import Kind, overall_status
from desktop.state.app_state import (
    AppState,
    ScanReported,
    SettingsSaved,
    SnapshotArrived,
    StateStore,
    Usage,
    UsageMeasured,
)
from desktop.supervision.services import Phase
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.sections import PAGES, Section, page_title
from desktop.ui.tray.menu import TrayMenu
from desktop.ui.tray.status import status_line, tooltip, tray_icon
from desktop.ui.tray.tray import Tray
from desktop.ui.tray.unread import UnreadEvents
from desktop.ui.tray.watched_vendors import WatchedVendorsMove
from desktop.ui.widgets.notification_texts import words_of
from tests.fakes.actions import RecordingActions
from tests.fakes.inbox import FakeInbox, InboxClient, event, finding

NOW = datetime.now(UTC)
NOTHING = UnreadEvents()


@pytest.fixture
def refused() -> list[Problem]:
    return []


@pytest.fixture
def menu(context: PageContext, refused: list[Problem], qtbot: QtBot) -> TrayMenu:
    made = TrayMenu(context, lambda: None, refused.append)
    qtbot.addWidget(made)
    return made


def shown(menu: TrayMenu, state: AppState, unread: UnreadEvents = NOTHING) -> list[str]:
    menu.show_state(state, overall_status(state), unread)
    return [action.text() for action in menu.actions() if action.isVisible() and not action.isSeparator()]


def entry(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


def at_rest(state: AppState, **changes: object) -> AppState:
    """Without runs: the test sets them."""
    assert state.snapshot is not None
    return replace(
        state, snapshot=state.snapshot.model_copy(update={"runs": (), "sources": (), "inbox": InboxCounts(), **changes})
    )


def a_run(state: RunState, **fields: object) -> TaskRun:
    name, trigger = TaskName.UPDATE, Trigger.SCHEDULE
    return TaskRun.model_validate({"task_id": "run-1", "name": name, "status": state, "trigger": trigger, **fields})


def updating(state: AppState, done: int, total: int | None) -> AppState:
    progress = Progress(phase=RunPhase.READING, done=done, total=total)
    return at_rest(state, runs=(a_run(RunState.STARTED, queued_at=NOW, progress=progress),))


def test_the_menu_is_short_and_its_first_line_says_how_things_are(menu: TrayMenu, store: StateStore) -> None:
    assert shown(menu, at_rest(store.state)) == [
        "All is well",
        "Update now",
        "Pause schedule",
        "Open OpenThreat",
        "System",
        "Settings",
        "Start at sign-in",
        "Quit",
    ]


def with_unread(state: AppState, count: int, exploited: int) -> AppState:
    return at_rest(state, inbox=InboxCounts(unread=count, unread_exploited=exploited))


def test_what_is_unread_comes_first_and_leads_to_it(
    menu: TrayMenu, store: StateStore, context: PageContext, english: None, qtbot: QtBot
) -> None:
    elsewhere = NotifiedEvent(1, EventKind.EXPLOITED, "CVE-1", exploited=True, critical=False, program="tomcat")
    lines = shown(menu, with_unread(store.state, 4, 3), UnreadEvents((elsewhere,)))
    assert lines[:4] == [
        "2 exploited on this PC",
        "1 exploited, watched or on other PCs",
        "4 new for you",
        "Update now",
    ]
    for line, key in (("2 exploited on this PC", "exploited"), ("4 new for you", "mine")):
        with qtbot.waitSignal(context.wanted) as wanted:
            entry(menu, line).trigger()
        assert wanted.args == [PageName.INBOX, key]


def test_a_problem_is_said_beside_what_is_unread(menu: TrayMenu, store: StateStore, english: None) -> None:
    state = replace(with_unread(store.state, 4, 0), settings_problem=problem(ProblemId.SETTINGS_UNUSABLE))
    assert shown(menu, state)[:3] == ["4 new for you", "A setting cannot be used", "Update now"]


def test_the_icon_wants_attention_while_something_exploited_is_unread(store: StateStore, english: None) -> None:
    assert overall_status(with_unread(store.state, 4, 0)).kind is Kind.WELL
    state = with_unread(store.state, 4, 2)
    assert overall_status(state).kind is Kind.ATTENTION
    assert tooltip(state, overall_status(state), NOW).splitlines()[0] == "OpenThreat: 2 exploited for you"
    failed = replace(state, settings_problem=problem(ProblemId.SETTINGS_UNUSABLE))
    assert overall_status(failed).kind is Kind.FAILED
    assert "A setting cannot be used" in tooltip(failed, overall_status(failed), NOW)
    assert overall_status(with_unread(updating(store.state, 1, 2), 4, 2)).kind is Kind.ATTENTION


def test_update_now_turns_into_progress_and_cancel_and_back(menu: TrayMenu, store: StateStore) -> None:
    assert shown(menu, updating(store.state, 43, 100))[:2] == ["Updating: 43 %", "Cancel update"]
    assert "Update now" in shown(menu, at_rest(store.state))


def test_an_update_beside_a_heavier_problem_is_said_once_as_well(menu: TrayMenu, store: StateStore) -> None:
    state = replace(updating(store.state, 43, 100), settings_problem=problem(ProblemId.SETTINGS_UNUSABLE))
    assert shown(menu, state)[:3] == ["A setting cannot be used", "Updating: 43 %", "Cancel update"]
    assert not entry(menu, "Updating: 43 %").isEnabled()


def test_all_is_well_only_while_updates_are_on_and_work(store: StateStore) -> None:
    assert store.state.snapshot is not None
    off = tuple(item.model_copy(update={"enabled": False}) for item in store.state.snapshot.schedule)
    sources = tuple(item.model_copy(update={"enabled": False}) for item in store.state.snapshot.sources)
    error = ErrorFields(title="It broke")
    failed = (a_run(RunState.FAILURE, queued_at=NOW, finished_at=NOW, error=error),)
    no_sources = ErrorFields(title="All sources are turned off", id=ProblemId.SOURCES_OFF)
    refused = (a_run(RunState.FAILURE, queued_at=NOW, finished_at=NOW, error=no_sources),)
    lines = {
        "Automatic updates are off": at_rest(store.state, schedule=off),
        "The schedule is paused until it is resumed": at_rest(store.state, pause=SchedulePause(paused=True)),
        "The last update failed": at_rest(store.state, runs=failed),
        "All sources are turned off": at_rest(store.state, runs=refused, sources=sources),
    }
    for line, state in lines.items():
        status = overall_status(state)
        assert status_line(status) == line
        assert status.kind is not Kind.WELL
        assert "All is well" not in tooltip(state, status, NOW)


def test_nothing_can_be_asked_for_while_nobody_answers(menu: TrayMenu, store: StateStore) -> None:
    shown(menu, replace(at_rest(store.state), stale_reason=failure("Silent")))
    assert not entry(menu, "Update now").isEnabled()
    assert not entry(menu, "Pause schedule").isEnabled()


def test_a_paused_schedule_is_said_and_can_be_resumed(menu: TrayMenu, store: StateStore) -> None:
    first, *others = shown(menu, at_rest(store.state, pause=SchedulePause(paused=True)))
    assert first == "The schedule is paused until it is resumed"
    assert "Schedule: Paused until resumed" in others


def test_each_service_is_there_with_its_state_to_start_stop_and_restart(
    menu: TrayMenu, store: StateStore, actions: RecordingActions
) -> None:
    stopped = replace(store.state.supervision["api"], phase=Phase.STOPPED, wanted=False)
    shown(menu, replace(store.state, supervision=store.state.supervision.put(stopped)))
    system = entry(menu, "System").menu()
    assert isinstance(system, QMenu)
    titles = [action.text() for action in system.actions() if action.menu() is not None]
    assert titles[1:3] == ["API: Stopped", "Updates: Running"]
    api, worker = (entry(system, title).menu() for title in titles[1:3])
    assert isinstance(api, QMenu)
    assert isinstance(worker, QMenu)
    assert [action.isEnabled() for action in api.actions()] == [True, False, False]
    assert [action.isEnabled() for action in worker.actions()] == [False, True, True]
    entry(api, "Start").trigger()
    entry(worker, "Restart").trigger()
    assert [call[0] for call in actions.calls] == ["start_service", "restart_service"]


def test_each_page_of_the_section_system_and_the_settings_can_be_opened(
    menu: TrayMenu, context: PageContext, qtbot: QtBot
) -> None:
    system = entry(menu, "System").menu()
    assert isinstance(system, QMenu)
    for page in PAGES[Section.SYSTEM]:
        with qtbot.waitSignal(context.wanted) as wanted:
            entry(system, page_title(page)).trigger()
        assert wanted.args == [page, ""]
    with qtbot.waitSignal(context.wanted) as wanted:
        entry(menu, "Settings").trigger()
    assert wanted.args == [PageName.SETTINGS, ""]


def test_the_tooltip_tells_of_the_last_and_the_next_update(store: StateStore) -> None:
    done = a_run(RunState.SUCCESS, queued_at=NOW, finished_at=NOW - timedelta(minutes=12))
    view = at_rest(store.state, runs=(done,))
    lines = tooltip(view, overall_status(view), NOW).splitlines()
    assert lines[:2] == ["OpenThreat: All is well", "Last update 12 min ago"]
    assert lines[2].startswith("Next update in ")


def test_a_failed_update_is_what_the_first_line_says(store: StateStore) -> None:
    error = ErrorFields(title="The disk is full", id=ProblemId.DISK_FULL)
    view = at_rest(store.state, runs=(a_run(RunState.FAILURE, queued_at=NOW, finished_at=NOW, error=error),))
    assert status_line(overall_status(view)) == "The disk is full"
    unknown = ErrorFields(title="It broke")
    view = at_rest(store.state, runs=(a_run(RunState.FAILURE, queued_at=NOW, finished_at=NOW, error=unknown),))
    assert status_line(overall_status(view)) == "The last update failed"


def test_every_standing_has_a_picture_of_its_own_on_either_panel(context: PageContext) -> None:
    pictures = [tray_icon(kind, dark=dark).pixmap(16, 16).toImage() for kind in Kind for dark in (False, True)]
    assert all(not picture.isNull() for picture in pictures)
    assert all(picture != other for number, picture in enumerate(pictures) for other in pictures[:number])


def test_the_ring_of_the_icon_grows_with_the_update(context: PageContext) -> None:
    rings = [tray_icon(Kind.UPDATING, dark=True, share=share).pixmap(16, 16).toImage() for share in (None, 0.3, 0.9)]
    assert rings[0] != rings[1] != rings[2]


def test_a_failed_run_makes_a_notification_and_a_click_on_it_opens_that_run(
    context: PageContext, store: StateStore, memory: Memory, tmp_path: Path, qtbot: QtBot, qapp: object
) -> None:
    store.post(SnapshotArrived(at_rest(store.state).snapshot, NOW))
    tray = Tray(context, memory, NotificationFile(tmp_path), context)
    store.post(UsageMeasured({"api": Usage(1.0, 1)}))
    qtbot.waitUntil(lambda: (tmp_path / "alerts.json").exists(), timeout=10_000)
    failed = a_run(RunState.FAILURE, queued_at=NOW, finished_at=NOW, error=ErrorFields(title="It broke"))
    store.post(SnapshotArrived(at_rest(store.state, runs=(failed,)).snapshot, NOW))
    qtbot.waitUntil(
        lambda: [words.title for words in tray.announcer.shown] == ["The last update failed"], timeout=10_000
    )
    with qtbot.waitSignal(context.wanted) as wanted:
        tray.icon.messageClicked.emit()
    assert wanted.args == ["tasks", "run-1"]


def test_a_left_click_opens_the_window_and_a_double_click_is_nothing_more(
    context: PageContext, store: StateStore, memory: Memory, tmp_path: Path
) -> None:
    store.post(SnapshotArrived(at_rest(store.state).snapshot, NOW))
    tray, opened = Tray(context, memory, NotificationFile(tmp_path), context), []
    tray.opened.connect(lambda: opened.append(1))
    reasons = QSystemTrayIcon.ActivationReason
    for reason in (reasons.Trigger, reasons.DoubleClick, reasons.MiddleClick, reasons.Context):
        tray.icon.activated.emit(reason)
    assert opened == [1]


@pytest.fixture
def news() -> FakeInbox:
    """One exploited vulnerability of a program on another machine, unread."""
    return FakeInbox([event(5, on_machines=(finding(1),), on_machines_total=1)])


@pytest.fixture
def news_context(theme: object, store: StateStore, actions: RecordingActions, news: FakeInbox) -> Iterator[PageContext]:
    store.post(SnapshotArrived(at_rest(store.state, inbox=news.counts).snapshot, NOW))
    made = PageContext(store, actions, lambda: InboxClient(news), SystemClock())
    yield made
    made.close()


def test_an_event_is_notified_once_and_not_again_after_a_restart(
    news_context: PageContext, store: StateStore, memory: Memory, news: FakeInbox, tmp_path: Path, qtbot: QtBot
) -> None:
    file = NotificationFile(tmp_path)
    tray = Tray(news_context, memory, file, news_context)
    with qtbot.waitSignal(news_context.notified):
        qtbot.waitUntil(lambda: bool(tray.announcer.shown))
    assert [words.title for words in tray.announcer.shown] == ["Mozilla Firefox 115.0 on RECEPTION"]
    with qtbot.waitSignal(news_context.wanted) as wanted:
        tray.icon.messageClicked.emit()
    assert wanted.args == [PageName.INBOX, "5"]
    assert [entry.notification.events[0].id for entry in file.load().history] == [5]
    again = Tray(news_context, memory, file, news_context)
    news.events.append(event(6, EventKind.CRITICAL, on_machines=(finding(2),), on_machines_total=1))
    calls_before = len(news.calls)
    store.post(SnapshotArrived(at_rest(store.state, inbox=news.counts).snapshot, NOW))
    qtbot.waitUntil(lambda: len(news.calls) >= calls_before + 2)
    qtbot.waitUntil(lambda: file.load().events == {"embedded": (5, 6)})
    assert list(again.announcer.shown) == []  # the hour since the last one is not over


def test_a_program_of_this_pc_is_said_to_be_on_it(
    news_context: PageContext, store: StateStore, memory: Memory, tmp_path: Path, english: None, qtbot: QtBot
) -> None:
    store.post(ScanReported(ScanStatus(machine="other")))
    tray = Tray(news_context, memory, NotificationFile(tmp_path), news_context)
    qtbot.waitUntil(lambda: bool(tray.announcer.shown))
    assert tray.announcer.shown[0].title == "Mozilla Firefox 115.0 on this PC"
    assert "1 exploited on this PC" in [action.text() for action in tray.icon.contextMenu().actions()]


def test_a_left_click_opens_the_inbox_while_something_is_unread(
    news_context: PageContext, memory: Memory, tmp_path: Path, qtbot: QtBot
) -> None:
    tray = Tray(news_context, memory, NotificationFile(tmp_path), news_context)
    with qtbot.waitSignal(news_context.wanted) as wanted:
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert wanted.args == [PageName.INBOX, "mine"]
    with qtbot.waitSignal(news_context.wanted) as wanted:
        tray.open_window()  # the program was started again
    assert wanted.args == [PageName.INBOX, "mine"]


def test_vendors_of_an_earlier_version_are_moved_to_the_watchlist_once(
    news_context: PageContext, store: StateStore, news: FakeInbox, actions: RecordingActions, qtbot: QtBot
) -> None:
    news.watched = Watchlist(items=(Watched(vendor="apache"),))
    refused: list[Problem] = []
    move = WatchedVendorsMove(news_context, refused.append, news_context)
    store.post(SettingsSaved(UserSettings(watched_vendors=("apache", "cisco"))))
    qtbot.waitUntil(lambda: ("save_settings", UserSettings()) in actions.calls)
    assert news.watched.items == (Watched(vendor="apache"), Watched(vendor="cisco"))
    assert refused == []
    assert move.parent() is news_context


def test_vendors_that_cannot_be_moved_stay_in_the_settings_and_the_reason_is_said(
    news_context: PageContext, store: StateStore, news: FakeInbox, actions: RecordingActions, qtbot: QtBot
) -> None:
    news.silent = True
    refused: list[Problem] = []
    WatchedVendorsMove(news_context, refused.append, news_context)
    store.post(SettingsSaved(UserSettings(watched_vendors=("cisco",))))
    qtbot.waitUntil(lambda: bool(refused))
    assert actions.calls == []


def test_that_the_program_goes_on_without_its_window_is_said_once_for_ever(
    context: PageContext, memory: Memory, tmp_path: Path
) -> None:
    tray = Tray(context, memory, NotificationFile(tmp_path), context)
    tray.announce_closing()
    tray.announce_closing()
    assert [words.title for words in tray.announcer.shown] == ["OpenThreat is still running"]


UPDATE_FAILED = problem(ProblemId.UPDATE_FAILED, {"reason": "No room: The disk is full."})
SOURCES = replace(problem(ProblemId.SOURCE_FAILED, {"sources": "NVD, EPSS"}), sources=("nvd", "epss"))


@pytest.mark.parametrize(
    ("alert", "title", "text"),
    [
        (
            Notification(NotificationKind.PROBLEM, "", UPDATE_FAILED, count=12),
            "The last update failed",
            "No room: The disk is full. 12 times since the last notification.",
        ),
        (Notification(NotificationKind.PROBLEM, "", SOURCES), "NVD, EPSS could not be updated", None),
        (Notification(NotificationKind.RESOLVED, "", SOURCES), "NVD, EPSS is up to date again", ""),
        (Notification(NotificationKind.RESOLVED, "", UPDATE_FAILED), "The update works again", ""),
        (
            Notification(
                NotificationKind.SUMMARY, "", parts=(Notification(NotificationKind.PROBLEM, "", UPDATE_FAILED),)
            ),
            "During quiet hours",
            "The last update failed",
        ),
    ],
)
def test_a_notification_says_what_happened_and_why(
    alert: Notification, title: str, text: str | None, context: PageContext
) -> None:
    words = words_of(alert)
    assert words.title == title
    assert text is None or words.text == text


def test_while_the_program_ends_the_icon_says_so_whatever_comes_in(
    context: PageContext, store: StateStore, memory: Memory, tmp_path: Path, qtbot: QtBot
) -> None:
    tray = Tray(context, memory, NotificationFile(tmp_path), context)
    tray.close()
    tray.show_state(at_rest(store.state))
    assert tray.icon.toolTip() == "OpenThreat: stopping…"
