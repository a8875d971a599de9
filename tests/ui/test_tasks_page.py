from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QPushButton, QSplitter
from pytestqt.qtbot import QtBot

from backend.client.api import ApiClient
from backend.client.transport import ApiAbsent, Params
from backend.contract.names import RunState, Source, TaskName, Trigger
from backend.contract.settings import StackKind
from backend.contract.snapshot import Snapshot
from backend.contract.tasks import Progress, RunPhase, SourceProgress, TaskPage, TaskRun
from desktop.state.app_state import SnapshotArrived, StackChosen, StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.tasks import TasksPage
from desktop.ui.pages.tasks.detail import RunDetail
from desktop.ui.pages.tasks.model import RunColumn
from desktop.ui.pages.tasks.sources import SourceTable
from desktop.ui.theme.apply import Theme
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.progress import ProgressStrip
from desktop.ui.widgets.table import RecordTable
from tests.fakes.actions import RecordingActions
from tests.ui.station import ApiProcess

LIVE = "5e0a5f0c-1111-4222-8333-944455566677"
WAIT_MS = 15_000


@pytest.fixture
def page(context: PageContext, memory: Memory, qtbot: QtBot) -> TasksPage:
    made = TasksPage(context, memory, "Tasks")
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    qtbot.waitUntil(lambda: table(made).model().rowCount() > 0, timeout=WAIT_MS)
    return made


@pytest.fixture
def waiting_run(api: ApiProcess) -> Iterator[str]:
    """A real run that stays queued, since there is no worker."""
    task_id = api.client().request_run(TaskName.TEST).task_id
    yield task_id
    api.client().cancel(task_id)


class Gate:
    """API clients that fail until it is set."""

    def __init__(self, api: ApiProcess) -> None:
        self._api, self.open = api, False

    def client(self) -> ApiClient:
        gate, real = self, self._api.client()

        class Gated(ApiClient):
            def runs(self, filters: Params) -> TaskPage:
                if not gate.open:
                    raise ApiAbsent("nothing listens there")
                return real.runs(filters)

        return Gated("http://127.0.0.1:1")


def table(page: TasksPage) -> RecordTable:
    return next(table for table in page.findChildren(RecordTable) if table.model().columnCount() == len(RunColumn))


def button(page: TasksPage, text: str) -> QPushButton:
    return next(button for button in page.findChildren(QPushButton) if button.text() == text)


def texts(page: TasksPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisible()]


def cell(page: TasksPage, row: int, column: RunColumn) -> str:
    return str(table(page).model().index(row, column).data())


def chosen_words(page: TasksPage) -> str:
    return next(badge.look.word for badge in page.findChildren(Badge) if badge.isVisible() and badge.look)


def live_update(done: int = 12_300, **changes: object) -> TaskRun:
    now = datetime.now(UTC)
    progress = Progress(
        phase=RunPhase.READING,
        message="NVD 2024",
        done=done,
        total=30_000,
        sources={
            Source.CISA: SourceProgress.model_validate({"state": "ok", "seen": 1300, "added": 2, "changed": 5}),
            Source.NVD: SourceProgress(state="waiting"),
        },
    )
    facts = {
        "task_id": LIVE,
        "name": TaskName.UPDATE,
        "status": RunState.STARTED,
        "queued_at": now,
        "started_at": now,
        "trigger": Trigger.API,
        "progress": progress,
    }
    return TaskRun.model_validate({**facts, **changes})


def with_run(store: StateStore, run: TaskRun) -> None:
    before = store.state.snapshot
    assert before is not None
    others = [other for other in before.runs if other.task_id != run.task_id]
    snapshot: Snapshot = before.model_copy(update={"runs": (run, *others)})
    store.post(SnapshotArrived(snapshot, datetime.now(UTC)))


def test_the_newest_runs_are_listed_with_state_trigger_and_counts(page: TasksPage) -> None:
    rows = range(table(page).model().rowCount())
    newest = next(
        row for row in rows if cell(page, row, RunColumn.TASK) == "Statistics"
    )  # other tests request runs too
    assert cell(page, newest + 1, RunColumn.STATE) == "Partly completed"
    assert cell(page, newest + 1, RunColumn.TRIGGER) == "Schedule"
    assert "new" in cell(page, newest + 1, RunColumn.COUNTS)
    assert table(page).isColumnHidden(RunColumn.WORKER)


def test_scrolling_to_the_end_brings_older_runs_until_there_are_none(page: TasksPage, qtbot: QtBot) -> None:
    model = table(page).model()

    def reached_the_first() -> bool:
        table(page).scrollToBottom()
        return not model.canFetchMore(table(page).rootIndex())

    qtbot.waitUntil(reached_the_first, timeout=WAIT_MS)
    assert model.rowCount() >= 120


def test_the_list_is_filtered_by_state_and_remembers_it(page: TasksPage, memory: Memory, qtbot: QtBot) -> None:
    states = next(box for box in page.findChildren(QComboBox) if box.accessibleName() == "State")
    states.setCurrentIndex(states.findData(RunState.FAILURE.value))
    qtbot.waitUntil(lambda: table(page).model().rowCount() == 1, timeout=WAIT_MS)
    assert cell(page, 0, RunColumn.STATE) == "Failed"
    assert memory.text("tasks/state") == RunState.FAILURE


def test_a_filter_that_nothing_fits_offers_all_runs_again(page: TasksPage, qtbot: QtBot) -> None:
    tasks = next(box for box in page.findChildren(QComboBox) if box.accessibleName() == "Task")
    tasks.setCurrentIndex(tasks.findData(TaskName.MANUAL_UPDATE.value))
    qtbot.waitUntil(lambda: "No matching runs" in texts(page), timeout=WAIT_MS)
    button(page, "Show all runs").click()
    qtbot.waitUntil(lambda: table(page).isVisible() and table(page).model().rowCount() > 1, timeout=WAIT_MS)


def test_an_old_run_is_shown_that_is_not_in_the_list(page: TasksPage, qtbot: QtBot) -> None:
    assert table(page).model().rowCount() < 100
    page.open_item("run-0118")
    qtbot.waitUntil(lambda: "run-0118" in texts(page), timeout=WAIT_MS)
    assert table(page).selected_rows() == []


def test_a_run_that_does_not_exist_is_told_in_words(page: TasksPage, qtbot: QtBot) -> None:
    page.open_item("no-such-run")
    qtbot.waitUntil(lambda: any("No such" in text for text in texts(page)), timeout=WAIT_MS)


def test_a_failed_run_says_what_it_means_and_what_to_do_and_folds_its_trace(page: TasksPage, qtbot: QtBot) -> None:
    page.open_item("run-0010")
    qtbot.waitUntil(lambda: "No source could be reached" in texts(page), timeout=WAIT_MS)
    assert any("Check the network" in text for text in texts(page))
    copy = button(page, "Copy")
    assert not copy.isVisible()
    assert not any("Traceback" in text for text in texts(page))


def test_a_run_that_was_done_in_part_names_the_source_that_was_not_read(page: TasksPage, qtbot: QtBot) -> None:
    page.open_item("run-0002")
    qtbot.waitUntil(lambda: "EUVD could not be updated" in texts(page), timeout=WAIT_MS)


@pytest.mark.parametrize(("width", "height"), [(711, 550), (960, 740)], ids=["smallest window", "usual window"])
def test_all_sources_of_an_update_are_visible_with_whole_titles(
    page: TasksPage, width: int, height: int, qtbot: QtBot
) -> None:
    page.hide_title()  # as in the window
    page.resize(width, height)
    page.open_item("run-0002")
    detail = next(iter(page.findChildren(RunDetail)))
    qtbot.waitUntil(lambda: detail.isVisible() and detail.height() >= detail.whole_height(), timeout=WAIT_MS)
    sources = detail.findChildren(SourceTable)[0]
    header = sources.horizontalHeader()
    assert sources.model().rowCount() == len(Source)
    assert header.length() <= sources.viewport().width()
    assert all(header.sectionSize(at) >= header.sectionSizeHint(at) for at in range(header.count()))


def test_a_border_that_was_moved_stays_where_it_is(page: TasksPage, memory: Memory, qtbot: QtBot) -> None:
    halves = page.findChildren(QSplitter)[0]
    memory.save("tasks/halves", halves.saveState())
    page.open_item("run-0002")
    qtbot.waitUntil(lambda: "EUVD could not be updated" in texts(page), timeout=WAIT_MS)
    halves.setSizes([500, 120])
    before = halves.sizes()
    page.open_item("run-0004")
    qtbot.waitUntil(lambda: "run-0004" in texts(page), timeout=WAIT_MS)
    assert halves.sizes() == before


def test_an_update_that_runs_shows_its_progress_and_bars_a_second_one(
    page: TasksPage, store: StateStore, qtbot: QtBot
) -> None:
    with_run(store, live_update())
    qtbot.waitUntil(lambda: cell(page, 0, RunColumn.STATE) == "Running", timeout=WAIT_MS)
    assert any(text.startswith("Updating: Reading NVD 2024, 12") for text in texts(page))
    barred = button(page, "Updating…")
    assert not barred.isEnabled()
    assert barred.toolTip()
    table(page).selectRow(0)
    strip = page.findChild(ProgressStrip)
    assert isinstance(strip, ProgressStrip)
    assert strip.isVisible()


def test_progress_moves_in_place_and_the_chosen_run_stays_chosen(
    page: TasksPage, store: StateStore, qtbot: QtBot
) -> None:
    table(page).selectRow(3)
    chosen = cell(page, 3, RunColumn.STARTED)
    live = live_update()
    with_run(store, live)
    qtbot.waitUntil(lambda: cell(page, 0, RunColumn.STATE) == "Running", timeout=WAIT_MS)
    assert table(page).selected_rows() == [4]
    with_run(store, live.model_copy(update={"status": RunState.FAILURE}))
    qtbot.waitUntil(lambda: cell(page, 0, RunColumn.STATE) == "Failed", timeout=WAIT_MS)
    assert table(page).selected_rows() == [4]
    assert chosen == cell(page, 4, RunColumn.STARTED)


def test_whoever_has_scrolled_down_keeps_what_he_looks_at(page: TasksPage, store: StateStore, qtbot: QtBot) -> None:
    bar = table(page).verticalScrollBar()
    bar.setValue(5 * table(page).rowHeight(0))
    seen = cell(page, table(page).rowAt(0), RunColumn.STARTED)
    with_run(store, live_update())
    qtbot.waitUntil(lambda: cell(page, 0, RunColumn.STATE) == "Running", timeout=WAIT_MS)
    assert table(page).rowAt(0) == 6
    assert cell(page, 6, RunColumn.STARTED) == seen


def test_cancelling_shows_at_once_and_is_confirmed(page: TasksPage, waiting_run: str, qtbot: QtBot) -> None:
    page.open_item(waiting_run)
    qtbot.waitUntil(lambda: waiting_run in texts(page), timeout=WAIT_MS)
    button(page, "Cancel").click()
    assert chosen_words(page) == "Cancelling"
    assert not button(page, "Cancelling…").isEnabled()
    qtbot.waitUntil(lambda: chosen_words(page) == "Cancelled", timeout=WAIT_MS)


def test_a_cancel_that_is_refused_is_told_and_taken_back(page: TasksPage, store: StateStore, qtbot: QtBot) -> None:
    with_run(store, live_update())
    qtbot.waitUntil(lambda: cell(page, 0, RunColumn.STATE) == "Running", timeout=WAIT_MS)
    table(page).selectRow(0)
    button(page, "Cancel").click()  # the API has no such run
    qtbot.waitUntil(lambda: any("No such" in text for text in texts(page)), timeout=WAIT_MS)
    assert chosen_words(page) == "Running"


def test_run_again_queues_the_same_task_and_shows_the_new_run(page: TasksPage, api: ApiProcess, qtbot: QtBot) -> None:
    page.open_item("run-0001")
    qtbot.waitUntil(lambda: "run-0001" in texts(page), timeout=WAIT_MS)
    button(page, "Run again").click()
    qtbot.waitUntil(lambda: chosen_words(page) == "Waiting", timeout=WAIT_MS)
    newest = api.client().runs({"page_size": 1}).items[0]
    assert newest.name == TaskName.UPDATE_STATS
    assert newest.task_id in texts(page)
    assert table(page).selected_rows() == [0]
    api.client().cancel(newest.task_id)


def test_update_now_queues_an_update(page: TasksPage, api: ApiProcess, qtbot: QtBot) -> None:
    button(page, "Update now").click()
    qtbot.waitUntil(lambda: cell(page, 0, RunColumn.STATE) == "Waiting", timeout=WAIT_MS)
    newest = api.client().runs({"page_size": 1}).items[0]
    assert newest.name == TaskName.UPDATE
    api.client().cancel(newest.task_id)


def test_the_menu_of_a_row_offers_what_the_buttons_offer(page: TasksPage, qtbot: QtBot) -> None:
    page.open_item("run-0010")
    qtbot.waitUntil(lambda: "run-0010" in texts(page), timeout=WAIT_MS)
    rows = table(page)
    rows.customContextMenuRequested.emit(rows.visualRect(rows.model().index(0, 0)).center())
    menu = rows.findChild(QMenu)
    assert isinstance(menu, QMenu)
    offered = {action.text() for action in menu.actions() if action.isVisible()}
    menu.close()
    assert {"Copy", "Copy ID", "Run again"} <= offered
    assert "Cancel" not in offered


def test_the_id_can_be_copied(page: TasksPage, qtbot: QtBot) -> None:
    page.open_item("run-0010")
    qtbot.waitUntil(lambda: "run-0010" in texts(page), timeout=WAIT_MS)
    button(page, "Copy ID").click()
    assert QGuiApplication.clipboard().text() == "run-0010"


def test_another_stack_has_a_history_of_its_own(page: TasksPage, store: StateStore, qtbot: QtBot) -> None:
    known = store.state
    assert known.snapshot is not None
    page.open_item("run-0010")
    store.post(StackChosen(StackKind.EXTERNAL, known.supervision))
    qtbot.waitUntil(lambda: table(page).model().rowCount() == 0, timeout=WAIT_MS)
    assert "run-0010" not in texts(page)
    store.post(SnapshotArrived(known.snapshot, datetime.now(UTC)))
    qtbot.waitUntil(lambda: table(page).model().rowCount() > 0, timeout=WAIT_MS)


def test_what_could_not_be_read_is_asked_for_again_once_the_api_answers(
    theme: Theme, store: StateStore, actions: RecordingActions, api: ApiProcess, memory: Memory, qtbot: QtBot
) -> None:
    gate = Gate(api)
    context = PageContext(store, actions, gate.client, SystemClock())
    page = TasksPage(context, memory, "Tasks")
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: "The history could not be loaded" in texts(page), timeout=WAIT_MS)
    gate.open = True
    with_run(store, live_update())
    qtbot.waitUntil(lambda: table(page).model().rowCount() > 20, timeout=WAIT_MS)
    assert "The history could not be loaded" not in texts(page)
    context.close()


def test_before_the_services_are_ready_it_says_so(empty_context: PageContext, memory: Memory, qtbot: QtBot) -> None:
    page = TasksPage(empty_context, memory, "Tasks")
    qtbot.addWidget(page)
    page.show()
    assert "Waiting for the services" in texts(page)
    assert not button(page, "Update now").isEnabled()
    qtbot.waitUntil(lambda: "No runs yet" in texts(page), timeout=WAIT_MS)
