"""Tasks: the history of runs and the details of one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSplitter

from backend.client.api import ApiClient
from backend.contract.names import FINAL_STATES, TaskName
from backend.contract.problems import UPDATE, Problem
from backend.contract.snapshot import Snapshot
from backend.contract.tasks import TaskRun
from backend.contract.wire import utc_now
from desktop.state.app_state import AppState
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext, Request
from desktop.ui.pages.tasks.detail import RunDetail
from desktop.ui.pages.tasks.headline import Headline, why_no_update, why_not_repeatable
from desktop.ui.pages.tasks.history import History
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.text import VisibleTicker

_HALVES = "tasks/halves"


class TasksPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._headline = Headline()
        self._snapshot: Snapshot | None = None
        self._looking_up: Request | None = None
        self._cancelling: set[str] = set()
        self._refused: Problem | None = None
        self._unread: Problem | None = None
        self._banner = MendingBanner(context)
        self._history, self._detail = History(context, memory), RunDetail(context, memory)
        self._update = self.add_action("", primary=True)
        self._update.setIcon(icon("download"))
        self._update.clicked.connect(lambda: self._request(TaskName.UPDATE))
        self._history.table.set_row_actions(self._detail.run_actions)
        self._history.chosen.connect(self._run_chosen)
        self._history.failed.connect(self._history_failed)
        self._detail.again_wanted.connect(lambda run: self._request(TaskName(run.name)))
        self._detail.cancel_wanted.connect(self._cancel)
        VisibleTicker(self, self._show_headline)
        self._fill_body()

    def shows_problem(self, problem: Problem) -> bool:
        """Return True for a failed update: the first line says how the last one ended."""
        return problem.task == UPDATE

    def show_state(self, state: AppState) -> None:
        self._show_headline()
        self._update_actions(state)
        self._show_problem()
        if state.snapshot is None:
            self._clear()
        elif state.snapshot is not self._snapshot:
            self._take_snapshot(state.snapshot)

    def refresh(self) -> None:
        self._history.refresh()

    def open_item(self, key: str) -> None:
        """Show a run by its task ID, even one that is not listed because of its age or the filter."""
        self._history.select(key)
        self._look_up(lambda client: client.run(key))

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        """Take over a snapshot; request the history if that was not possible before."""
        if self._snapshot is None or self._unread is not None:
            self._history.refresh()
        self._snapshot = snapshot
        self._update_runs(*snapshot.runs)
        self._follow_shown_run(snapshot)

    def _clear(self) -> None:
        """Discard what is shown: another stack has its own history."""
        if self._snapshot is not None:
            self._snapshot = None
            self._abandon_look_up()
            self._history.clear()
            self._detail.clear()

    def _request(self, task: TaskName) -> None:
        self._look_up(lambda client: client.run(client.request_run(task).task_id))

    def _cancel(self, run: TaskRun) -> None:
        def ask(client: ApiClient) -> TaskRun:
            client.cancel(run.task_id)
            return client.run(run.task_id)

        def refused(problem: Problem) -> None:
            self._cancelling.discard(run.task_id)
            self._update_runs(run)
            self._refuse(problem)

        self._refuse(None)
        self._cancelling.add(run.task_id)
        self._update_runs(run)
        self.context.ask(ask, self._update_runs, refused, owner=self)

    def _look_up(self, call: Callable[[ApiClient], TaskRun]) -> None:
        """Show the run that the API returns, unless the user selects another one in the meantime."""
        self._refuse(None)
        self._abandon_look_up()
        self._looking_up = self.context.ask(call, self._show_found, self._refuse, owner=self)

    def _show_found(self, run: TaskRun) -> None:
        self._update_runs(run)
        self._history.select(run.task_id)
        self._show_details(self._marked(run))

    def _run_chosen(self, run: TaskRun) -> None:
        self._abandon_look_up()
        self._show_details(run)

    def _show_details(self, run: TaskRun) -> None:
        self._detail.show_run(run)
        self._update_actions(self.context.state)
        QTimer.singleShot(0, self, self._make_room)  # once they are laid out

    def _abandon_look_up(self) -> None:
        if self._looking_up is not None:
            self._looking_up.forget()

    def _update_runs(self, *runs: TaskRun) -> None:
        """Merge newer information on runs."""
        self._cancelling -= {run.task_id for run in runs if run.status in FINAL_STATES}
        marked = [self._marked(run) for run in runs]
        self._history.update_runs(*marked)
        shown = self._detail.run
        for run in marked:
            if shown is not None and run.task_id == shown.task_id:
                self._detail.show_run(run)

    def _marked(self, run: TaskRun) -> TaskRun:
        """Mark a run as being cancelled at once, before its worker has read the request."""
        return run.model_copy(update={"cancel_requested": True}) if run.task_id in self._cancelling else run

    def _follow_shown_run(self, snapshot: Snapshot) -> None:
        """Request the shown run while it is active but no longer among the newest of the snapshot."""
        shown = self._detail.run
        if shown is None or shown.status in FINAL_STATES:
            return
        if shown.task_id not in {run.task_id for run in snapshot.runs}:
            self.context.ask(lambda client: client.run(shown.task_id), self._update_runs, self._refuse, owner=self)

    def _update_actions(self, state: AppState) -> None:
        """Enable actions; a disabled one has the reason as its tooltip."""
        why_not = why_no_update(state)
        self._update.setEnabled(not why_not)
        self._update.setToolTip(why_not)
        self._update.setText(self.tr("Updating…") if state.update else self.tr("Update now"))
        shown = self._detail.run
        if shown is not None:
            self._detail.set_repeatable(why_not_repeatable(shown, state))

    def _show_headline(self) -> None:
        self.say(self._headline.words(self.context.state, utc_now(), self.context.clock.read().steady))

    def _history_failed(self, problem: Problem | None) -> None:
        self._unread = problem
        self._show_problem()

    def _refuse(self, problem: Problem | None) -> None:
        self._refused = problem
        self._show_problem()

    def _show_problem(self) -> None:
        self._banner.update_problem(self._refused or (None if self.context.state.api_unavailable else self._unread))

    def _make_room(self) -> None:
        """Give the details the room that they need, until the user moves the border."""
        if not self.memory.state(_HALVES).isEmpty() or not self._detail.isVisible():
            return
        whole = sum(self._halves.sizes())
        below = max(0, min(self._detail.whole_height(), whole - self._history.least_height()))
        if below > self._halves.sizes()[1]:
            self._halves.setSizes([whole - below, below])

    def _fill_body(self) -> None:
        self._halves = halves = QSplitter(Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(Space.M)
        halves.addWidget(self._history)
        halves.addWidget(self._detail)
        halves.setStretchFactor(0, 1)
        halves.setStretchFactor(1, 1)
        halves.restoreState(self.memory.state(_HALVES))
        halves.splitterMoved.connect(lambda: self.memory.save(_HALVES, halves.saveState()))
        self.body.addWidget(self._banner)
        self.body.addWidget(halves, 1)
