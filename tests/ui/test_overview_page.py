"""Overview: news since the last visit come first, and nothing disappears while the page is visible."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from backend.client.api import ApiClient
from backend.client.transport import ApiSilent, Params
from backend.contract.errors import ErrorFields
from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.problems import failure
from backend.contract.schedule import SchedulePause
from backend.contract.settings import StackKind
from backend.contract.snapshot import Snapshot
from backend.contract.sources import SourceState
from backend.contract.tasks import Progress, RunPhase, TaskAccepted, TaskCancelled, TaskRun
from backend.contract.vulnerabilities import VulnerabilityPage
from backend.contract.wire import utc_now
from desktop.state.app_state import SnapshotArrived, StateStore, SupervisionChanged
from desktop.supervision.plan import plan
from desktop.supervision.services import Phase, Supervision
from desktop.supervision.supervisor import SystemClock
from desktop.ui.actions import Actions
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.overview import OverviewPage
from desktop.ui.pages.overview.figures import ALL, CRITICAL, EXPLOITED, NEW
from desktop.ui.pages.overview.newly_exploited import ExploitedColumn
from desktop.ui.pages.vulnerabilities.search import search_of_key
from desktop.ui.widgets.text import Plain
from tests.fakes.actions import RecordingActions
from tests.ui.station import ApiProcess

SEEN = "overview/seen-embedded"
LONG_AGO, LATELY = timedelta(days=60), timedelta(days=1)
"""Before and after the records of the database were first seen."""
PART_OF_A_DAY = 0.05
"""The list begins with a whole day, the total 30 times 24 hours ago."""


@pytest.fixture
def window(qtbot: QtBot) -> QStackedWidget:
    made = QStackedWidget()
    qtbot.addWidget(made)
    made.resize(1024, 700)
    return made


@pytest.fixture
def opened(window: QStackedWidget, memory: Memory, qtbot: QtBot) -> Callable[[PageContext], OverviewPage]:
    """The page, once it shows what is new."""

    def open_with(context: PageContext) -> OverviewPage:
        page = OverviewPage(context, memory, "Overview")
        window.insertWidget(0, page)
        window.setCurrentIndex(0)
        with qtbot.waitSignal(page.news.found):
            window.show()
        return page

    return open_with


def texts(widget: QObject) -> str:
    return "\n".join(label.text() for label in widget.findChildren(Plain) if label.isVisible())


def exploited(api: ApiProcess) -> int:
    return api.client().vulnerabilities({"exploited": "true", "page_size": 1}).total


def update_run(**more: object) -> TaskRun:
    given = {"task_id": "update-1", "name": TaskName.UPDATE, "status": RunState.STARTED, "queued_at": utc_now()}
    progress = Progress(phase=RunPhase.READING, done=5, total=10, message="NVD 2024")
    return TaskRun(**{**given, "trigger": Trigger.API, "progress": progress, **more})


def post(store: StateStore, **changes: object) -> None:
    """The API's next snapshot."""
    snapshot = store.state.snapshot
    assert snapshot is not None
    store.post(SnapshotArrived(Snapshot.model_validate({**dict(snapshot), **changes}), utc_now()))


def test_what_became_known_since_the_last_look_is_counted_and_listed(
    context: PageContext, memory: Memory, api: ApiProcess, opened: Callable[[PageContext], OverviewPage]
) -> None:
    memory.save(SEEN, (utc_now() - LONG_AGO).isoformat())
    page = opened(context)
    assert f"{exploited(api)} exploited vulnerabilit" in texts(page)
    assert "New since you last looked" in texts(page.attention)
    priorities = [page.attention.table.rows.index(row, ExploitedColumn.PRIORITY).data() for row in range(8)]
    assert priorities == sorted(priorities, reverse=True)


def test_where_nothing_is_new_it_says_since_when_and_shows_the_latest(
    context: PageContext, memory: Memory, opened: Callable[[PageContext], OverviewPage]
) -> None:
    memory.save(SEEN, (utc_now() - LATELY).isoformat())
    page = opened(context)
    assert "No newly exploited vulnerabilities since yesterday, " in texts(page)
    assert "Recently exploited" in texts(page.attention)
    assert page.attention.table.rows.rowCount() > 0


OFF = {"pause": SchedulePause(paused=True)}
FAILED = {"runs": (update_run(status=RunState.FAILURE, finished_at=utc_now(), error=ErrorFields(title="It broke")),)}


@pytest.mark.parametrize(("changes", "why"), [(OFF, "The schedule is paused"), (FAILED, "The last update failed")])
def test_while_updates_do_not_work_nothing_new_is_said_only_of_the_time_that_is_known(
    context: PageContext,
    memory: Memory,
    store: StateStore,
    opened: Callable[[PageContext], OverviewPage],
    changes: dict[str, object],
    why: str,
) -> None:
    memory.save(SEEN, (utc_now() - LATELY).isoformat())
    post(store, **changes)
    said = texts(opened(context))
    assert said.startswith(why)
    assert "Nothing was newly exploited as of today, " in said
    assert "No newly exploited vulnerabilities since" not in said


def test_closing_the_window_ends_the_look_and_not_before(
    context: PageContext,
    memory: Memory,
    window: QStackedWidget,
    opened: Callable[[PageContext], OverviewPage],
    qtbot: QtBot,
) -> None:
    before = (utc_now() - LONG_AGO).isoformat()
    memory.save(SEEN, before)
    page = opened(context)
    other = QWidget()
    window.addWidget(other)
    window.setCurrentWidget(other)
    window.setCurrentWidget(page)
    with qtbot.waitSignal(page.news.found):
        page.refresh()
    assert memory.text(SEEN) == before
    assert "New since you last looked" in texts(page.attention)
    window.hide()
    assert memory.text(SEEN) > before
    with qtbot.waitSignal(page.news.found):
        window.show()
    assert "No newly exploited vulnerabilities since today, " in texts(page)


def test_what_was_marked_as_seen_is_not_new_any_more(
    context: PageContext, memory: Memory, opened: Callable[[PageContext], OverviewPage], qtbot: QtBot
) -> None:
    memory.save(SEEN, (utc_now() - LONG_AGO).isoformat())
    page = opened(context)
    with qtbot.waitSignal(page.news.found):
        page.attention.mark_seen.click()
    assert "Recently exploited" in texts(page.attention)


def test_the_first_look_is_no_reason_for_alarm(
    context: PageContext, memory: Memory, window: QStackedWidget, opened: Callable[[PageContext], OverviewPage]
) -> None:
    page = opened(context)
    assert "Newly exploited vulnerabilities will appear here" in texts(page)
    window.hide()
    assert memory.text(SEEN)


def test_while_the_first_update_has_not_ended_nothing_counts_as_seen(
    context: PageContext,
    store: StateStore,
    memory: Memory,
    window: QStackedWidget,
    opened: Callable[[PageContext], OverviewPage],
) -> None:
    assert store.state.snapshot is not None
    assert store.state.snapshot.stats is not None
    post(store, stats=store.state.snapshot.stats.model_copy(update={"last_update": None}))
    opened(context)
    window.hide()
    assert memory.text(SEEN) == ""


def test_a_line_opens_by_a_double_click_and_a_single_one_selects_it(
    context: PageContext, opened: Callable[[PageContext], OverviewPage], qtbot: QtBot
) -> None:
    page = opened(context)
    table = page.attention.table
    index = table.rows.index(1, ExploitedColumn.TITLE)
    with qtbot.assertNotEmitted(context.wanted):
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(index).center())
    assert table.currentIndex().row() == index.row()
    with qtbot.waitSignal(context.wanted) as wanted:
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(index).center())
    assert wanted.args == [PageName.VULNERABILITIES, table.rows.key_of(index)]


def test_enter_on_a_line_opens_the_vulnerability(
    context: PageContext, opened: Callable[[PageContext], OverviewPage], qtbot: QtBot
) -> None:
    table = opened(context).attention.table
    table.setCurrentIndex(table.rows.index(2, 0))
    with qtbot.waitSignal(context.wanted) as wanted:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert wanted.args == [PageName.VULNERABILITIES, table.rows.key_of(table.rows.index(2, 0))]


@pytest.mark.parametrize("key", [ALL, EXPLOITED, CRITICAL, NEW])
def test_a_total_leads_to_what_it_counts(
    key: str, context: PageContext, api: ApiProcess, opened: Callable[[PageContext], OverviewPage], qtbot: QtBot
) -> None:
    tile = opened(context).figures.tiles.tile(key)
    with qtbot.waitSignal(context.wanted) as wanted:
        qtbot.keyClick(tile, Qt.Key.Key_Space)
    search = search_of_key(wanted.args[1])
    assert wanted.args[0] == PageName.VULNERABILITIES
    assert search is not None
    counted = api.client().vulnerabilities({**search.params, "page_size": 1}).total
    shown = int(re.sub(r"\D", "", tile.accessibleName().partition(": ")[2]))
    assert counted == pytest.approx(shown, rel=PART_OF_A_DAY)


def test_all_that_is_new_is_a_click_away(
    context: PageContext, memory: Memory, api: ApiProcess, opened: Callable[[PageContext], OverviewPage], qtbot: QtBot
) -> None:
    memory.save(SEEN, (utc_now() - LONG_AGO).isoformat())
    page = opened(context)
    with qtbot.waitSignal(context.wanted) as wanted:
        page.attention.all.click()
    search = search_of_key(wanted.args[1])
    assert search is not None
    assert api.client().vulnerabilities({**search.params, "page_size": 1}).total == exploited(api)


def test_new_data_keep_the_selected_line(
    context: PageContext, store: StateStore, opened: Callable[[PageContext], OverviewPage], qtbot: QtBot
) -> None:
    page = opened(context)
    page.attention.table.selectRow(2)
    assert store.state.snapshot is not None
    assert store.state.snapshot.stats is not None
    with qtbot.waitSignal(page.news.found):
        post(store, stats=store.state.snapshot.stats.model_copy(update={"computed_at": utc_now()}))
    assert page.attention.table.selected_rows() == [2]


def test_numbers_change_without_reopening(
    context: PageContext, store: StateStore, opened: Callable[[PageContext], OverviewPage], qtbot: QtBot
) -> None:
    page = opened(context)
    assert store.state.snapshot is not None
    assert store.state.snapshot.stats is not None
    post(store, stats=store.state.snapshot.stats.model_copy(update={"exploited_vulnerabilities": 777}))
    tile = page.figures.tiles.tile(EXPLOITED)
    qtbot.waitUntil(lambda: tile.accessibleName() == "Known exploited: 777")


def test_a_failed_update_is_said_with_its_reason_and_leads_to_its_run(
    context: PageContext, store: StateStore, opened: Callable[[PageContext], OverviewPage], qtbot: QtBot
) -> None:
    page = opened(context)
    error = {"title": "No source could be reached", "message": "First NVD: no connection.", "hint": ""}
    post(store, runs=(update_run(status=RunState.FAILURE, error=error).model_dump(),))
    qtbot.waitUntil(lambda: "The last update failed" in texts(page.problems))
    assert "No source could be reached: First NVD: no connection." in texts(page.problems)
    with qtbot.waitSignal(context.wanted) as wanted:
        qtbot.mouseClick(page.problems.buttons()[0], Qt.MouseButton.LeftButton)
    assert wanted.args == [PageName.TASKS, "update-1"]


def test_a_source_that_failed_tells_its_last_error(
    context: PageContext, store: StateStore, opened: Callable[[PageContext], OverviewPage], qtbot: QtBot
) -> None:
    page = opened(context)
    assert "EUVD does not answer: No answer within 60 s, five times in a row." in texts(page)
    assert store.state.snapshot is not None
    failing = [source.model_copy(update={"state": SourceState.FAILING}) for source in store.state.snapshot.sources[:1]]
    post(store, sources=tuple(failing))
    qtbot.waitUntil(lambda: f"{failing[0].name.upper()} could not be updated" in texts(page.problems))


def test_a_pause_is_said_where_the_next_runs_stand(
    context: PageContext, store: StateStore, opened: Callable[[PageContext], OverviewPage], qtbot: QtBot
) -> None:
    page = opened(context)
    assert "Update" in texts(page.next_runs)
    post(store, pause=SchedulePause(paused=True))
    qtbot.waitUntil(lambda: "Paused until resumed" in texts(page.next_runs))


class Client(ApiClient):
    """Uses the real API, but starts and cancels nothing. deaf: lists nothing either."""

    deaf = False

    def __init__(self, api: ApiProcess, asked: list[str]) -> None:
        super().__init__(f"http://127.0.0.1:{api.port}", wait_s=15)
        self.asked = asked

    def vulnerabilities(self, filters: Params) -> VulnerabilityPage:
        if self.deaf:
            raise ApiSilent("no answer within 2 s")
        return super().vulnerabilities(filters)

    def request_run(self, task: TaskName) -> TaskAccepted:
        self.asked.append(task)
        raise ApiSilent("no answer within 2 s")

    def cancel(self, task_id: str) -> TaskCancelled:
        self.asked.append(task_id)
        return TaskCancelled(task_id=task_id, status=RunState.STARTED, message="")


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def deaf_context(store: StateStore, actions: Actions, api: ApiProcess, asked: list[str]) -> Iterator[PageContext]:
    made = PageContext(store, actions, lambda: Client(api, asked), SystemClock())
    yield made
    made.close()


def test_an_update_that_cannot_be_asked_for_is_said_and_offered_again(
    deaf_context: PageContext, asked: list[str], opened: Callable[[PageContext], OverviewPage], qtbot: QtBot
) -> None:
    page = opened(deaf_context)
    page.update_now.click()
    assert page.update_now.text() == "Updating…"
    assert not page.update_now.isEnabled()
    qtbot.waitUntil(page.update_now.isEnabled)
    assert asked == [TaskName.UPDATE]
    assert "not answering" in texts(page.banner)


def test_where_the_news_cannot_be_had_the_rest_is_shown_and_the_reason(
    deaf_context: PageContext, memory: Memory, window: QStackedWidget, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(Client, "deaf", True)
    page = OverviewPage(deaf_context, memory, "Overview")
    window.addWidget(page)
    window.show()
    qtbot.waitUntil(page.banner.isVisible)
    assert not page.attention.isVisible()
    assert page.figures.isVisible()
    monkeypatch.setattr(Client, "deaf", False)
    page.refresh()
    qtbot.waitUntil(page.attention.isVisible)
    assert not page.banner.isVisible()


def test_a_running_update_shows_its_progress_and_can_be_cancelled(
    deaf_context: PageContext,
    store: StateStore,
    asked: list[str],
    opened: Callable[[PageContext], OverviewPage],
    qtbot: QtBot,
) -> None:
    page = opened(deaf_context)
    assert not page.update_card.isVisible()
    post(store, runs=(update_run().model_dump(),))
    qtbot.waitUntil(page.update_card.isVisible)
    assert "Reading NVD 2024" in texts(page.update_card)
    assert not page.update_now.isEnabled()
    page.update_card.cancel.click()
    assert not page.update_card.cancel.isEnabled()
    qtbot.waitUntil(lambda: asked == ["update-1"])
    post(store, runs=())
    qtbot.waitUntil(lambda: not page.update_card.isVisible())


def test_before_the_services_answer_it_says_that_they_start(
    empty_context: PageContext, memory: Memory, window: QStackedWidget
) -> None:
    page = OverviewPage(empty_context, memory, "Overview")
    window.addWidget(page)
    window.show()
    assert "The services are starting" in texts(page)
    assert not page.update_now.isEnabled()


def test_where_everything_is_stopped_it_can_be_started(
    empty_context: PageContext,
    empty_store: StateStore,
    actions: RecordingActions,
    memory: Memory,
    window: QStackedWidget,
    qtbot: QtBot,
) -> None:
    empty_store.post(SupervisionChanged(Supervision.of(plan())))
    page = OverviewPage(empty_context, memory, "Overview")
    window.addWidget(page)
    window.show()
    assert "All services are stopped" in texts(page)
    start = next(button for button in page.findChildren(QPushButton) if button.text() == "Start")
    start.click()
    assert actions.asked == [("start_service", None)]


def test_a_first_update_that_failed_is_said_where_the_data_would_stand(
    context: PageContext, store: StateStore, memory: Memory, window: QStackedWidget
) -> None:
    error = {"title": "The disk is full", "message": "Nothing more can be written", "hint": "Free some space."}
    failed = update_run(status=RunState.FAILURE, error=error)
    assert store.state.snapshot is not None
    store.post(SnapshotArrived(store.state.snapshot.model_copy(update={"stats": None, "runs": (failed,)}), utc_now()))
    page = OverviewPage(context, memory, "Overview")
    window.addWidget(page)
    window.show()
    assert "The disk is full: Nothing more can be written. Free some space." in texts(page)
    assert page.update_now.isEnabled()


def test_while_something_stands_in_the_way_nothing_is_promised(
    empty_context: PageContext, empty_store: StateStore, memory: Memory, window: QStackedWidget
) -> None:
    supervision = empty_store.state.supervision
    waiting = replace(supervision["stack"], phase=Phase.STARTING, problem=failure("Docker is not running"))
    empty_store.post(SupervisionChanged(supervision.put(waiting)))
    page = OverviewPage(empty_context, memory, "Overview")
    window.addWidget(page)
    window.show()
    assert "Nothing to show yet" in texts(page)


def test_the_first_update_says_how_long_it_takes(
    context: PageContext, store: StateStore, memory: Memory, window: QStackedWidget
) -> None:
    assert store.state.snapshot is not None
    store.post(
        SnapshotArrived(store.state.snapshot.model_copy(update={"stats": None, "runs": (update_run(),)}), utc_now())
    )
    page = OverviewPage(context, memory, "Overview")
    window.addWidget(page)
    window.show()
    assert "It takes 10 to 30 minutes" in texts(page)
    assert page.update_card.isVisible()


def test_each_stack_has_been_looked_at_on_its_own(
    context: PageContext, store: StateStore, memory: Memory, opened: Callable[[PageContext], OverviewPage]
) -> None:
    memory.save("overview/seen-docker", (utc_now() - LONG_AGO).isoformat())
    assert store.state.stack is StackKind.EMBEDDED
    assert "Newly exploited vulnerabilities will appear here" in texts(opened(context))


def test_the_list_fills_its_card_whatever_the_window_was_before(
    context: PageContext, opened: Callable[[PageContext], OverviewPage], window: QStackedWidget, qtbot: QtBot
) -> None:
    table = opened(context).attention.table
    window.resize(1900, 800)
    qtbot.waitUntil(lambda: table.viewport().width() > 1000)
    day = table.columnWidth(ExploitedColumn.DUE)
    window.resize(1024, 700)
    qtbot.waitUntil(lambda: table.viewport().width() < 1000)
    assert table.columnWidth(ExploitedColumn.DUE) == day
    assert abs(sum(table.columnWidth(column) for column in ExploitedColumn) - table.viewport().width()) <= 1
