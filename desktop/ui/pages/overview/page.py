"""Overview: problems and newly exploited vulnerabilities first, then statistics, sources, services and next runs."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from backend.contract.names import TaskName
from backend.contract.problems import Place, Problem
from backend.contract.snapshot import Snapshot
from desktop.problems.problems import problems
from desktop.state.app_state import AppState
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.overview.cards import ServicesCard, SourcesCard
from desktop.ui.pages.overview.figures import Figures
from desktop.ui.pages.overview.headline import explanation, headline
from desktop.ui.pages.overview.newly_exploited import ExploitedSince, NewlyExploited
from desktop.ui.pages.overview.newly_exploited_card import AttentionCard
from desktop.ui.pages.overview.problem_list import ProblemList
from desktop.ui.pages.overview.runs import NextRunsCard, UpdateCard
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import EmptyState, Scroll


class OverviewPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._found: ExploitedSince | None = None
        self._taken: Snapshot | None = None
        self._asked = False  # an update was requested that is not in a snapshot yet
        self._refused: Problem | None = None
        self._unheard: Problem | None = None
        self.news = NewlyExploited(context, memory, self)
        self.update_now = self.add_action(self.tr("Update now"), primary=True)
        self.update_now.setIcon(icon("download"))
        self.banner, self.update_card, self._empty = MendingBanner(context), UpdateCard(), EmptyState()
        self.attention, self.figures, self.problems = AttentionCard(memory), Figures(), ProblemList(context)
        self._sources, self._services, self.next_runs = (
            SourcesCard(context),
            ServicesCard(context),
            NextRunsCard(context),
        )
        self._scroll = Scroll()
        self._fill_body()
        self._connect()

    def show_state(self, state: AppState) -> None:
        self.news.follow(state)
        self._show_headline()
        self.update_card.show_run(state.update, self.context.clock.read().steady)
        found = problems(state)
        self.problems.show_problems([problem for problem in found if _belongs_here(problem)])
        self._services.show_services(state)
        self._show_problem()
        if state.snapshot is not None and state.snapshot is not self._taken:
            self._take(state.snapshot)
        if state.snapshot is not None:
            self.next_runs.show_schedule(state.snapshot, kept=state.has_scheduler)
        self._show_or_explain(state)
        self._offer(state)

    def shows_problem(self, problem: Problem) -> bool:
        """Return whether the list shows it. Without data the page shows an explanation instead of the list."""
        return _belongs_here(problem) and explanation(self.context.state) is None

    def refresh(self) -> None:
        if self.context.state.snapshot is not None:
            self.news.ask()

    def _take(self, snapshot: Snapshot) -> None:
        self._taken, self._asked = snapshot, False
        if snapshot.stats is not None:
            self.figures.show_stats(snapshot.stats)
        self._sources.show_sources(snapshot.sources)

    def _show_or_explain(self, state: AppState) -> None:
        """Show the content, or the explanation while there are no data."""
        why = explanation(state)
        self._scroll.setVisible(why is None)
        self._empty.setVisible(why is not None)
        if why is not None:
            self._empty.show_message(why.icon, why.title, why.sentence, why.start)

    def _offer(self, state: AppState) -> None:
        busy = self._asked or state.update is not None
        self.update_now.setText(self.tr("Updating…") if busy else self.tr("Update now"))
        self.update_now.setEnabled(not busy and state.snapshot is not None)

    def _show_headline(self) -> None:
        self.say(headline(self.context.state, self._found))

    def _show_found(self, found: ExploitedSince) -> None:
        self._found, self._unheard = found, None
        self._show_problem()
        self.attention.show_exploited(found)
        self._show_headline()

    def _not_heard(self, problem: Problem) -> None:
        """Show the problem. Rows from an earlier answer stay; without any, the card is hidden."""
        self.attention.setVisible(self._found is not None)
        self._unheard = problem
        self._show_problem()

    def _update(self) -> None:
        self._asked, self._refused = True, None
        self._show_problem()
        self._offer(self.context.state)
        self.context.ask(
            lambda client: client.request_run(TaskName.UPDATE), lambda _: None, self._not_updated, owner=self
        )

    def _not_updated(self, problem: Problem) -> None:
        self._asked, self._refused = False, problem
        self._offer(self.context.state)
        self._show_problem()

    def _cancel(self, task_id: str) -> None:
        self.context.ask(lambda client: client.cancel(task_id), lambda _: None, self._not_cancelled, owner=self)

    def _not_cancelled(self, problem: Problem) -> None:
        self.update_card.not_cancelled()
        self._refused = problem
        self._show_problem()

    def _show_problem(self) -> None:
        self.banner.update_problem(self._refused or (None if self.context.state.api_unavailable else self._unheard))

    def _connect(self) -> None:
        context = self.context
        self.update_now.clicked.connect(self._update)
        self.update_card.cancelled.connect(self._cancel)
        self.update_card.opened.connect(lambda task_id: context.open(PageName.TASKS, task_id))
        self.news.found.connect(self._show_found)
        self.news.missed.connect(self._not_heard)
        self._empty.acted.connect(lambda: context.actions.start_service())
        self.attention.opened.connect(lambda cve_id: context.open(PageName.VULNERABILITIES, cve_id))
        self.attention.all_wanted.connect(lambda key: context.open(PageName.VULNERABILITIES, key))
        self.attention.seen.connect(self.news.mark_seen)
        self.figures.picked.connect(lambda key: context.open(PageName.VULNERABILITIES, key))

    def _fill_body(self) -> None:
        content = self._scroll.content
        for widget in (self.problems, self.attention, self.figures):
            content.addWidget(widget)
        right = QVBoxLayout()
        right.setSpacing(Space.M)
        right.addWidget(self._services)
        right.addWidget(self.next_runs)
        right.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self._sources, 3)
        row.addLayout(right, 2)
        content.addLayout(row)
        self.body.addWidget(self.banner)
        self.body.addWidget(self.update_card)
        self.body.addWidget(self._scroll, 1)
        self.body.addWidget(self._empty, 1)


def _belongs_here(problem: Problem) -> bool:
    """Whether the page lists the problem: problems of services are shown by the banner of the window."""
    return not problem.service and problem.place is not Place.SERVICES
