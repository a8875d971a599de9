"""The card of a service: its state, purpose, figures and actions; and of a service that another program started."""

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
from desktop.ui.widgets.looks import phase_look, service_look, task_word
from desktop.ui.widgets.problem_texts import service_word
from desktop.ui.widgets.text import Muted, Plain


class Facts(QWidget):
    """Figures with captions above, in columns that align from card to card. names: captions by key."""

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

    def set_text(self, key: str, text: str) -> None:
        if self._values[key].text() != text:
            self._values[key].setText(text)

    def text(self, key: str) -> str:
        return self._values[key].text()


_STARTABLE = (Phase.STOPPED, Phase.GAVE_UP, Phase.BACKOFF)
_STOPPABLE = (Phase.STARTING, Phase.RUNNING, Phase.BACKOFF)


class ServiceCard(Card):
    """A service of this program; updated in place."""

    def __init__(self, context: PageContext, service: Service) -> None:
        super().__init__()
        self.name, self._context = service.name, context
        self._state: ServiceState | None = None
        self._title, self._badge = Plain("", Size.NORMAL, bold=True), Badge()
        self._purpose, self._purpose_text = Muted(), ""
        self._purpose.setWordWrap(True)
        self.start = self._button("play", self.tr("Start"))
        self.stop = self._button("stop", self.tr("Stop"))
        self.restart = self._button("restart", self.tr("Restart"))
        self.task = QPushButton(icon("progress-download", Tone.INFO), "")
        self.task.setFlat(True)
        self.facts = Facts(self._captions(service))
        self.banner = MendingBanner(context)
        self.banner.unfold_details()
        self._lay_out()
        self._connect()

    def show_state(self, service: ServiceState, state: AppState, at: float, problem: Problem | None) -> None:
        """Show a service.

        Args:
            service: what is known of it.
            state: what is known of everything else.
            at: seconds of the supervisor's monotonic clock.
            problem: what is wrong with the service.
        """
        self._state = service
        title = service_word(service.name)
        self._title.setText(title)
        self.setAccessibleName(title)
        self._badge.show_look(service_look(service))
        self._purpose_text = service_purpose(service.service, state.stack)
        self._update_buttons(service)
        self._show_figures(service, state.usage.get(service.name))
        self.banner.update_problem(problem)
        self.task.setVisible(service.task is not None)
        if service.task:
            self.task.setText(self.tr("Running: {0}").format(task_word(service.task.name)))
        self.show_time(at)

    def show_time(self, at: float) -> None:
        if self._state is None:
            return
        self.facts.set_text("time", running_time(self._state, at))
        text = " · ".join(filter(None, (self._purpose_text, next_step(self._state, at))))
        if text != self._purpose.text():
            self._purpose.setText(text)

    def _update_buttons(self, service: ServiceState) -> None:
        self.start.setEnabled(service.phase in _STARTABLE and not (service.phase is Phase.STOPPED and service.wanted))
        self.stop.setEnabled(service.phase in _STOPPABLE or (service.phase is Phase.STOPPED and service.wanted))
        self.restart.setEnabled(service.phase is Phase.RUNNING and service.service.has_process)
        self.restart.setVisible(service.service.has_process)

    def _show_figures(self, service: ServiceState, usage: Usage | None) -> None:
        if not service.service.has_process:
            return
        alive = usage is not None and service.pid is not None
        self.facts.set_text("restarts", number(service.restarts))
        self.facts.set_text("pid", str(service.pid) if service.pid is not None else NOTHING)
        self.facts.set_text("cpu", percent(usage.cpu_percent / 100, 1) if usage and alive else NOTHING)
        self.facts.set_text("memory", size(usage.memory_bytes) if usage and alive else NOTHING)

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

    def _captions(self, service: Service) -> dict[str, str]:
        always = {"time": self.tr("Uptime")}
        if not service.has_process:
            return always
        return always | {
            "restarts": self.tr("Restarts"),
            "pid": self.tr("Process ID"),
            "cpu": self.tr("CPU"),
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
    """A worker or scheduler that another program started on the same data: shown, but not controlled."""

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
        self.task.setText(self.tr("Running: {0}").format(task_word(worker.task_name)))
