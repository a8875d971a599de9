"""What runs by itself, and when.

The first line of the page: when the next update comes, or why none comes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from PySide6.QtCore import QTimer

from backend.client.api import ApiClient
from backend.contract.data_problems import schedule_problems
from backend.contract.names import UPDATE_TASKS, TaskName
from backend.contract.problems import Place, Problem
from backend.contract.schedule import ScheduleChange, ScheduledTask, SchedulePause
from backend.contract.snapshot import Snapshot
from backend.contract.tasks import TaskRun
from desktop.problems.problems import at, problems
from desktop.state.app_state import AppState
from desktop.ui.formatting import now, translate, until
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, Outcome, PageContext, PageName
from desktop.ui.pages.schedule.card import EntryCard
from desktop.ui.theme.icons import icon
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import EmptyState, Scroll
from desktop.ui.widgets.pause import PauseFor, PauseMenu, pause_end
from desktop.ui.widgets.problem_texts import problem_line
from desktop.ui.widgets.text import VisibleTicker


def headline(entries: Collection[ScheduledTask], found: Iterable[Problem], now: datetime) -> str:
    """found: what is wrong with the schedule, the heaviest first."""
    for one in found:
        return problem_line(one)
    updates = [entry for entry in entries if entry.enabled and entry.task in UPDATE_TASKS]
    moments = [entry.next_run_at for entry in updates if entry.next_run_at is not None]
    if not moments:
        return translate("schedule", "The next update is being planned")
    if min(moments) <= now:
        return translate("schedule", "The next update is due now")
    return translate("schedule", "Next update {0}").format(until(min(moments), now))


class SchedulePage(Page):
    """Shows what the newest snapshot says; what an action answered shows until the next one comes."""

    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._taken: Snapshot | None = None
        self._entries: dict[str, ScheduledTask] = {}
        self._paused = SchedulePause()
        self._newest: dict[str, TaskRun] = {}  # by the task that is planned
        self._cards: dict[str, EntryCard] = {}
        self._banner, self._scroll = MendingBanner(context), Scroll()
        self._waiting = EmptyState("calendar-clock", self.tr("The schedule is not known yet"))
        self._pause, self._resume = self.add_action(self.tr("Pause")), self.add_action(self.tr("Resume"), primary=True)
        menu = PauseMenu("", self._pause)
        menu.chosen.connect(self._ask_to_pause)
        self._pause.setMenu(menu)
        self._pause.setIcon(icon("pause"))
        self._resume.setIcon(icon("play"))
        self._resume.clicked.connect(self._ask_to_resume)
        for part in (self._banner, self._waiting, self._scroll):
            self.body.addWidget(part)
        VisibleTicker(self, self._tell_headline)
        self._tell()

    def tells(self, found: Problem) -> bool:
        """The first line says it."""
        return found.place is Place.SCHEDULE and not found.service

    def show_state(self, state: AppState) -> None:
        if state.snapshot is None:
            self._forget()
        elif state.snapshot is not self._taken:
            self._take(state.snapshot)
        self._tell()

    def open_item(self, key: str) -> None:
        """key: an entry's name."""
        if key in self._cards:
            self._scroll.ensureWidgetVisible(self._cards[key])
            self._cards[key].setFocus()

    def _take(self, snapshot: Snapshot) -> None:
        self._taken, self._paused = snapshot, snapshot.pause
        self._entries = {entry.name: entry for entry in sorted(snapshot.schedule, key=_rank)}
        self._newest = {_planned(run): run for run in reversed(snapshot.runs)}

    def _forget(self) -> None:
        """Another stack: nothing that was known holds there."""
        self._taken, self._paused = None, SchedulePause()
        self._entries, self._newest = {}, {}

    def _tell(self) -> None:
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
        self._tell_headline()

    def _tell_headline(self) -> None:
        if not self._entries:
            self.say(self.tr("Waiting for the program's services"))
            return
        unattended = (one for one in at(Place.SCHEDULE, problems(self.context.state)) if one.service)
        found = (*unattended, *schedule_problems(tuple(self._entries.values()), self._paused))
        self.say(headline(self._entries.values(), found, now()))

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
        self._ask(lambda client: client.run(client.request_run(task).task_id), self._begun)

    def _ask_to_pause(self, choice: str) -> None:
        end = pause_end(PauseFor(choice), now())
        self._ask(lambda client: client.pause_schedule(end), self._pause_changed)

    def _ask_to_resume(self) -> None:
        self._ask(lambda client: client.resume_schedule(), self._pause_changed)

    def _ask(self, call: Callable[[ApiClient], Outcome], done: Callable[[Outcome], None]) -> None:
        self._banner.tell_of(None)
        self.context.ask(call, done, self._refused, owner=self)

    def _refused(self, problem: Problem) -> None:
        """All is shown as it is known to be, also the switch that was clicked."""
        self._banner.tell_of(problem)
        self._tell()

    def _changed(self, entry: ScheduledTask) -> None:
        self._entries[entry.name] = entry
        self._tell()

    def _begun(self, run: TaskRun) -> None:
        self._newest[_planned(run)] = run
        self._tell()

    def _pause_changed(self, pause: SchedulePause) -> None:
        self._paused = pause
        self._tell()


def _planned(run: TaskRun) -> str:
    """An update is one, whoever asked for it."""
    return TaskName.UPDATE if run.name in UPDATE_TASKS else run.name


def _rank(entry: ScheduledTask) -> int:
    """Updates first: they are what everything else is for."""
    tasks: list[str] = list(TaskName)
    return tasks.index(entry.task) if entry.task in tasks else len(tasks)
