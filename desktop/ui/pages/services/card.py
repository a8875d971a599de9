"""One service: how it is, what it is for, what it uses, and what can be done with it.

Figures of a service, each under its name, in columns that stand under one another from card to card.

A worker that somebody else started on the same data: it is shown, and left alone.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from desktop.state.app_state import AppState, Usage
from desktop.supervision.services import ForeignWorker, Phase, Service, ServiceState
from desktop.ui.formatting import number, one_line, percent, size
from desktop.ui.page_context import PageContext, PageName
from desktop.ui.pages.services.texts import NOTHING, foreign_purpose, next_step, running_time, service_purpose
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Size, Space, Tone
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.looks import phase_look, task_word
from desktop.ui.widgets.text import Muted, Plain


class Facts(QWidget):
    """names: by key, from left to right."""

    def __init__(self, names: dict[str, str]) -> None:
        super().__init__()
        self._values: dict[str, Plain] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(0)
        for column, (key, name) in enumerate(names.items()):
            caption, value = Muted(name, Size.SMALL), Plain()
            value.setAccessibleName(name)
            grid.addWidget(caption, 0, column)
            grid.addWidget(value, 1, column)
            grid.setColumnStretch(column, 1)
            grid.setColumnMinimumWidth(column, 1)
            self._values[key] = value

    def tell(self, key: str, text: str) -> None:
        if self._values[key].text() != text:
            self._values[key].setText(text)

    def text(self, key: str) -> str:
        return self._values[key].text()


_STARTABLE = (Phase.STOPPED, Phase.GAVE_UP, Phase.BACKOFF)
_STOPPABLE = (Phase.STARTING, Phase.RUNNING, Phase.BACKOFF)


class ServiceCard(Card):
    """All of it is changed in place."""

    def __init__(self, context: PageContext, service: Service) -> None:
        super().__init__()
        self.name, self._context = service.name, context
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
        self.banner = MendingBanner(context)
        self.banner.unfold_details()
        self._lay_out()
        self._connect()

    def show_state(self, one: ServiceState, state: AppState, at: float, found: Problem | None) -> None:
        """at: seconds of the supervisor's steady clock. found: what is wrong with the service."""
        self._state = one
        self._title.setText(one.service.title)
        self.setAccessibleName(one.service.title)
        self._badge.show_look(phase_look(one.phase))
        self._what_for = service_purpose(one.service, state.stack)
        self._allow(one)
        self._count(one, state.usage.get(one.name))
        self.banner.tell_of(found)
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
        self.start.clicked.connect(lambda: self._context.actions.start_service(self.name))
        self.stop.clicked.connect(lambda: self._context.actions.stop_service(self.name))
        self.restart.clicked.connect(lambda: self._context.actions.restart_service(self.name))
        self.task.clicked.connect(self._open_task)

    def _open_task(self) -> None:
        if self._state and self._state.task:
            self._context.open(PageName.TASKS, self._state.task.task_id)

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


class ForeignCard(Card):
    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context, self._task_id = context, ""
        self._title, self._purpose = Plain("", Size.NORMAL, bold=True), Muted()
        self._purpose.setWordWrap(True)
        self.task = QPushButton(icon("progress-download", Tone.INFO), "")
        self.task.setFlat(True)
        self.task.clicked.connect(lambda: context.open(PageName.TASKS, self._task_id))
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self._title)
        head.addWidget(Badge(phase_look(Phase.FOREIGN)))
        head.addStretch(1)
        head.addWidget(self.task)
        self.body.addLayout(head)
        self.body.addWidget(self._purpose)

    def show_worker(self, worker: ForeignWorker) -> None:
        self._task_id = worker.task_id
        self._title.setText(one_line(worker.name))
        self.setAccessibleName(one_line(worker.name))
        self._purpose.setText(foreign_purpose(worker))
        self.task.setVisible(bool(worker.task_id))
        self.task.setText(self.tr("At work: {0}").format(task_word(worker.task_name)))
