"""What ran, what runs, and how it went."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter

from backend.client.api import ApiClient
from backend.contract.names import FINAL_STATES, TaskName
from backend.contract.problems import UPDATE, Problem
from backend.contract.snapshot import Snapshot
from backend.contract.tasks import TaskRun
from desktop.state.app_state import AppState
from desktop.ui.formatting import now
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext, Request
from desktop.ui.pages.tasks.detail import RunDetail
from desktop.ui.pages.tasks.headline import Headline, why_no_update, why_not_again
from desktop.ui.pages.tasks.history import History
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.text import VisibleTicker


class TasksPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._headline = Headline()
        self._taken: Snapshot | None = None
        self._looking_up: Request | None = None
        self._cancelling: set[str] = set()
        self._refused: Problem | None = None
        self._unread: Problem | None = None
        self._banner = MendingBanner(context)
        self._history, self._detail = History(context, memory), RunDetail(context, memory)
        self._update = self.add_action("", primary=True)
        self._update.setIcon(icon("download"))
        self._update.clicked.connect(lambda: self._request(TaskName.UPDATE))
        self._history.table.set_row_actions(self._detail.offers)
        self._history.chosen.connect(self._chosen)
        self._history.failed.connect(self._history_failed)
        self._detail.again_wanted.connect(lambda run: self._request(TaskName(run.name)))
        self._detail.cancel_wanted.connect(self._cancel)
        VisibleTicker(self, self._tell_headline)
        self._fill_body()

    def tells(self, found: Problem) -> bool:
        """The first line says how the last update ended."""
        return found.task == UPDATE

    def show_state(self, state: AppState) -> None:
        self._tell_headline()
        self._offer(state)
        self._tell_problem()
        if state.snapshot is None:
            self._forget()
        elif state.snapshot is not self._taken:
            self._take(state.snapshot)

    def refresh(self) -> None:
        self._history.refresh()

    def open_item(self, key: str) -> None:
        """key: a task id; also of a run that is too old for the list, or filtered away."""
        self._history.select(key)
        self._look_up(lambda client: client.run(key))

    def _take(self, snapshot: Snapshot) -> None:
        """The API answers: also to what could not be asked before."""
        if self._taken is None or self._unread is not None:
            self._history.refresh()
        self._taken = snapshot
        self._hear(*snapshot.runs)
        self._look_after_shown(snapshot)

    def _forget(self) -> None:
        """Another stack has a history of its own."""
        if self._taken is not None:
            self._taken = None
            self._leave_look_up()
            self._history.forget()
            self._detail.forget()

    def _request(self, task: TaskName) -> None:
        self._look_up(lambda client: client.run(client.request_run(task).task_id))

    def _cancel(self, run: TaskRun) -> None:
        def ask(client: ApiClient) -> TaskRun:
            client.cancel(run.task_id)
            return client.run(run.task_id)

        def refused(problem: Problem) -> None:
            self._cancelling.discard(run.task_id)
            self._hear(run)
            self._refuse(problem)

        self._refuse(None)
        self._cancelling.add(run.task_id)
        self._hear(run)
        self.context.ask(ask, self._hear, refused, owner=self)

    def _look_up(self, call: Callable[[ApiClient], TaskRun]) -> None:
        """What it answers is shown, unless another run is gone to meanwhile."""
        self._refuse(None)
        self._leave_look_up()
        self._looking_up = self.context.ask(call, self._found, self._refuse, owner=self)

    def _found(self, run: TaskRun) -> None:
        self._hear(run)
        self._history.select(run.task_id)
        self._detail.show_run(self._marked(run))
        self._offer(self.context.state)

    def _chosen(self, run: TaskRun) -> None:
        self._leave_look_up()
        self._detail.show_run(run)
        self._offer(self.context.state)

    def _leave_look_up(self) -> None:
        if self._looking_up is not None:
            self._looking_up.forget()

    def _hear(self, *runs: TaskRun) -> None:
        """What is known of runs by now."""
        self._cancelling -= {run.task_id for run in runs if run.status in FINAL_STATES}
        told = [self._marked(run) for run in runs]
        self._history.note(*told)
        shown = self._detail.run
        for run in told:
            if shown is not None and run.task_id == shown.task_id:
                self._detail.show_run(run)

    def _marked(self, run: TaskRun) -> TaskRun:
        """What was asked of a run shows at once, before its worker knows of it."""
        return run.model_copy(update={"cancel_requested": True}) if run.task_id in self._cancelling else run

    def _look_after_shown(self, snapshot: Snapshot) -> None:
        """A run that goes on while many newer ones came is not among the snapshot's."""
        shown = self._detail.run
        if shown is None or shown.status in FINAL_STATES:
            return
        if shown.task_id not in {run.task_id for run in snapshot.runs}:
            self.context.ask(lambda client: client.run(shown.task_id), self._hear, self._refuse, owner=self)

    def _offer(self, state: AppState) -> None:
        """What cannot be done now says why."""
        why_not = why_no_update(state)
        self._update.setEnabled(not why_not)
        self._update.setToolTip(why_not)
        self._update.setText(self.tr("Update is running") if state.update else self.tr("Update now"))
        shown = self._detail.run
        if shown is not None:
            self._detail.allow_again(why_not_again(shown, state))

    def _tell_headline(self) -> None:
        self.say(self._headline.words(self.context.state, now(), self.context.clock.read().steady))

    def _history_failed(self, problem: Problem | None) -> None:
        self._unread = problem
        self._tell_problem()

    def _refuse(self, problem: Problem | None) -> None:
        self._refused = problem
        self._tell_problem()

    def _tell_problem(self) -> None:
        self._banner.tell_of(self._refused or (None if self.context.state.silent else self._unread))

    def _fill_body(self) -> None:
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(Space.M)
        halves.addWidget(self._history)
        halves.addWidget(self._detail)
        halves.setStretchFactor(0, 1)
        halves.setStretchFactor(1, 1)
        halves.restoreState(self.memory.state("tasks/halves"))
        halves.splitterMoved.connect(lambda: self.memory.keep("tasks/halves", halves.saveState()))
        self.body.addWidget(self._banner)
        self.body.addWidget(halves, 1)
