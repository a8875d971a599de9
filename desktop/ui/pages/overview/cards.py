"""Cards that summarise another page and link to it: the services, and the sources with their age and last error."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QToolButton

from backend.contract.names import Source
from backend.contract.sources import SourceState, SourceStatus
from desktop.problems.problems import problems
from desktop.state.app_state import AppState
from desktop.ui.formatting import one_line, tip, translate
from desktop.ui.page_context import PageContext, PageName
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.banner import services_of
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.looks import Look, off_look, service_look, source_look
from desktop.ui.widgets.problem_texts import problem_line, service_word
from desktop.ui.widgets.text import Muted, Plain, When


class LinkedCard(Card):
    def __init__(self, context: PageContext, title: str, page: PageName) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.link = QToolButton()
        self.link.setText(title)
        self.link.setIcon(icon("chevron-right"))
        self.link.setAutoRaise(True)
        self.link.setToolTip(self.tr("Open page"))
        self.link.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.link.clicked.connect(lambda: context.open(page))
        head = QHBoxLayout()
        head.addWidget(Plain(title, Size.NORMAL, bold=True))
        head.addStretch(1)
        head.addWidget(self.link)
        self.body.addLayout(head)


class ServicesCard(LinkedCard):
    def __init__(self, context: PageContext) -> None:
        super().__init__(context, self.tr("Services"), PageName.SERVICES)
        self._badges: dict[str, tuple[Plain, Badge]] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.S)
        self._grid.setColumnStretch(0, 1)
        self.body.addLayout(self._grid)

    def show_services(self, state: AppState) -> None:
        found = problems(state)
        for service_state in state.supervision.services:
            own = next((each for each in found if service_state.name in services_of(each, state)), None)
            title, badge = self._badges.get(service_state.name) or self._add(service_state.name)
            title.setText(service_word(service_state.name))
            badge.show_look(service_look(service_state))
            badge.setToolTip(tip(problem_line(own)) if own else "")

    def _add(self, name: str) -> tuple[Plain, Badge]:
        row, made = len(self._badges), (Plain(), Badge())
        held = QHBoxLayout()
        held.addStretch(1)
        held.addWidget(made[1])
        self._grid.addWidget(made[0], row, 0)
        self._grid.addLayout(held, row, 1)
        self._badges[name] = made
        return made


class SourcesCard(LinkedCard):
    def __init__(self, context: PageContext) -> None:
        super().__init__(context, self.tr("Sources"), PageName.TASKS)
        self._lines: dict[Source, _Line] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.S)
        self._grid.setColumnStretch(2, 1)
        self.body.addLayout(self._grid)
        self.body.addStretch(1)

    def show_sources(self, sources: Sequence[SourceStatus]) -> None:
        for source in sources:
            if source.name not in self._lines:
                self._lines[source.name] = _Line(self._grid, len(self._lines) * 2)
            self._lines[source.name].show_source(source)


class _Line:
    """Two rows of the grid: the facts of a source, and its last error if it has one."""

    def __init__(self, grid: QGridLayout, row: int) -> None:
        self._name, self._badge = Plain(), Badge()
        self._when, self._records, self._error = When(), Muted(), Muted()
        self._error.setWordWrap(True)
        held = QHBoxLayout()
        held.addWidget(self._badge)
        held.addStretch(1)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        grid.addWidget(self._name, row, 0)
        grid.addLayout(held, row, 1)
        grid.addWidget(self._when, row, 2)
        grid.addWidget(self._records, row, 3, right)
        grid.addWidget(self._error, row + 1, 1, 1, 3)

    def show_source(self, source: SourceStatus) -> None:
        self._name.setText(source.name.upper())
        self._badge.show_look(_look(source))
        self._when.show_moment(source.last_success_at)
        self._records.setText(translate("overview", "%Ln record(s)", "", source.records))
        error = one_line(str(source.last_error)) if source.last_error and _is_bad(source) else ""
        self._error.setText(error)
        self._error.setToolTip(tip(one_line(source.last_error.hint)) if source.last_error and error else "")
        self._error.setVisible(bool(error))


def _look(source: SourceStatus) -> Look:
    return source_look(source.state) if source.enabled else off_look()


def _is_bad(source: SourceStatus) -> bool:
    return source.enabled and source.state is not SourceState.OK
