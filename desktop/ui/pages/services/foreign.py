"""A worker that somebody else started on the same data: it is shown, and left alone."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton

from desktop.supervision.services import ForeignWorker, Phase
from desktop.ui.formatting import one_line
from desktop.ui.page_context import Desk, PageName
from desktop.ui.pages.services.words import foreign_purpose
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Size, Space, Tone
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.looks import phase_look, task_word
from desktop.ui.widgets.text import Muted, Plain


class ForeignCard(Card):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._task_id = desk, ""
        self._title, self._purpose = Plain("", Size.NORMAL, bold=True), Muted()
        self._purpose.setWordWrap(True)
        self.task = QPushButton(icon("progress-download", Tone.INFO), "")
        self.task.setFlat(True)
        self.task.clicked.connect(lambda: desk.open(PageName.TASKS, self._task_id))
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
