"""Which runs the history shows."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from backend.contract.names import RunState, TaskName
from backend.contract.tasks import TaskRun
from desktop.ui.page_context import Memory
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.looks import run_look, task_word


@dataclass(frozen=True)
class RunFilter:
    """state, name: as the API names them; empty for all."""

    state: str = ""
    name: str = ""

    def fits(self, run: TaskRun) -> bool:
        return self.state in ("", run.status) and self.name in ("", run.name)

    def parameters(self) -> dict[str, str]:
        """Of GET /tasks."""
        return {key: value for key, value in (("state", self.state), ("name", self.name)) if value}


class FilterBar(QWidget):
    """What was chosen is remembered."""

    changed = Signal(RunFilter)

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        self._states, self._tasks = QComboBox(), QComboBox()
        self._states.setAccessibleName(self.tr("State"))
        self._tasks.setAccessibleName(self.tr("Task"))
        self._states.addItem(self.tr("All states"), "")
        for state in RunState:
            look = run_look(state)
            self._states.addItem(icon(look.icon, look.tone), look.word, state.value)
        self._tasks.addItem(self.tr("All tasks"), "")
        for task in TaskName:
            self._tasks.addItem(task_word(task), task.value)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(QLabel(self.tr("Show")))
        for box, key in ((self._states, "tasks/state"), (self._tasks, "tasks/task")):
            row.addWidget(box)
            box.setCurrentIndex(max(0, box.findData(memory.text(key))))
            box.currentIndexChanged.connect(self._chosen)
        row.addStretch(1)

    @property
    def filter(self) -> RunFilter:
        return RunFilter(str(self._states.currentData()), str(self._tasks.currentData()))

    def clear(self) -> None:
        self._states.setCurrentIndex(0)
        self._tasks.setCurrentIndex(0)

    def _chosen(self) -> None:
        chosen = self.filter
        self._memory.keep("tasks/state", chosen.state)
        self._memory.keep("tasks/task", chosen.name)
        self.changed.emit(chosen)
