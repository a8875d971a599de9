"""Inbox: what is new and of concern; read is only what the person has marked; all can be decided by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QPushButton, QStackedWidget, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from backend.contract.errors import ErrorFields
from backend.contract.exposure import FindingState, Watched, Watchlist
from backend.contract.inbox import EventKind, InboxScope
from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.problems import failure
from backend.contract.schedule import SchedulePause
from backend.contract.settings import StackKind
from backend.contract.snapshot import Snapshot
from backend.contract.tasks import Progress, RunPhase, TaskRun
from backend.contract.wire import utc_now
from desktop.state.app_state import SnapshotArrived, SnapshotMissed, StackChosen, StateStore, SupervisionChanged
from desktop.supervision.plan import plan
from desktop.supervision.services import Phase, Supervision
from desktop.supervision.supervisor import SystemClock
from desktop.ui.actions import Actions
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.inbox import InboxPage
from desktop.ui.pages.inbox.model import ROW_ROLE
from desktop.ui.pages.inbox.query import Since
from desktop.ui.pages.inbox.rows import InboxRow
from desktop.ui.widgets.text import Plain
from desktop.ui.window.windows import Windows
from tests.fakes.actions import RecordingActions
from tests.fakes.inbox import FakeInbox, InboxClient, event, finding

pytestmark = pytest.mark.usefixtures("english")
Opened = Callable[[], InboxPage]


@pytest.fixture
def inbox() -> FakeInbox:
    """Three events: the newest is critical and watched, two are exploited and on another machine."""
    return FakeInbox(
        [
            event(1, on_machines=(finding(11), finding(12, "Firefox ESR")), on_machines_total=2),
            event(2, on_machines=(finding(21),), on_machines_total=1),
            event(3, EventKind.CRITICAL, watched=("apache tomcat",)),
        ]
    )


@pytest.fixture
def inbox_context(theme: object, store: StateStore, actions: Actions, inbox: FakeInbox) -> Iterator[PageContext]:
    post(store, is_team=False)
    made = PageContext(store, actions, lambda: InboxClient(inbox), SystemClock())
    yield made
    made.close()


@pytest.fixture
def window(qtbot: QtBot) -> QStackedWidget:
    made = QStackedWidget()
    qtbot.addWidget(made)
    made.resize(1024, 700)
    return made


@pytest.fixture
def opened(window: QStackedWidget, inbox_context: PageContext, memory: Memory, qtbot: QtBot) -> Opened:
    """Opens the page in a window, and waits until it shows the answer."""

    def open_page() -> InboxPage:
        page = InboxPage(inbox_context, memory, "Inbox")
        window.addWidget(page)
        window.setCurrentWidget(page)
        with qtbot.waitSignal(page.loader.loaded):
            window.show()
        window.activateWindow()
        return page

    return open_page


def texts(widget: QObject) -> str:
    return "\n".join(label.text() for label in widget.findChildren(Plain) if label.isVisible())


def rows(page: InboxPage) -> list[InboxRow]:
    return list(page.model.rows)


def ids(page: InboxPage) -> list[int]:
    return [row.event.id for row in rows(page)]


def unread(page: InboxPage) -> list[int]:
    return [row.event.id for row in rows(page) if row.is_unread]


def press(page: InboxPage, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    qtbot.keyClick(page.list, key, modifier or Qt.KeyboardModifier.NoModifier)


def select(page: InboxPage, *places: int) -> None:
    page.list.setFocus()
    page.list.clearSelection()
    selection = page.list.selectionModel()
    for place in places:
        selection.select(page.model.index(place), selection.SelectionFlag.Select)
        selection.setCurrentIndex(page.model.index(place), selection.SelectionFlag.NoUpdate)


def post(store: StateStore, **changes: object) -> None:
    """The API's next snapshot."""
    snapshot = store.state.snapshot
    assert snapshot is not None
    store.post(SnapshotArrived(Snapshot.model_validate({**dict(snapshot), **changes}), utc_now()))


def update_run(**more: object) -> TaskRun:
    given = {"task_id": "update-1", "name": TaskName.UPDATE, "status": RunState.STARTED, "queued_at": utc_now()}
    progress = Progress(phase=RunPhase.READING, done=5, total=10, message="NVD 2024")
    return TaskRun.model_validate({**given, "trigger": Trigger.API, "progress": progress, **more})


# ---- what is shown


def test_the_first_line_says_how_much_is_new_and_how_much_of_it_is_exploited(opened: Opened) -> None:
    assert "3 vulnerabilities that concern you are new, 2 are being exploited" in texts(opened()).splitlines()


def test_the_newest_is_first_and_says_what_happened_where_and_what_to_update_to(opened: Opened) -> None:
    critical, exploited, several = rows(opened())
    assert (critical.what.word, critical.subject) == ("New critical", "Use after free in part 3")
    assert critical.why == "On the watchlist: apache tomcat"
    assert exploited.what.word == "Now exploited"
    assert (exploited.subject, exploited.update) == ("Mozilla Firefox 115.0", "→ 128.0.2")
    assert exploited.why == "Installed on RECEPTION"
    assert (several.subject, several.update) == ("Mozilla Firefox 115.0", "→ 128.0.2 +1")


def test_a_scope_and_a_time_are_asked_for_and_remembered(
    opened: Opened, inbox: FakeInbox, inbox_context: PageContext, memory: Memory, qtbot: QtBot
) -> None:
    page = opened()
    with qtbot.waitSignal(page.loader.loaded):
        page.bar.scopes[InboxScope.EXPLOITED].click()
    assert ids(page) == [2, 1]
    page.bar.since.setCurrentIndex(list(Since).index(Since.WEEK))
    with qtbot.waitSignal(page.loader.loaded):
        page.bar.since.activated.emit(page.bar.since.currentIndex())
    assert ids(page) == []
    assert "Nothing has happened in this time" in texts(page)
    assert InboxPage(inbox_context, memory, "Inbox").bar.query == page.bar.query


def test_more_than_one_page_is_loaded_as_it_is_scrolled_to(opened: Opened, inbox: FakeInbox, qtbot: QtBot) -> None:
    inbox.events = [event(number) for number in range(1, 151)]
    page = opened()
    assert len(rows(page)) == 100
    with qtbot.waitSignal(page.loader.continued):
        page.list.scrollToBottom()
    assert ids(page) == list(range(150, 0, -1))


def test_a_list_longer_than_one_answer_keeps_its_end_and_what_is_selected_there(
    opened: Opened, inbox: FakeInbox, store: StateStore, qtbot: QtBot
) -> None:
    inbox.events = [event(number) for number in range(1, 701)]
    page = opened()
    while len(rows(page)) < len(inbox.events):
        with qtbot.waitSignal(page.loader.continued):
            page.list.scrollToBottom()
    select(page, 699)
    inbox.events.append(event(701))
    with qtbot.waitSignal(page.loader.loaded):
        post(store, inbox=inbox.counts)
    assert ids(page) == list(range(701, 0, -1))
    assert [row.event.id for row in page.list.chosen()] == [1]


def test_a_new_event_keeps_what_is_selected(opened: Opened, inbox: FakeInbox, store: StateStore, qtbot: QtBot) -> None:
    page = opened()
    select(page, 1)
    inbox.events.append(event(4))
    with qtbot.waitSignal(page.loader.loaded):
        post(store, inbox=inbox.counts)
    assert ids(page) == [4, 3, 2, 1]
    assert [row.event.id for row in page.list.chosen()] == [2]


def test_enter_and_a_double_click_open_the_record(opened: Opened, inbox_context: PageContext, qtbot: QtBot) -> None:
    page = opened()
    select(page, 1)
    with qtbot.waitSignal(inbox_context.wanted) as wanted:
        press(page, qtbot, Qt.Key.Key_Return)
    assert wanted.args == [PageName.VULNERABILITIES, "CVE-2026-0002"]
    place = page.list.visualRect(page.model.index(2)).center()
    with qtbot.assertNotEmitted(inbox_context.wanted):
        qtbot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(inbox_context.wanted) as wanted:
        qtbot.mouseDClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert wanted.args == [PageName.VULNERABILITIES, "CVE-2026-0001"]
    assert unread(page) == [3, 2, 1], "looking at something does not mark it as read"


def test_a_row_is_one_sentence_for_screen_readers_and_when_copied(opened: Opened, qtbot: QtBot, qapp: object) -> None:
    page = opened()
    sentence = page.model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert sentence == (
        "Unread. Now exploited. Mozilla Firefox 115.0 → 128.0.2. CVE-2026-0002. Use after free in part 2. High. "
        "Installed on RECEPTION"
    )
    assert isinstance(page.model.index(1).data(ROW_ROLE), InboxRow)


# ---- what is read


def test_hiding_the_window_and_a_restart_leave_everything_unread(
    opened: Opened, window: QStackedWidget, inbox: FakeInbox
) -> None:
    opened()
    window.hide()
    assert unread(opened()) == [3, 2, 1]
    assert not [call for call in inbox.calls if isinstance(call, tuple) and call[0] == "mark"]


def test_what_was_marked_as_read_stays_in_the_list_until_it_is_loaded_anew(
    opened: Opened, inbox: FakeInbox, qtbot: QtBot
) -> None:
    page = opened()
    select(page, 0, 2)
    with qtbot.waitSignal(page.loader.loaded):
        press(page, qtbot, Qt.Key.Key_U)
    assert (ids(page), unread(page)) == ([3, 2, 1], [2])
    assert "1 vulnerability that concerns you is new, 1 is being exploited" in texts(page)
    with qtbot.waitSignal(page.loader.loaded):
        page.refresh()
    assert ids(page) == [2]


def test_marking_again_marks_as_unread(opened: Opened, inbox: FakeInbox, qtbot: QtBot) -> None:
    page = opened()
    select(page, 1)
    assert page.event_actions.mark.text() == "Mark as read"
    with qtbot.waitSignal(page.loader.loaded):
        press(page, qtbot, Qt.Key.Key_U)
    assert page.event_actions.mark.text() == "Mark as unread"
    with qtbot.waitSignal(page.loader.loaded):
        press(page, qtbot, Qt.Key.Key_U)
    assert unread(page) == [3, 2, 1]


def test_all_are_marked_as_read_up_to_the_newest_that_is_shown_and_again_unread(
    opened: Opened, inbox: FakeInbox, qtbot: QtBot
) -> None:
    page = opened()
    inbox.events.append(event(4))  # no page has shown it yet
    with qtbot.waitSignal(page.loader.loaded):
        page.mark_all.click()
    assert unread(page) == [4]
    assert "3 events marked as read" in texts(page.footer)
    with qtbot.waitSignal(page.loader.loaded):
        press(page, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert unread(page) == [4, 3, 2, 1]


# ---- what is decided


def test_acknowledge_changes_all_findings_marks_as_read_and_is_taken_back(
    opened: Opened, inbox: FakeInbox, qtbot: QtBot
) -> None:
    page = opened()
    select(page, 1, 2)
    with qtbot.waitSignal(page.loader.loaded):
        press(page, qtbot, Qt.Key.Key_E)
    assert {number: note.state for number, note in inbox.notes.items()} == dict.fromkeys(
        (21, 11, 12), FindingState.ACKNOWLEDGED
    )
    assert unread(page) == [3]
    assert "2 vulnerabilities acknowledged" in texts(page.footer)
    with qtbot.waitSignal(page.loader.loaded):
        press(page, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert {note.state for note in inbox.notes.values()} == {FindingState.OPEN}
    assert unread(page) == [3, 2, 1]
    assert "Undone: 2 vulnerabilities acknowledged" in texts(page.footer)


def test_acknowledge_reaches_the_findings_that_an_event_only_counts(
    opened: Opened, inbox: FakeInbox, qtbot: QtBot
) -> None:
    inbox.events = [event(4, on_machines=tuple(finding(number) for number in range(41, 46)), on_machines_total=8)]
    page = opened()
    select(page, 0)
    with qtbot.waitSignal(page.loader.loaded):
        press(page, qtbot, Qt.Key.Key_E)
    assert set(inbox.notes) == {41, 42, 43, 44, 45, 4000, 4001, 4002}


def test_of_this_pc_only_its_own_findings_are_decided_on(
    opened: Opened, store: StateStore, inbox: FakeInbox, qtbot: QtBot
) -> None:
    post(store, is_team=True)
    inbox.events = [event(4, on_machines=(finding(41),), on_machines_total=2)]
    page = opened()
    with qtbot.waitSignal(page.loader.loaded):
        page.bar.scopes[InboxScope.PC].click()
    select(page, 0)
    with qtbot.waitSignal(page.loader.loaded):
        press(page, qtbot, Qt.Key.Key_E)
    (filters,) = [call[1] for call in inbox.calls if isinstance(call, tuple) and call[0] == "findings"]
    assert filters["own"] == "true"


def test_rows_that_are_decided_on_quickly_are_all_decided(opened: Opened, inbox: FakeInbox, qtbot: QtBot) -> None:
    page = opened()
    select(page, 0)
    for _ in range(3):
        press(page, qtbot, Qt.Key.Key_E)
        press(page, qtbot, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: unread(page) == [])
    assert set(inbox.notes) == {11, 12, 21}
    for _ in range(3):
        press(page, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: unread(page) == [3, 2, 1])


def test_acknowledge_leaves_notes_as_they_are(opened: Opened, inbox: FakeInbox, qtbot: QtBot) -> None:
    inbox.notes[11] = inbox.triaged(11).model_copy(update={"note": "Ask Jo"})
    page = opened()
    select(page, 2)
    with qtbot.waitSignal(page.loader.loaded):
        press(page, qtbot, Qt.Key.Key_E)
    assert [(inbox.notes[number].state, inbox.notes[number].note) for number in (11, 12)] == [
        (FindingState.ACKNOWLEDGED, "Ask Jo"),
        (FindingState.ACKNOWLEDGED, ""),
    ]


def test_another_database_has_events_of_its_own_and_nothing_to_undo(
    opened: Opened, inbox: FakeInbox, store: StateStore, actions: RecordingActions, qtbot: QtBot
) -> None:
    page = opened()
    select(page, 0)
    with qtbot.waitSignal(page.loader.loaded):
        press(page, qtbot, Qt.Key.Key_U)
    actions.database = "in Docker"
    store.post(StackChosen(StackKind.DOCKER, store.state.supervision))
    qtbot.waitUntil(lambda: ids(page) == [])
    assert not page.event_actions.undo.isEnabled()


def test_what_is_only_watched_is_marked_as_read_when_it_is_acknowledged(
    opened: Opened, inbox: FakeInbox, qtbot: QtBot
) -> None:
    page = opened()
    select(page, 0)
    with qtbot.waitSignal(page.loader.loaded):
        press(page, qtbot, Qt.Key.Key_E)
    assert unread(page) == [2, 1]
    assert inbox.notes == {}


def test_a_team_has_its_pcs_and_this_one_apart(
    opened: Opened, inbox: FakeInbox, store: StateStore, qtbot: QtBot
) -> None:
    inbox.elsewhere = {1}
    page = opened()
    assert not page.bar.scopes[InboxScope.PC].isVisible()
    assert page.bar.scopes[InboxScope.MINE].text() == "Mine"
    with qtbot.waitSignal(page.loader.loaded):
        post(store, is_team=True, inbox=inbox.counts)
    assert [button.text() for button in page.bar.scopes.values()] == ["All PCs", "This PC", "Exploited", "Everything"]
    assert "the team" in texts(page)
    with qtbot.waitSignal(page.loader.loaded):
        page.bar.scopes[InboxScope.PC].click()
    assert ids(page) == [3, 2]
    assert "this PC" in texts(page)
    assert "the team" not in texts(page)
    with qtbot.waitSignal(page.loader.loaded):
        page.mark_all.click()
    qtbot.waitUntil(lambda: "Nothing new that concerns this PC" in texts(page))
    assert [item.id for item in inbox.events if item.read_at is None] == [1]


def test_a_line_of_the_menu_leads_to_what_it_counts_in_a_team(
    opened: Opened, inbox: FakeInbox, store: StateStore, qtbot: QtBot
) -> None:
    inbox.elsewhere = {3, 2}
    page = opened()
    post(store, is_team=True)
    page.open_item("mine")
    qtbot.waitUntil(lambda: ids(page) == [1])
    assert page.bar.query.scope is InboxScope.PC


def test_ignoring_asks_for_a_reason_and_an_end_by_keyboard_alone(
    opened: Opened, inbox: FakeInbox, qtbot: QtBot
) -> None:
    page = opened()
    select(page, 1)
    press(page, qtbot, Qt.Key.Key_I)
    assert page.panel.isVisible()
    assert page.panel.field.hasFocus()
    assert not page.panel.confirm.isEnabled(), "a reason is needed"
    qtbot.keyClick(page.panel.field, Qt.Key.Key_Return)
    assert inbox.notes == {}
    qtbot.keyClicks(page.panel.field, "Not reachable")
    qtbot.keyClick(page.panel.until, Qt.Key.Key_Home)
    qtbot.keyClick(page.panel.until, Qt.Key.Key_Down)
    with qtbot.waitSignal(page.loader.loaded):
        qtbot.keyClick(page.panel.until, Qt.Key.Key_Return)
    ignored = inbox.notes[21]
    assert (ignored.state, ignored.note) == (FindingState.IGNORED, "Not reachable")
    assert ignored.until is not None
    assert timedelta(days=6) < ignored.until - utc_now() <= timedelta(days=7)
    assert page.list.hasFocus()
    assert unread(page) == [3, 1]


def test_esc_closes_the_panel_and_nothing_is_changed(opened: Opened, inbox: FakeInbox, qtbot: QtBot) -> None:
    page = opened()
    select(page, 1)
    press(page, qtbot, Qt.Key.Key_I)
    qtbot.keyClicks(page.panel.field, "Mistake")
    qtbot.keyClick(page.panel.field, Qt.Key.Key_Escape)
    assert not page.panel.isVisible()
    assert page.list.hasFocus()
    assert inbox.notes == {}


def test_what_is_asked_about_may_vanish_meanwhile(
    opened: Opened, inbox: FakeInbox, store: StateStore, qtbot: QtBot
) -> None:
    page = opened()
    select(page, 2)
    press(page, qtbot, Qt.Key.Key_I)
    page.panel.field.setText("It is not used")
    inbox.mine = {2, 3}  # its entry of the watchlist was removed, or its program
    with qtbot.waitSignal(page.loader.loaded):
        post(store, inbox=inbox.counts)
    assert ids(page) == [3, 2]
    with qtbot.waitSignal(page.deciding.changed):
        page.panel.confirm.click()
    assert inbox.notes[11].note == "It is not used"
    assert not page.banner.isVisible()


def test_a_note_is_shown_changed_and_leaves_the_state_and_its_end_as_they_are(
    opened: Opened, inbox: FakeInbox, qtbot: QtBot
) -> None:
    page = opened()
    until = utc_now() + timedelta(days=3)
    inbox.notes[21] = inbox.triaged(21).model_copy(
        update={"state": FindingState.IGNORED, "note": "Later", "until": until}
    )
    select(page, 1)
    press(page, qtbot, Qt.Key.Key_N)
    qtbot.waitUntil(page.panel.isVisible)
    assert page.panel.field.text() == "Later"
    page.panel.field.setText("Never")
    with qtbot.waitSignal(page.loader.loaded):
        qtbot.keyClick(page.panel.field, Qt.Key.Key_Return)
    assert inbox.notes[21].model_dump() == {"id": 21, "state": FindingState.IGNORED, "note": "Never", "until": until}
    assert unread(page) == [3, 2, 1]


@pytest.mark.parametrize("key", [Qt.Key.Key_I, Qt.Key.Key_N])
def test_what_is_installed_nowhere_cannot_be_ignored_and_the_page_says_why(
    key: Qt.Key, opened: Opened, qtbot: QtBot
) -> None:
    page = opened()
    select(page, 0)
    press(page, qtbot, key)
    assert not page.panel.isVisible()
    assert "Only what is installed can be ignored" in texts(page.footer)


def test_a_button_of_a_row_acts_on_that_row(opened: Opened, inbox: FakeInbox, qtbot: QtBot) -> None:
    page = opened()
    select(page, 0)
    row = page.list.visualRect(page.model.index(1))
    button = next(
        place
        for place in (row.center() + (row.topRight() - row.topLeft()) * share / 200 for share in range(100))
        if page.list.itemDelegate().button_at(row, place) is page.event_actions.acknowledge  # type: ignore[attr-defined]
    )
    viewport, left = page.list.viewport(), Qt.MouseButton.LeftButton
    qtbot.mousePress(viewport, left, pos=row.center())
    qtbot.mouseRelease(viewport, left, pos=button)
    assert inbox.notes == {}, "it was not pressed"
    with qtbot.waitSignal(page.loader.loaded):
        qtbot.mouseClick(viewport, left, pos=button)
    assert set(inbox.notes) == {21}
    with qtbot.assertNotEmitted(page.context.wanted):
        qtbot.mouseDClick(viewport, left, pos=button)


def test_each_action_has_a_button_with_a_name_and_its_key(opened: Opened) -> None:
    page = opened()
    select(page, 1)
    tips = {button.toolTip() for button in page.findChildren(QToolButton) if button.isVisible() and button.text()}
    assert {"Acknowledge (E)", "Ignore (I)", "Note (N)", "Mark as read (U)", "Open (Return)", "Undo (Ctrl+Z)"} <= tips


def test_what_the_api_refuses_is_said_and_stays_unread(opened: Opened, inbox: FakeInbox, qtbot: QtBot) -> None:
    page = opened()
    select(page, 1)
    inbox.silent = True
    press(page, qtbot, Qt.Key.Key_E)
    qtbot.waitUntil(page.banner.isVisible)
    assert unread(page) == [3, 2, 1]
    assert not page.event_actions.undo.isEnabled()


# ---- links


def test_that_the_api_did_not_answer_is_over_once_it_answers_again(
    opened: Opened, inbox: FakeInbox, store: StateStore, qtbot: QtBot
) -> None:
    page = opened()
    inbox.silent = True
    select(page, 0)
    press(page, qtbot, Qt.Key.Key_E)
    qtbot.waitUntil(page.banner.isVisible)
    store.post(SnapshotMissed(failure("The API does not answer", "It was killed.")))
    inbox.silent = False
    qtbot.waitUntil(lambda: page._was_away)
    post(store)
    qtbot.waitUntil(lambda: not page.banner.isVisible())


def test_the_list_that_gets_the_focus_has_a_row_selected_for_its_keys(opened: Opened, qtbot: QtBot) -> None:
    page = opened()
    page.list.clearFocus()
    page.list.setFocus()
    assert [row.event.id for row in page.list.chosen()] == [3]
    assert page.event_actions.acknowledge.isEnabled()


def test_a_link_selects_its_event_whatever_was_shown_before(opened: Opened, qtbot: QtBot) -> None:
    page = opened()
    with qtbot.waitSignal(page.loader.loaded):
        page.bar.scopes[InboxScope.EXPLOITED].click()
    with qtbot.waitSignal(page.loader.loaded):
        page.open_item("1")
    assert page.bar.query.scope is InboxScope.MINE
    assert [row.event.id for row in page.list.chosen()] == [1]


def test_an_event_that_was_read_is_found_among_those_of_the_last_days(
    opened: Opened, inbox: FakeInbox, qtbot: QtBot
) -> None:
    inbox.events.append(event(999, read_at=utc_now()))
    page = opened()
    with qtbot.waitSignals([page.loader.loaded, page.loader.loaded]):
        page.open_item("999")
    assert [row.event.id for row in page.list.chosen()] == [999]


def test_the_link_to_what_is_exploited_selects_the_newest_exploited_one(opened: Opened, qtbot: QtBot) -> None:
    page = opened()
    with qtbot.waitSignal(page.loader.loaded):
        page.open_item("exploited")
    assert [row.event.id for row in page.list.chosen()] == [2]


# ---- empty, loading, old, failed


def test_where_nothing_is_scanned_or_watched_it_says_so_and_offers_a_way_on(
    opened: Opened, inbox: FakeInbox, inbox_context: PageContext, qtbot: QtBot
) -> None:
    inbox.mine = set()
    page = opened()
    assert "Nothing is known to concern you yet" in texts(page)
    for button, place in ((page.empty.button, PageName.THIS_PC), (page.empty.other_button, PageName.WATCHLIST)):
        with qtbot.waitSignal(inbox_context.wanted) as wanted:
            button.click()
        assert wanted.args == [place, ""]


def test_what_is_watched_is_enough_to_have_nothing_unread(opened: Opened, inbox: FakeInbox) -> None:
    inbox.mine, inbox.watched = set(), Watchlist(items=(Watched(vendor="apache"),))
    page = opened()
    assert "Nothing unread" in texts(page)
    assert "Nothing new that concerns you" in texts(page)


def test_from_nothing_unread_a_button_leads_to_what_was_read(opened: Opened, inbox: FakeInbox, qtbot: QtBot) -> None:
    inbox.events = [event(999, read_at=utc_now())]
    inbox.watched = Watchlist(items=(Watched(vendor="apache"),))
    page = opened()
    button = next(button for button in page.empty.findChildren(QPushButton) if button.text() == "Show the last 30 days")
    with qtbot.waitSignal(page.loader.loaded):
        button.click()
    assert ids(page) == [999]


def test_an_answer_that_does_not_come_keeps_the_list_and_is_said(
    opened: Opened, inbox: FakeInbox, qtbot: QtBot
) -> None:
    page = opened()
    inbox.silent = True
    page.refresh()
    qtbot.waitUntil(page.banner.isVisible)
    assert ids(page) == [3, 2, 1]
    inbox.silent = False
    page.refresh()
    qtbot.waitUntil(lambda: not page.banner.isVisible())


def test_without_any_answer_it_can_be_tried_again(
    inbox_context: PageContext, memory: Memory, window: QStackedWidget, inbox: FakeInbox, qtbot: QtBot
) -> None:
    inbox.silent = True
    page = InboxPage(inbox_context, memory, "Inbox")
    window.addWidget(page)
    with qtbot.waitSignal(page.loader.failed):
        window.show()
    assert "The inbox could not be loaded" in texts(page)
    assert "Loading" not in texts(page)
    inbox.silent = False
    button = next(button for button in page.empty.findChildren(QPushButton) if button.text() == "Try again")
    with qtbot.waitSignal(page.loader.loaded):
        button.click()
    assert ids(page) == [3, 2, 1]


OFF = {"pause": SchedulePause(paused=True)}
FAILED = {"runs": (update_run(status=RunState.FAILURE, finished_at=utc_now(), error=ErrorFields(title="It broke")),)}


@pytest.mark.parametrize(("changes", "why"), [(OFF, "The schedule is paused"), (FAILED, "The last update failed")])
def test_while_updates_do_not_work_nothing_new_is_said_only_of_the_time_that_is_known(
    opened: Opened, inbox: FakeInbox, store: StateStore, changes: dict[str, object], why: str
) -> None:
    inbox.mine = set()
    post(store, **changes)
    shown = texts(opened())
    assert why in shown
    assert "Nothing was new as of " in shown
    assert "Nothing new that concerns you" not in shown


def test_a_problem_is_the_first_row_and_leads_to_its_page(
    opened: Opened, inbox_context: PageContext, store: StateStore, qtbot: QtBot
) -> None:
    page = opened()
    error = {"title": "No source could be reached", "message": "First NVD: no connection.", "hint": ""}
    post(store, runs=(update_run(status=RunState.FAILURE, error=error).model_dump(),))
    qtbot.waitUntil(lambda: "The last update failed" in texts(page.problems))
    assert page.problems.mapTo(page, page.problems.rect().bottomLeft()).y() < page.bar.mapTo(page, page.bar.pos()).y()
    with qtbot.waitSignal(inbox_context.wanted) as wanted:
        qtbot.mouseClick(page.problems.buttons()[0], Qt.MouseButton.LeftButton)
    assert wanted.args == [PageName.TASKS, "update-1"]


def test_old_data_say_how_old_they_are(opened: Opened, store: StateStore, qtbot: QtBot) -> None:
    page = opened()
    store.post(SnapshotMissed(failure("The API does not answer"), utc_now()))
    qtbot.waitUntil(lambda: "What you see is as of " in texts(page.problems))
    assert ids(page) == [3, 2, 1]


def test_the_last_line_says_what_needs_no_attention(opened: Opened, store: StateStore, qtbot: QtBot) -> None:
    page = opened()
    assert "4 of 5 sources checked " in texts(page.footer)
    assert store.state.snapshot is not None
    good = tuple(source for source in store.state.snapshot.sources if source.last_error is None)
    post(store, sources=good)
    qtbot.waitUntil(lambda: "All 4 sources checked " in texts(page.footer))


def test_an_update_can_be_asked_for_followed_and_cancelled(
    opened: Opened, inbox: FakeInbox, store: StateStore, qtbot: QtBot
) -> None:
    page = opened()
    page.footer.update_now.click()
    assert page.footer.update_now.text() == "Updating…"
    assert not page.footer.update_now.isEnabled()
    card = page.footer.update_card
    post(store, runs=(update_run().model_dump(),))
    qtbot.waitUntil(card.isVisible)
    assert "Reading NVD 2024" in texts(card)
    card.cancel.click()
    assert not card.cancel.isEnabled()
    qtbot.waitUntil(lambda: ("cancel", "update-1") in inbox.calls)
    post(store, runs=())
    qtbot.waitUntil(page.footer.update_now.isVisible)
    assert page.footer.update_now.isEnabled()


def test_an_update_that_cannot_be_asked_for_is_said_and_offered_again(
    opened: Opened, inbox: FakeInbox, qtbot: QtBot
) -> None:
    page = opened()
    inbox.silent = True
    page.footer.update_now.click()
    qtbot.waitUntil(page.footer.update_now.isEnabled)
    assert "not answering" in texts(page.banner)


# ---- before there are data


def shown(page: InboxPage, window: QStackedWidget) -> str:
    window.addWidget(page)
    window.show()
    return texts(page)


def test_before_the_services_answer_it_says_that_they_start(
    empty_context: PageContext, memory: Memory, window: QStackedWidget
) -> None:
    page = InboxPage(empty_context, memory, "Inbox")
    assert "The services are starting" in shown(page, window)
    assert not page.footer.update_now.isEnabled()


def test_where_everything_is_stopped_it_can_be_started(
    empty_context: PageContext,
    empty_store: StateStore,
    actions: RecordingActions,
    memory: Memory,
    window: QStackedWidget,
) -> None:
    empty_store.post(SupervisionChanged(Supervision.of(plan())))
    page = InboxPage(empty_context, memory, "Inbox")
    assert "All services are stopped" in shown(page, window)
    next(button for button in page.empty.findChildren(QPushButton) if button.text() == "Start").click()
    assert actions.calls == [("start_service", None)]


def test_while_something_stands_in_the_way_nothing_is_promised(
    empty_context: PageContext, empty_store: StateStore, memory: Memory, window: QStackedWidget
) -> None:
    supervision = empty_store.state.supervision
    waiting = replace(supervision["stack"], phase=Phase.STARTING, problem=failure("Docker is not running"))
    empty_store.post(SupervisionChanged(supervision.put(waiting)))
    assert "Nothing to show yet" in shown(InboxPage(empty_context, memory, "Inbox"), window)


def test_a_first_update_that_failed_is_said_where_the_data_would_stand(
    inbox_context: PageContext, store: StateStore, memory: Memory, window: QStackedWidget
) -> None:
    error = {"title": "The disk is full", "message": "Nothing more can be written", "hint": "Free some space."}
    post(store, stats=None, runs=(update_run(status=RunState.FAILURE, error=error),))
    page = InboxPage(inbox_context, memory, "Inbox")
    assert "The disk is full: Nothing more can be written. Free some space." in shown(page, window)
    assert page.footer.update_now.isEnabled()


def test_the_first_update_says_how_long_it_takes(
    inbox_context: PageContext, store: StateStore, memory: Memory, window: QStackedWidget
) -> None:
    post(store, stats=None, runs=(update_run(),))
    page = InboxPage(inbox_context, memory, "Inbox")
    assert "It takes 10 to 30 minutes" in shown(page, window)
    assert page.footer.update_card.isVisible()


def test_the_whole_page_is_reached_with_the_tab_key(opened: Opened, qtbot: QtBot) -> None:
    page = opened()
    page.mark_all.setFocus()
    seen: list[QWidget | None] = []
    for _ in range(14):
        qtbot.keyClick(page.window().focusWidget() or page, Qt.Key.Key_Tab)
        seen.append(page.window().focusWidget())
    assert {page.list, page.bar.since, page.footer.update_now} <= set(seen)


def test_what_the_program_says_of_itself_includes_the_rows(
    inbox_context: PageContext, memory: Memory, qtbot: QtBot
) -> None:
    memory.save("window/page", PageName.INBOX)
    windows = Windows(inbox_context, memory, first_start=False, parent=inbox_context)
    windows.show()
    qtbot.waitUntil(lambda: "CVE-2026-0002" in str(windows.report()["texts"]))
    report = windows.report()
    texts_of_page, places = report["texts"], report["places"]
    assert isinstance(places, dict)
    assert {"Mark all as read", "Update now", "This PC"} <= set(places)
    assert "Acknowledge" not in places, "nothing is selected, so that it cannot be clicked"
    assert isinstance(texts_of_page, list)
    assert any(
        str(text).startswith("Unread. Now exploited. Mozilla Firefox 115.0 → 128.0.2.") for text in texts_of_page
    )
    windows.hide()
