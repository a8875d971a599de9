"""After a start, Inbox and This PC show their last answers until the API answers; never those of another database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from backend.client.api import ApiClient
from backend.contract.settings import StackKind
from backend.contract.wire import utc_now
from desktop.state.app_state import SnapshotArrived, StackChosen, StateStore, SupervisionChanged
from desktop.supervision.plan import plan
from desktop.supervision.services import Supervision
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.inbox import InboxPage
from desktop.ui.pages.inbox.query import InboxFilter, Since
from desktop.ui.pages.this_pc import ThisPcPage
from tests.fakes.actions import RecordingActions
from tests.fakes.inbox import FakeInbox, InboxClient, event, finding
from tests.ui.states import empty_view
from tests.ui.station import ApiProcess
from tests.ui.test_this_pc_page import WAIT_MS, names, opened

pytestmark = pytest.mark.usefixtures("english")
MakeContext = Callable[[StateStore, Callable[[], ApiClient]], PageContext]


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox([event(1, on_machines=(finding(11),), on_machines_total=1), event(2)])


@pytest.fixture
def started(theme: object, actions: RecordingActions) -> Iterator[MakeContext]:
    """Starts the program again on the same data folder."""
    made: list[PageContext] = []

    def start(store: StateStore, client: Callable[[], ApiClient]) -> PageContext:
        made.append(PageContext(store, actions, client, SystemClock()))
        return made[-1]

    yield start
    for context in made:
        context.close()


@pytest.fixture
def starting() -> StateStore:
    """The services are starting: nothing is known of the API yet."""
    return StateStore(empty_view())


@pytest.fixture
def remembered_inbox(started: MakeContext, store: StateStore, inbox: FakeInbox, memory: Memory, qtbot: QtBot) -> None:
    """The inbox was shown in the last run of the program."""
    page = InboxPage(started(store, lambda: InboxClient(inbox)), memory, "Inbox")
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.loader.loaded):
        page.show()


def inbox_page(context: PageContext, memory: Memory, qtbot: QtBot) -> InboxPage:
    page = InboxPage(context, memory, "Inbox")
    qtbot.addWidget(page)
    page.show()
    return page


def rows(page: InboxPage) -> list[int]:
    return [row.event.id for row in page.model.rows]


def test_the_inbox_is_there_before_the_api_and_says_of_when(
    remembered_inbox: None, started: MakeContext, starting: StateStore, inbox: FakeInbox, memory: Memory, qtbot: QtBot
) -> None:
    inbox.silent = True
    page = inbox_page(started(starting, lambda: InboxClient(inbox)), memory, qtbot)
    qtbot.waitUntil(lambda: rows(page) == [2, 1])
    assert page.list.isVisible()
    summary = page._summary.text()
    assert summary.startswith("As of today, ")
    assert summary.endswith("2 vulnerabilities that concern you are new, 2 are being exploited")


def test_what_is_only_remembered_cannot_be_decided_on(
    remembered_inbox: None,
    started: MakeContext,
    starting: StateStore,
    store: StateStore,
    inbox: FakeInbox,
    memory: Memory,
    qtbot: QtBot,
) -> None:
    page = inbox_page(started(starting, lambda: InboxClient(inbox)), memory, qtbot)
    qtbot.waitUntil(lambda: rows(page) == [2, 1])
    page.list.selectAll()
    assert not any(action.isEnabled() for action in page.event_actions.of_rows)
    assert not page.mark_all.isEnabled()
    inbox.events.append(event(3))
    snapshot = store.state.snapshot
    assert snapshot is not None
    with qtbot.waitSignal(page.loader.loaded):
        starting.post(SnapshotArrived(snapshot, utc_now()))
    assert rows(page) == [3, 2, 1]
    assert [row.event.id for row in page.list.chosen()] == [2, 1], "what was selected stays selected"
    assert all(action.isEnabled() for action in page.event_actions.of_rows)
    assert not page._summary.text().startswith("As of")


def test_another_database_never_shows_the_events_of_this_one(
    remembered_inbox: None,
    started: MakeContext,
    starting: StateStore,
    inbox: FakeInbox,
    actions: RecordingActions,
    memory: Memory,
    qtbot: QtBot,
) -> None:
    page = inbox_page(started(starting, lambda: InboxClient(inbox)), memory, qtbot)
    qtbot.waitUntil(lambda: rows(page) == [2, 1])
    actions.database = "another one"
    starting.post(StackChosen(StackKind.DOCKER, starting.state.supervision))
    qtbot.waitUntil(lambda: rows(page) == [])
    qtbot.waitUntil(lambda: page.context.is_idle)
    assert rows(page) == []


def test_another_list_than_the_remembered_one_waits_for_the_api(
    remembered_inbox: None, started: MakeContext, starting: StateStore, inbox: FakeInbox, memory: Memory, qtbot: QtBot
) -> None:
    page = inbox_page(started(starting, lambda: InboxClient(inbox)), memory, qtbot)
    page.bar.set_query(InboxFilter(since=Since.WEEK))
    qtbot.waitUntil(lambda: page.context.is_idle)
    assert rows(page) == []


def test_where_everything_is_stopped_the_way_to_start_it_is_shown(
    remembered_inbox: None, started: MakeContext, starting: StateStore, inbox: FakeInbox, memory: Memory, qtbot: QtBot
) -> None:
    starting.post(SupervisionChanged(Supervision.of(plan())))
    page = inbox_page(started(starting, lambda: InboxClient(inbox)), memory, qtbot)
    qtbot.waitUntil(lambda: rows(page) == [2, 1])
    assert page.empty.isVisible()
    assert page.empty._title.text() == "All services are stopped"


def test_this_pc_is_there_before_the_api_and_says_of_when(
    started: MakeContext, store: StateStore, starting: StateStore, api: ApiProcess, memory: Memory, qtbot: QtBot
) -> None:
    before = opened(ThisPcPage(started(store, api.client), memory, "This PC"), qtbot)
    qtbot.waitUntil(lambda: before.context.is_idle, timeout=WAIT_MS)
    page = ThisPcPage(started(starting, lambda: ApiClient("http://127.0.0.1:1")), memory, "This PC")
    opened(page, qtbot)
    assert names(page) == names(before)
    assert page._summary.text().startswith("As of today, ")
    assert page._summary.text().endswith(before._summary.text())
    page._take(before._view)
    assert page._summary.text() != before._summary.text(), "the API has not said that the first update is done"
    assert "As of" not in page._summary.text()


def test_this_pc_of_another_database_is_forgotten(
    context: PageContext, store: StateStore, actions: RecordingActions, memory: Memory, qtbot: QtBot
) -> None:
    page = opened(ThisPcPage(context, memory, "This PC"), qtbot)
    actions.database = "another one"
    page.context._api_threads.close()  # the API of the new stack does not answer yet
    store.post(StackChosen(StackKind.DOCKER, store.state.supervision))
    qtbot.waitUntil(lambda: page.empty.isVisible())
    assert page.pane.isHidden()
    assert page.machine.count() == 0


def test_a_fresh_answer_is_not_replaced_by_the_remembered_one(
    remembered_inbox: None, started: MakeContext, store: StateStore, inbox: FakeInbox, memory: Memory, qtbot: QtBot
) -> None:
    page = InboxPage(started(store, lambda: InboxClient(inbox)), memory, "Inbox")
    qtbot.addWidget(page)
    inbox.events.append(event(3))
    with qtbot.waitSignal(page.loader.loaded):
        page.show()
    page.loader.recall(page.bar.query)
    qtbot.waitUntil(lambda: page.context.is_idle)
    qtbot.keyClick(page.list, Qt.Key.Key_Home)
    assert rows(page) == [3, 2, 1]
