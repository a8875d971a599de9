"""Does everything run? Each service with what it does and uses, and the buttons that start, stop and restart it."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent

from backend.contract.problems import Place, Problem
from desktop.problems.problems import problems
from desktop.state.app_state import AppState
from desktop.supervision.services import Phase, Service, Supervision
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.services.card import ForeignCard, ServiceCard
from desktop.ui.pages.services.texts import answer
from desktop.ui.widgets.banner import services_of
from desktop.ui.widgets.layout import Scroll

_EACH_MS = 1000


class ServicesPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self.cards: dict[str, ServiceCard] = {}
        self.foreign: dict[str, ForeignCard] = {}
        self._list = Scroll()
        self.body.addWidget(self._list)
        self.start_all = self.add_action(self.tr("Start all"), primary=True)
        self.start_all.clicked.connect(lambda: context.actions.start_service(None))
        self._timer = QTimer(self, interval=_EACH_MS)
        self._timer.timeout.connect(self._show_time)

    def tells(self, found: Problem) -> bool:
        return bool(found.service) or found.place is Place.SERVICES

    def show_state(self, state: AppState) -> None:
        supervision, found = state.supervision, problems(state)
        self.say(answer(supervision))
        self.start_all.setEnabled(_something_rests(supervision))
        at = self.context.clock.read().steady
        self._keep_services({one.name for one in supervision.services})
        for place, one in enumerate(supervision.services):
            own = next((each for each in found if one.name in services_of(each, state)), None)
            self._card(one.service, place).show_state(one, state, at, own)
        self._show_foreign(supervision)

    def open_item(self, key: str) -> None:
        """key: the name of a service."""
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

    def _keep_services(self, names: set[str]) -> None:
        for name in self.cards.keys() - names:
            self.cards.pop(name).deleteLater()

    def _card(self, service: Service, place: int) -> ServiceCard:
        if service.name not in self.cards:
            self.cards[service.name] = ServiceCard(self.context, service)
            self._list.content.insertWidget(place, self.cards[service.name])
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


def _something_rests(supervision: Supervision) -> bool:
    return any(one.phase is Phase.GAVE_UP or not one.wanted for one in supervision.services)
