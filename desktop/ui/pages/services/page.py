"""Services: state, figures, and buttons that start, stop and restart each."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent

from backend.contract.problem_catalogue import Place
from backend.contract.problems import Problem
from desktop.problems.problems import problems
from desktop.state.app_state import AppState
from desktop.supervision.services import Service, Supervision
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.services.card import ForeignCard, ServiceCard
from desktop.ui.pages.services.texts import summary
from desktop.ui.widgets.banner import services_of
from desktop.ui.widgets.layout import Scroll

_TICK_MS = 1000


class ServicesPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self.cards: dict[str, ServiceCard] = {}
        self.foreign: dict[str, ForeignCard] = {}
        self._list = Scroll()
        self.body.addWidget(self._list)
        self.start_all = self.add_action(self.tr("Start all"), primary=True)
        self.start_all.clicked.connect(lambda: context.actions.start_service(None))
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._show_time)

    def shows_problem(self, problem: Problem) -> bool:
        return bool(problem.service) or problem.place is Place.SERVICES

    def show_state(self, state: AppState) -> None:
        supervision, found = state.supervision, problems(state)
        self.say(summary(supervision))
        self.start_all.setEnabled(_any_stopped(supervision))
        at = self.context.clock.read().steady
        self._remove_cards_except({service.name for service in supervision.services})
        for position, service in enumerate(supervision.services):
            own = next((problem for problem in found if service.name in services_of(problem, state)), None)
            self._card(service.service, position).show_state(service, state, at, own)
        self._show_foreign(supervision)

    def open_item(self, key: str) -> None:
        """Show a service by its name."""
        if key in self.cards:
            self._list.ensureWidgetVisible(self.cards[key])
            self.cards[key].start.setFocus()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._timer.stop()

    def _show_time(self) -> None:
        at = self.context.clock.read().steady
        for card in self.cards.values():
            card.show_time(at)

    def _remove_cards_except(self, names: set[str]) -> None:
        for name in self.cards.keys() - names:
            self.cards.pop(name).deleteLater()

    def _card(self, service: Service, position: int) -> ServiceCard:
        if service.name not in self.cards:
            self.cards[service.name] = ServiceCard(self.context, service)
            self._list.content.insertWidget(position, self.cards[service.name])
        return self.cards[service.name]

    def _show_foreign(self, supervision: Supervision) -> None:
        workers = {worker.name: worker for worker in supervision.foreign}
        for name in self.foreign.keys() - workers.keys():
            self.foreign.pop(name).deleteLater()
        for name, worker in workers.items():
            if name not in self.foreign:
                self.foreign[name] = ForeignCard(self.context)
                self._list.content.addWidget(self.foreign[name])
            self.foreign[name].show_worker(worker)


def _any_stopped(supervision: Supervision) -> bool:
    return any(service.failed or not service.wanted for service in supervision.services)
