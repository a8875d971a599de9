from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.schedule import ScheduledTask, SchedulePause
from backend.contract.tasks import TaskRun
from backend.contract.wire import utc_now
from desktop.state.app_state import SnapshotArrived, StateStore
from desktop.ui.formatting import ago
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.schedule import SchedulePage
from desktop.ui.pages.schedule.card import EntryCard
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.looks import run_look
from desktop.ui.widgets.pause import MORNING, PauseFor, PauseMenu, pause_end
from tests.ui.station import ApiProcess

WAIT_MS = 15_000
CLEAN, UPDATE = "clean-cache", "update-vulnerabilities"


@pytest.fixture
def page(context: PageContext, memory: Memory, qtbot: QtBot) -> SchedulePage:
    made = SchedulePage(context, memory, "Schedule")
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    return made


@pytest.fixture
def untouched(api: ApiProcess) -> Iterator[None]:
    """Undoes what a test changes of the schedule."""
    yield
    client = api.client()
    client.reset_schedule(CLEAN)
    client.resume_schedule()


def card(page: SchedulePage, title: str) -> EntryCard:
    return next(card for card in page.findChildren(EntryCard) if card.accessibleName() == title)


def button(inside: QWidget, text: str) -> QAbstractButton:
    return next(button for button in inside.findChildren(QAbstractButton) if button.text() == text)


def texts(inside: QWidget) -> list[str]:
    return [label.text() for label in inside.findChildren(QLabel) if label.isVisible()]


def badges(inside: QWidget) -> list[str]:
    return [badge.look.word for badge in inside.findChildren(Badge) if badge.isVisible() and badge.look]


def pause(page: SchedulePage, choice: PauseFor) -> None:
    menu = page.findChild(PauseMenu)
    assert isinstance(menu, PauseMenu)
    menu.actions()[list(PauseFor).index(choice)].trigger()


def with_entry(store: StateStore, name: str, **changes: object) -> None:
    before = store.state.snapshot
    assert before is not None
    entries = tuple(entry.model_copy(update=changes) if entry.name == name else entry for entry in before.schedule)
    store.post(SnapshotArrived(before.model_copy(update={"schedule": entries}), datetime.now(UTC)))


def stored(api: ApiProcess, name: str) -> ScheduledTask:
    fresh = api.client().snapshot()
    assert fresh is not None
    return next(entry for entry in fresh.snapshot.schedule if entry.name == name)


def own_line(inside: EntryCard, line: str) -> None:
    kinds = next(box for box in inside.findChildren(QComboBox) if box.accessibleName() == "Frequency")
    kinds.setCurrentText("Cron expression")
    field = next(field for field in inside.findChildren(QLineEdit) if field.accessibleName() == "Cron expression")
    field.setText(line)
    field.textEdited.emit(line)


def test_each_entry_tells_its_schedule_in_words_and_as_cron_line(page: SchedulePage) -> None:
    update = texts(card(page, "Update"))
    assert "Every 2 hours, on the hour" in update
    assert "0 */2 * * *" in update
    assert any(text.startswith("Next update in") for text in texts(page))


def test_updates_stand_first(page: SchedulePage) -> None:
    cards = sorted(page.findChildren(EntryCard), key=lambda card: card.y())
    assert [card.accessibleName() for card in cards] == ["Update", "Cleanup", "Statistics", "Report"]


def test_a_click_on_the_last_run_opens_it(
    page: SchedulePage, context: PageContext, api: ApiProcess, qtbot: QtBot
) -> None:
    last = next(entry for entry in api.client().schedule().scheduled_tasks if entry.name == UPDATE)
    assert last.last_run_at
    assert last.last_status
    update = card(page, "Update")
    assert badges(update) == [run_look(last.last_status).word]
    with qtbot.waitSignal(context.wanted, timeout=WAIT_MS) as wanted:
        button(update, ago(last.last_run_at, utc_now())).click()
    assert wanted.args == [PageName.TASKS, last.last_task_id]


def test_an_update_that_somebody_asked_for_is_the_last_one_too(
    page: SchedulePage, store: StateStore, qtbot: QtBot
) -> None:
    before = store.state.snapshot
    assert before is not None
    failed = before.runs[0].model_copy(
        update={
            "task_id": "by-hand",
            "name": TaskName.MANUAL_UPDATE,
            "status": RunState.FAILURE,
            "queued_at": datetime.now(UTC),
            "started_at": datetime.now(UTC),
        }
    )
    store.post(SnapshotArrived(before.model_copy(update={"runs": (failed, *before.runs)}), datetime.now(UTC)))
    qtbot.waitUntil(lambda: badges(card(page, "Update")) == ["Failed"])
    assert button(card(page, "Update"), "just now").isVisible()
    assert button(card(page, "Update"), "Run now").isEnabled()


def test_an_entry_that_never_ran_says_so(page: SchedulePage) -> None:
    assert "Never" in texts(card(page, "Cleanup"))


def test_switching_off_shows_at_once_and_is_kept(
    page: SchedulePage, api: ApiProcess, untouched: None, qtbot: QtBot
) -> None:
    clean = card(page, "Cleanup")
    button(clean, "Enabled").click()
    qtbot.waitUntil(lambda: badges(clean) == ["Off"], timeout=WAIT_MS)
    assert "Not scheduled" in texts(clean)
    assert not stored(api, CLEAN).enabled


def test_a_change_that_is_refused_is_told_and_taken_back(page: SchedulePage, store: StateStore, qtbot: QtBot) -> None:
    before = store.state.snapshot
    assert before is not None
    unknown = before.schedule[0].model_copy(update={"name": "gone", "task": "backend.tasks.gone"})
    snapshot = before.model_copy(update={"schedule": (*before.schedule, unknown)})
    store.post(SnapshotArrived(snapshot, datetime.now(UTC)))
    qtbot.waitUntil(lambda: len(page.findChildren(EntryCard)) == 5, timeout=WAIT_MS)
    switch = button(card(page, "backend.tasks.gone"), "Enabled")
    switch.click()
    qtbot.waitUntil(lambda: "No such schedule entry" in texts(page), timeout=WAIT_MS)
    assert switch.isChecked()


def test_an_own_line_shows_its_next_five_runs_before_it_is_saved(
    page: SchedulePage, api: ApiProcess, qtbot: QtBot
) -> None:
    clean = card(page, "Cleanup")
    button(clean, "Edit").click()
    own_line(clean, "0 12 1 * *")
    qtbot.waitUntil(
        lambda: sum(text.endswith(" 12:00") or " 12:00" in text for text in texts(clean)) >= 5, timeout=WAIT_MS
    )
    assert stored(api, CLEAN).schedule == "0 3 * * *"


def test_a_bad_line_is_told_in_words_in_its_place(page: SchedulePage, qtbot: QtBot) -> None:
    clean = card(page, "Cleanup")
    button(clean, "Edit").click()
    own_line(clean, "61 * * *")
    assert not button(clean, "Save").isEnabled()
    qtbot.waitUntil(lambda: "The schedule is not valid" in texts(clean), timeout=WAIT_MS)
    assert not button(clean, "Save").isEnabled()
    own_line(clean, "6 1 * * *")
    qtbot.waitUntil(button(clean, "Save").isEnabled, timeout=WAIT_MS)


def test_updates_more_often_than_nvd_wants_are_allowed_with_a_remark(page: SchedulePage, qtbot: QtBot) -> None:
    update, remark = card(page, "Update"), "More often than NVD asks for"
    button(update, "Edit").click()
    qtbot.waitUntil(button(update, "Save").isEnabled, timeout=WAIT_MS)
    assert remark not in texts(update)
    own_line(update, "* * * * *")
    qtbot.waitUntil(lambda: remark in texts(update), timeout=WAIT_MS)
    assert button(update, "Save").isEnabled()
    own_line(update, "0 8,9,20 * * *")
    qtbot.waitUntil(button(update, "Save").isEnabled, timeout=WAIT_MS)
    assert remark in texts(update)
    own_line(update, "0 8,20 * * *")
    qtbot.waitUntil(lambda: remark not in texts(update), timeout=WAIT_MS)


def test_other_jobs_may_run_as_often_as_wanted(page: SchedulePage, qtbot: QtBot) -> None:
    clean = card(page, "Cleanup")
    button(clean, "Edit").click()
    own_line(clean, "* * * * *")
    qtbot.waitUntil(button(clean, "Save").isEnabled, timeout=WAIT_MS)
    assert "More often than NVD asks for" not in texts(clean)


def test_saving_shows_the_new_schedule_and_the_way_back(
    page: SchedulePage, api: ApiProcess, untouched: None, qtbot: QtBot
) -> None:
    clean = card(page, "Cleanup")
    assert not button(clean, "Reset to default").isVisible()
    button(clean, "Edit").click()
    own_line(clean, "30 4 * * 0")
    qtbot.waitUntil(button(clean, "Save").isEnabled, timeout=WAIT_MS)
    button(clean, "Save").click()
    qtbot.waitUntil(button(clean, "Reset to default").isVisible, timeout=WAIT_MS)
    assert "Every Sunday at 04:30" in texts(clean)
    assert stored(api, CLEAN).edited
    button(clean, "Reset to default").click()
    qtbot.waitUntil(lambda: "Every day at 03:00" in texts(clean), timeout=WAIT_MS)
    assert stored(api, CLEAN).schedule == "0 3 * * *"


def test_leaving_the_editor_changes_nothing(page: SchedulePage, api: ApiProcess) -> None:
    clean = card(page, "Cleanup")
    button(clean, "Edit").click()
    own_line(clean, "30 4 * * 0")
    button(clean, "Cancel").click()
    assert "Every day at 03:00" in texts(clean)
    assert stored(api, CLEAN).schedule == "0 3 * * *"
    assert button(clean, "Edit").isEnabled()


def test_what_is_being_edited_survives_the_next_snapshot(page: SchedulePage, store: StateStore, qtbot: QtBot) -> None:
    clean = card(page, "Cleanup")
    button(clean, "Edit").click()
    own_line(clean, "30 4 * * 0")
    qtbot.waitUntil(lambda: "Every Sunday at 04:30" in texts(clean), timeout=WAIT_MS)
    with_entry(store, UPDATE, enabled=False)
    qtbot.waitUntil(lambda: "Off" in badges(card(page, "Update")), timeout=WAIT_MS)
    assert "Every Sunday at 04:30" in texts(clean)


def test_an_entry_can_be_edited_while_it_is_off(page: SchedulePage, store: StateStore, qtbot: QtBot) -> None:
    update = card(page, "Update")
    with_entry(store, UPDATE, enabled=False, next_run_at=None)
    qtbot.waitUntil(lambda: "Off" in badges(update), timeout=WAIT_MS)
    assert button(update, "Edit").isVisible()
    button(update, "Edit").click()
    qtbot.waitUntil(button(update, "Save").isEnabled, timeout=WAIT_MS)


def test_run_now_shows_the_run_and_cannot_be_asked_for_twice(page: SchedulePage, api: ApiProcess, qtbot: QtBot) -> None:
    clean = card(page, "Cleanup")
    button(clean, "Run now").click()
    qtbot.waitUntil(lambda: badges(clean) == ["Waiting"], timeout=WAIT_MS)
    assert not button(clean, "Run now").isEnabled()
    newest = api.client().runs({"page_size": 1}).items[0]
    assert newest.name == TaskName.CLEAN_CACHE
    api.client().cancel(newest.task_id)


def test_pausing_and_resuming_show_at_once(page: SchedulePage, api: ApiProcess, untouched: None, qtbot: QtBot) -> None:
    assert not button(page, "Resume").isVisible()
    pause(page, PauseFor.HOUR)
    qtbot.waitUntil(
        lambda: any(text.startswith("The schedule is paused until ") for text in texts(page)), timeout=WAIT_MS
    )
    assert "Paused" in badges(card(page, "Update"))
    button(page, "Resume").click()
    qtbot.waitUntil(lambda: any(text.startswith("Next update") for text in texts(page)), timeout=WAIT_MS)
    fresh = api.client().snapshot()
    assert fresh is not None
    assert fresh.snapshot.pause == SchedulePause()


def test_a_run_under_way_is_told_instead_of_the_last_one(page: SchedulePage, store: StateStore, qtbot: QtBot) -> None:
    before = store.state.snapshot
    assert before is not None
    now = datetime.now(UTC)
    running = TaskRun(
        task_id="live",
        name=TaskName.UPDATE,
        status=RunState.STARTED,
        queued_at=now,
        started_at=now,
        trigger=Trigger.API,
    )
    store.post(SnapshotArrived(before.model_copy(update={"runs": (running, *before.runs)}), now))
    qtbot.waitUntil(lambda: badges(card(page, "Update")) == ["Running"], timeout=WAIT_MS)
    assert not button(card(page, "Update"), "Run now").isEnabled()


def test_before_the_services_are_ready_it_says_so(empty_context: PageContext, memory: Memory, qtbot: QtBot) -> None:
    page = SchedulePage(empty_context, memory, "Schedule")
    qtbot.addWidget(page)
    page.show()
    assert "Waiting for the services" in texts(page)
    assert not button(page, "Pause").isEnabled()


def test_tomorrow_begins_in_the_morning_of_this_machine() -> None:
    now = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
    end = pause_end(PauseFor.TOMORROW, now)
    assert end is not None
    assert end.astimezone().time() == MORNING
    assert end.astimezone().date() == now.astimezone().date() + timedelta(days=1)
