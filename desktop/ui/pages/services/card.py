"""One service: how it is, what it is for, what it uses, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from desktop.state.app_state import Usage, View
from desktop.supervision.services import Phase, Service, ServiceState
from desktop.ui.formatting import number, percent, size
from desktop.ui.page_context import Desk, PageName
from desktop.ui.pages.services.facts import Facts
from desktop.ui.pages.services.words import NOTHING, next_step, running_time, service_purpose
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Size, Space, Tone
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.looks import phase_look, task_word
from desktop.ui.widgets.text import Muted, Plain

_STARTABLE = (Phase.STOPPED, Phase.GAVE_UP, Phase.BACKOFF)
_STOPPABLE = (Phase.STARTING, Phase.RUNNING, Phase.BACKOFF)


class ServiceCard(Card):
    """All of it is changed in place."""

    def __init__(self, desk: Desk, service: Service) -> None:
        super().__init__()
        self.name, self._desk = service.name, desk
        self._state: ServiceState | None = None
        self._title, self._badge = Plain("", Size.NORMAL, bold=True), Badge()
        self._purpose, self._what_for = Muted(), ""
        self._purpose.setWordWrap(True)
        self.start = self._button("play", self.tr("Start"))
        self.stop = self._button("stop", self.tr("Stop"))
        self.restart = self._button("restart", self.tr("Restart"))
        self.task = QPushButton(icon("progress-download", Tone.INFO), "")
        self.task.setFlat(True)
        self.facts = Facts(self._fact_names(service))
        self.banner = MendingBanner(desk, Tone.WARNING)
        self.banner.unfold_details()
        self._lay_out()
        self._connect()

    def show_state(self, one: ServiceState, view: View, at: float) -> None:
        """at: seconds of the supervisor's steady clock."""
        self._state = one
        self._title.setText(one.service.title)
        self.setAccessibleName(one.service.title)
        self._badge.show_look(phase_look(one.phase))
        self._what_for = service_purpose(one.service, view.stack)
        self._allow(one)
        self._count(one, view.usage.get(one.name))
        self.banner.tell_of(one.trouble, one.name)
        self.task.setVisible(one.task is not None)
        if one.task:
            self.task.setText(self.tr("At work: {0}").format(task_word(one.task.name)))
        self.show_time(at)

    def show_time(self, at: float) -> None:
        if self._state is None:
            return
        self.facts.tell("time", running_time(self._state, at))
        text = " · ".join(filter(None, (self._what_for, next_step(self._state, at))))
        if text != self._purpose.text():
            self._purpose.setText(text)

    def _allow(self, one: ServiceState) -> None:
        self.start.setEnabled(one.phase in _STARTABLE and not (one.phase is Phase.STOPPED and one.wanted))
        self.stop.setEnabled(one.phase in _STOPPABLE or (one.phase is Phase.STOPPED and one.wanted))
        self.restart.setEnabled(one.phase is Phase.RUNNING and one.service.has_process)
        self.restart.setVisible(one.service.has_process)

    def _count(self, one: ServiceState, usage: Usage | None) -> None:
        if not one.service.has_process:
            return
        alive = usage is not None and one.pid is not None
        self.facts.tell("restarts", number(one.restarts))
        self.facts.tell("pid", str(one.pid) if one.pid is not None else NOTHING)
        self.facts.tell("cpu", percent(usage.cpu_percent / 100, 1) if usage and alive else NOTHING)
        self.facts.tell("memory", size(usage.memory_bytes) if usage and alive else NOTHING)

    def _connect(self) -> None:
        self.start.clicked.connect(lambda: self._desk.actions.start_service(self.name))
        self.stop.clicked.connect(lambda: self._desk.actions.stop_service(self.name))
        self.restart.clicked.connect(lambda: self._desk.actions.restart_service(self.name))
        self.task.clicked.connect(self._open_task)

    def _open_task(self) -> None:
        if self._state and self._state.task:
            self._desk.open(PageName.TASKS, self._state.task.task_id)

    def _button(self, icon_name: str, text: str) -> QPushButton:
        button = QPushButton(icon(icon_name), text)
        button.setAutoDefault(False)
        return button

    def _fact_names(self, service: Service) -> dict[str, str]:
        always = {"time": self.tr("Running for")}
        if not service.has_process:
            return always
        return always | {
            "restarts": self.tr("Restarts"),
            "pid": self.tr("Process"),
            "cpu": self.tr("Processor"),
            "memory": self.tr("Memory"),
        }

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self._title)
        head.addWidget(self._badge)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addLayout(head)
        words.addWidget(self._purpose)
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        top.addLayout(words, 1)
        for button in (self.task, self.start, self.stop, self.restart):
            top.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(top)
        for widget in (self.facts, self.banner):
            self.body.addWidget(widget)
