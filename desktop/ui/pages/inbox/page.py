"""Inbox: what is new, exploited and of concern; problems first, and what needs no attention in one line at the end."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QWidget

from backend.contract.inbox import InboxScope
from backend.contract.names import TaskName
from backend.contract.problem_catalogue import Weight
from backend.contract.problems import Problem
from backend.contract.snapshot import Snapshot
from backend.contract.wire import utc_now
from desktop.problems.problems import problems
from desktop.state.app_state import AppState, is_team
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.inbox.bar import EventActions, QueryBar
from desktop.ui.pages.inbox.deciding import Deciding
from desktop.ui.pages.inbox.decisions import Decided
from desktop.ui.pages.inbox.footer import Footer
from desktop.ui.pages.inbox.headline import (
    Explanation,
    Way,
    explanation,
    headline,
    load_failed,
    loading,
    nothing_found,
)
from desktop.ui.pages.inbox.links import InboxLink, link_of_key
from desktop.ui.pages.inbox.list_view import EventList
from desktop.ui.pages.inbox.loader import MOST, InboxAnswer, InboxLoader
from desktop.ui.pages.inbox.model import InboxModel
from desktop.ui.pages.inbox.problem_list import ProblemList
from desktop.ui.pages.inbox.query import InboxFilter, Since
from desktop.ui.pages.inbox.report_menu import ReportMenu
from desktop.ui.pages.inbox.rows import InboxRow
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.buttons import action_button
from desktop.ui.widgets.decision_panel import DecisionPanel
from desktop.ui.widgets.layout import EmptyState
from desktop.ui.widgets.problem_texts import says_unanswered


class InboxPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._answer: InboxAnswer | None = None
        self._link: InboxLink | None = None  # leads to an event that is not loaded yet
        self._read_here: set[int] = set()  # read since the list was last loaded: they stay in it
        self._known: Hashable = None
        self._stack_shown = context.state.stack
        self._asked: Snapshot | None = None  # the last one when an update was requested
        self._refused: Problem | None = None
        self._was_away = context.state.api_unavailable
        self._unheard: Problem | None = None
        self._ways: tuple[Way, ...] = ()
        self.bar, self.event_actions, self.panel = QueryBar(memory), EventActions(self), DecisionPanel()
        self.model = InboxModel(self)
        self.list = EventList(self.model, self.event_actions)
        self.loader, self.deciding = (
            InboxLoader(context, self),
            Deciding(context, self.event_actions, self.list, self.panel, self._shown_scope),
        )
        self.problems, self.banner = ProblemList(context), MendingBanner(context)
        self.empty, self.footer = EmptyState(), Footer()
        self.report = ReportMenu(context, lambda: self.bar.query.scope, self)
        self.report_button = self.add_action(self.tr("Report"))
        self.report_button.setMenu(self.report)
        self.mark_all = self.add_action(self.tr("Mark all as read"), primary=True)
        self._fill_body()
        self._connect()
        self.loader.recall(self.bar.query)

    def show_state(self, state: AppState) -> None:
        if state.stack is not self._stack_shown:
            self._forget(state)
        if self._was_away and not state.api_unavailable and says_unanswered(self._refused):
            self._refused = None
        self._was_away = state.api_unavailable
        self.problems.show_problems([problem for problem in problems(state) if _belongs_here(problem)], state)
        self.footer.show_state(
            state, self.context.clock.read().steady, asked=self._asked is not None and self._asked is state.snapshot
        )
        self.bar.show_team(team=is_team(state))
        self.report_button.setEnabled(state.snapshot is not None)
        self._show_problem()
        self._show_content()
        if state.snapshot is not None and (known := _mark_of(state)) != self._known:
            self._known = known
            self._load()

    def shows_problem(self, problem: Problem) -> bool:
        return _belongs_here(problem)

    def refresh(self) -> None:
        """Load the list anew, without what was read meanwhile."""
        self._read_here.clear()
        self._refused = None
        if self.context.state.snapshot is not None:
            self._load()

    def open_item(self, key: str) -> None:
        """Show the unread events of what concerns this PC, and select the one that the key names."""
        self._link = link_of_key(key)
        self._show_query(InboxFilter(InboxScope.PC if is_team(self.context.state) else InboxScope.MINE))

    def main_control(self) -> QWidget:
        return self.list

    def _show_query(self, query: InboxFilter) -> None:
        self.bar.set_query(query)
        self._search()

    def _search(self) -> None:
        """Load another list. The old one stays until it is there."""
        self._read_here.clear()
        self._load()

    def _load(self) -> None:
        """Load as much as is shown; all that one answer can hold while a link is followed."""
        self.loader.load(self.bar.query, MOST if self._link else self.model.rowCount())

    def _load_more(self) -> None:
        shown = sum(row.event.id not in self._read_here for row in self.model.rows)
        self.loader.load_more(self.bar.query, shown)

    def _show_answer(self, answer: InboxAnswer) -> None:
        ids = {row.event.id for row in answer.rows}
        read = [row for row in self.model.rows if row.event.id in self._read_here - ids]
        self.model.replace((*answer.rows, *read, *self._older_than(answer)), answer.total + len(read))
        self._answer, self._unheard = answer, None
        self._follow_link()
        self._show_problem()
        self._show_content()

    def _older_than(self, answer: InboxAnswer) -> list[InboxRow]:
        """Return the rows after those of an answer to the same query, which has only the newest ones of a long list."""
        if self._answer is None or self._answer.query != answer.query or len(answer.rows) >= answer.total:
            return []
        oldest = min((row.event.id for row in answer.rows), default=0)
        with_read = answer.query.since is not Since.LAST_READ
        return [row for row in self.model.rows if row.event.id < oldest and (with_read or row.is_unread)]

    def _show_recalled(self, answer: InboxAnswer) -> None:
        """Show what the last run of the program has kept, until the API answers: to read, not to decide on."""
        if self._answer is None and answer.query == self.bar.query:
            self._answer = answer
            self.model.replace(answer.rows, len(answer.rows))
            self._show_content()

    def _show_more(self, answer: InboxAnswer) -> None:
        self.model.add(answer.rows, answer.total + len(self._read_here))

    def _follow_link(self) -> None:
        """Select the event of a link; one that was read already is looked for among all of the last 30 days."""
        link, self._link = self._link, None
        if link is None:
            return
        row = next((row for row in self.model.rows if link.leads_to(row)), None)
        if row is not None:
            self.list.choose(self.model.index_of(row.event.id))
            self.list.setFocus()
        elif link.event_id is not None and self.bar.query.since is Since.LAST_READ:
            self._link = link
            self._show_query(InboxFilter(InboxScope.EVERYTHING, Since.MONTH))

    def _decided(self, decided: Decided) -> None:
        self._refused = None
        self._read_here |= set(decided.read)
        self.model.mark(decided.read, utc_now())
        self.model.mark(decided.unread, None)
        self._load()

    def _shown_scope(self) -> InboxScope:
        return (self._answer or self.bar).query.scope

    def _mark_all(self) -> None:
        newest = max((row.event.id for row in self.model.rows), default=0)
        if newest and self._answer is not None:
            self.deciding.mark_all(newest, self._answer.query.scope)

    def _open_record(self) -> None:
        if rows := self.list.chosen():
            self.context.open(PageName.VULNERABILITIES, rows[0].event.cve_id)

    def _show_content(self) -> None:
        """Show the list, or the explanation why there is none."""
        state = self.context.state
        is_fresh = self._answer is not None and self._answer.as_of is None
        is_failed = self._answer is None and self._unheard is not None and state.snapshot is not None
        self.say("" if is_failed else headline(state, self._answer))
        self.mark_all.setEnabled(bool(is_fresh and self._answer and self._answer.unread and self.model.rowCount()))
        self.deciding.allow(allowed=is_fresh)
        why = explanation(state, has_rows=self.model.rowCount() > 0) or self._why_empty()
        self._stack.setCurrentIndex(1 if why is None else 0)
        self.offer_focus()
        self.bar.setEnabled(explanation(state) is None)
        if why is not None:
            self._ways = why.ways
            self.empty.show_message(why.icon, why.title, why.sentence, *(way.text for way in why.ways))

    def _why_empty(self) -> Explanation | None:
        if self.model.rowCount():
            return None
        if self._answer is None:
            return load_failed() if self._unheard else loading()
        return nothing_found(self._answer)

    def _go_on(self, place: int) -> None:
        """Do what a button of the explanation offers."""
        self._ways[place].go(self.context, self._show_query, self._load)

    def _not_loaded(self, problem: Problem) -> None:
        """Show the problem. Rows of an earlier answer stay."""
        self._unheard = problem
        self._show_problem()
        self._show_content()

    def _not_decided(self, problem: Problem) -> None:
        self._refused = problem
        self._show_problem()

    def _update(self) -> None:
        self._asked, self._refused = self.context.state.snapshot, None
        self.show_state(self.context.state)
        self.context.ask(
            lambda client: client.request_run(TaskName.UPDATE), lambda _: None, self._not_updated, owner=self
        )

    def _not_updated(self, problem: Problem) -> None:
        self._asked, self._refused = None, problem
        self.show_state(self.context.state)

    def _cancel(self, task_id: str) -> None:
        self.context.ask(lambda client: client.cancel(task_id), lambda _: None, self._not_cancelled, owner=self)

    def _not_cancelled(self, problem: Problem) -> None:
        self.footer.update_card.not_cancelled()
        self._refused = problem
        self._show_problem()

    def _forget(self, state: AppState) -> None:
        """Another database is shown: neither its events nor what was decided are those of the one before."""
        self._stack_shown, self._answer, self._link = state.stack, None, None
        self._read_here.clear()
        self.model.replace((), 0)
        self.deciding.forget()
        self.loader.recall(self.bar.query)

    def _show_problem(self) -> None:
        self.banner.update_problem(self._refused or (None if self.context.state.api_unavailable else self._unheard))

    def _connect(self) -> None:
        actions, loader, deciding, card = self.event_actions, self.loader, self.deciding, self.footer.update_card
        self.bar.changed.connect(self._search)
        self.report.done.connect(self.footer.say)
        self.report.failed.connect(self._not_decided)
        self.model.more_wanted.connect(self._load_more)
        loader.recalled.connect(self._show_recalled)
        loader.loaded.connect(self._show_answer)
        loader.continued.connect(self._show_more)
        loader.failed.connect(self._not_loaded)
        self.list.opened.connect(self._open_record)
        actions.open.triggered.connect(self._open_record)
        deciding.changed.connect(self._decided)
        deciding.message.connect(self.footer.say)
        deciding.failed.connect(self._not_decided)
        self.mark_all.clicked.connect(self._mark_all)
        self.empty.acted.connect(lambda: self._go_on(0))
        self.empty.acted_otherwise.connect(lambda: self._go_on(1))
        self.footer.update_wanted.connect(self._update)
        card.cancelled.connect(self._cancel)
        card.opened.connect(lambda task_id: self.context.open(PageName.TASKS, task_id))

    def _fill_body(self) -> None:
        self.body.setSpacing(Space.M)
        head = QHBoxLayout()
        head.setSpacing(Space.XS)
        head.addWidget(self.bar, 1)
        for action in (*self.event_actions.of_rows, self.event_actions.undo):
            head.addWidget(action_button(action))
        content = QWidget()
        self._stack = QStackedLayout(content)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.list)
        self.addAction(self.event_actions.undo)
        for part in (self.problems, self.banner):
            self.body.addWidget(part)
        self.body.addLayout(head)
        self.body.addWidget(self.panel)
        self.body.addWidget(content, 1)
        self.body.addWidget(self.footer)


def _belongs_here(problem: Problem) -> bool:
    """Whether the page lists the problem: not what is only good to know, unless a service waits for something."""
    return problem.weight > Weight.INFO or bool(problem.service)


def _mark_of(state: AppState) -> Hashable:
    """Return what differs after something has happened that may have written or changed events."""
    snapshot = state.snapshot
    stats = snapshot.stats if snapshot else None
    return (
        state.stack,
        state.scan.machine,
        snapshot.inbox if snapshot else None,
        stats and (stats.last_update, stats.total_vulnerabilities),
    )
