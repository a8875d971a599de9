"""Schedule: which tasks run automatically, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from PySide6.QtCore import QTimer

from backend.client.api import ApiClient
from backend.contract.data_problems import schedule_problems
from backend.contract.names import UPDATE_TASKS, TaskName
from backend.contract.problem_catalogue import Place
from backend.contract.problems import Problem
from backend.contract.schedule import ScheduleChange, ScheduledTask, SchedulePause
from backend.contract.snapshot import Snapshot
from backend.contract.tasks import TaskRun
from backend.contract.wire import utc_now
from desktop.problems.problems import at, problems
from desktop.state.app_state import AppState
from desktop.ui.formatting import translate, until
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, Outcome, PageContext, PageName
from desktop.ui.pages.schedule.card import EntryCard
from desktop.ui.theme.icons import icon
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import EmptyState, Scroll
from desktop.ui.widgets.pause import PauseFor, PauseMenu, pause_end
from desktop.ui.widgets.problem_texts import problem_line
from desktop.ui.widgets.text import VisibleTicker


def headline(entries: Iterable[ScheduledTask], found: Iterable[Problem], now: datetime) -> str:
    """Return when the next update runs, or why none runs automatically.

    Args:
        entries: the schedule.
        found: what is wrong with the schedule, the heaviest first.
        now: with a time zone.
    """
    for problem in found:
        return problem_line(problem)
    updates = [entry for entry in entries if entry.enabled and entry.task in UPDATE_TASKS]
    moments = [entry.next_run_at for entry in updates if entry.next_run_at is not None]
    if not moments:
        return translate("schedule", "Calculating the next update…")
    if min(moments) <= now:
        return translate("schedule", "The next update is due")
    return translate("schedule", "Next update {0}").format(until(min(moments), now))


class SchedulePage(Page):
    """Shows the newest snapshot; the answer to an action is shown until the next snapshot."""

    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._snapshot: Snapshot | None = None
        self._entries: dict[str, ScheduledTask] = {}
        self._paused = SchedulePause()
        self._newest: dict[str, TaskRun] = {}  # by the scheduled task
        self._cards: dict[str, EntryCard] = {}
        self._banner, self._scroll = MendingBanner(context), Scroll()
        self._waiting = EmptyState("calendar-clock", self.tr("Loading the schedule…"))
        self._pause, self._resume = self.add_action(self.tr("Pause")), self.add_action(self.tr("Resume"), primary=True)
        menu = PauseMenu("", self._pause)
        menu.chosen.connect(self._pause_schedule)
        self._pause.setMenu(menu)
        self._pause.setIcon(icon("pause"))
        self._resume.setIcon(icon("play"))
        self._resume.clicked.connect(self._resume_schedule)
        for part in (self._banner, self._waiting, self._scroll):
            self.body.addWidget(part)
        VisibleTicker(self, self._show_headline)
        self._show_entries()

    def shows_problem(self, problem: Problem) -> bool:
        """Return True for what the first line says."""
        return problem.place is Place.SCHEDULE and not problem.service

    def show_state(self, state: AppState) -> None:
        if state.snapshot is None:
            self._clear()
        elif state.snapshot is not self._snapshot:
            self._take_snapshot(state.snapshot)
        self._show_entries()

    def open_item(self, key: str) -> None:
        """Show an entry by its name."""
        if key in self._cards:
            self._scroll.ensureWidgetVisible(self._cards[key])
            self._cards[key].setFocus()

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        self._snapshot, self._paused = snapshot, snapshot.pause
        self._entries = {entry.name: entry for entry in sorted(snapshot.schedule, key=_rank)}
        self._newest = {_scheduled_task(run): run for run in reversed(snapshot.runs)}

    def _clear(self) -> None:
        """Discard what is known, after the stack has changed."""
        self._snapshot, self._paused = None, SchedulePause()
        self._entries, self._newest = {}, {}

    def _show_entries(self) -> None:
        known = bool(self._entries)
        self._waiting.setVisible(not known)
        self._scroll.setVisible(known)
        self._pause.setVisible(not self._paused.paused)
        self._pause.setEnabled(known)
        self._resume.setVisible(self._paused.paused)
        for name in [name for name in self._cards if name not in self._entries]:
            self._cards.pop(name).deleteLater()
        for name, entry in self._entries.items():
            card = self._cards.get(name) or self._add_card(entry)
            card.show_entry(entry, self._newest.get(entry.task), paused=self._paused.paused)
        self._show_headline()

    def _show_headline(self) -> None:
        if not self._entries:
            self.say(self.tr("Waiting for the services"))
            return
        unattended = (problem for problem in at(Place.SCHEDULE, problems(self.context.state)) if problem.service)
        found = (*unattended, *schedule_problems(tuple(self._entries.values()), self._paused))
        self.say(headline(self._entries.values(), found, utc_now()))

    def _add_card(self, entry: ScheduledTask) -> EntryCard:
        card = EntryCard(self.context, entry)
        card.switched.connect(self._switch)
        card.run_wanted.connect(self._run)
        card.reset_wanted.connect(lambda name: self._ask(lambda client: client.reset_schedule(name), self._changed))
        card.edited.connect(self._changed)
        card.opened.connect(lambda task_id: self.context.open(PageName.TASKS, task_id))
        card.grew.connect(lambda: QTimer.singleShot(0, card, lambda: self._scroll.ensureWidgetVisible(card)))
        self._cards[entry.name] = card
        self._scroll.content.addWidget(card)
        return card

    def _switch(self, name: str, on: bool) -> None:
        self._ask(lambda client: client.change_schedule(name, ScheduleChange(enabled=on)), self._changed)

    def _run(self, name: str) -> None:
        task = TaskName(self._entries[name].task)
        self._ask(lambda client: client.run(client.request_run(task).task_id), self._run_started)

    def _pause_schedule(self, choice: str) -> None:
        end = pause_end(PauseFor(choice), utc_now())
        self._ask(lambda client: client.pause_schedule(end), self._pause_changed)

    def _resume_schedule(self) -> None:
        self._ask(lambda client: client.resume_schedule(), self._pause_changed)

    def _ask(self, call: Callable[[ApiClient], Outcome], done: Callable[[Outcome], None]) -> None:
        self._banner.update_problem(None)
        self.context.ask(call, done, self._refused, owner=self)

    def _refused(self, problem: Problem) -> None:
        """Show the error, and the true state of the switch that was clicked."""
        self._banner.update_problem(problem)
        self._show_entries()

    def _changed(self, entry: ScheduledTask) -> None:
        self._entries[entry.name] = entry
        self._show_entries()

    def _run_started(self, run: TaskRun) -> None:
        self._newest[_scheduled_task(run)] = run
        self._show_entries()

    def _pause_changed(self, pause: SchedulePause) -> None:
        self._paused = pause
        self._show_entries()


def _scheduled_task(run: TaskRun) -> str:
    """Return the scheduled task of a run; manual updates count as updates."""
    return TaskName.UPDATE if run.name in UPDATE_TASKS else run.name


def _rank(entry: ScheduledTask) -> int:
    """Sort key of an entry; updates come first."""
    tasks: list[str] = list(TaskName)
    return tasks.index(entry.task) if entry.task in tasks else len(tasks)
