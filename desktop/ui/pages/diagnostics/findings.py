"""What the examination found: what is wrong stands first, each with what mends it; what is well in one list below.

The one click that mends what was found, or leads to where it is mended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from backend.contract.problems import CheckState, Diagnosis, Finding, Problem, Remedy, RemedyAction
from desktop.state.app_state import AppState
from desktop.ui.formatting import plain, translate
from desktop.ui.page_context import PageContext
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.banner import carry_out, remedy_words
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.looks import check_look
from desktop.ui.widgets.text import Muted, Plain

_REMEDIES = {
    RemedyAction.UPDATE_NOW.value: Remedy.UPDATE_NOW,
    RemedyAction.OPEN_SETTINGS.value: Remedy.OPEN_SETTINGS,
    RemedyAction.OPEN_FOLDER.value: Remedy.OPEN_FOLDER,
}
_ALL_WORKERS = "worker"


def step_words(finding: Finding) -> str:
    """What the button says; empty where only a person can do something, or a newer program."""
    if finding.action == RemedyAction.RESTART_SERVICE:
        return translate("diagnostics", "Restart")
    remedy = _REMEDIES.get(finding.action)
    return remedy_words(remedy) if remedy else ""


def take_step(finding: Finding, context: PageContext, failed: Callable[[Problem], None], owner: QObject) -> None:
    """failed: is told why, unless the owner is gone by then."""
    if finding.action == RemedyAction.RESTART_SERVICE:
        for name in concerned(finding.service, context.state):
            context.actions.restart_service(name)
    elif finding.action in _REMEDIES:
        carry_out(_REMEDIES[finding.action], context, failed, owner=owner, service=finding.service)


def concerned(service: str, state: AppState) -> tuple[str, ...]:
    """The services that a finding speaks of."""
    services = state.supervision.services
    return tuple(one.name for one in services if one.name == service or (service == _ALL_WORKERS and one.service.queue))


_ORDER = (CheckState.PROBLEM, CheckState.WARNING)


def worst_first(diagnosis: Diagnosis) -> Sequence[Finding]:
    """Those that are not well."""
    return [finding for state in _ORDER for finding in diagnosis.findings if finding.state is state]


class FindingCard(Card):
    """Something that is not well."""

    acted = Signal(object)
    """The Finding whose button was pressed."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.finding = finding
        self.setAccessibleName(f"{check_look(finding.state).word}: {finding.title}")
        self.button: QPushButton | None = None
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addLayout(self._head())
        for label in (Plain(plain(finding.message)), Muted(plain(finding.remedy))):
            label.setWordWrap(True)
            label.setVisible(bool(label.text()))
            words.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        row.addLayout(words, 1)
        if text := step_words(finding):
            self.button = QPushButton(text)
            self.button.clicked.connect(lambda: self.acted.emit(finding))
            row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)

    def _head(self) -> QHBoxLayout:
        title = Plain(plain(self.finding.title), Size.NORMAL, bold=True)
        title.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(Badge(check_look(self.finding.state)))
        head.addWidget(title, 1)
        return head


class WellCard(Card):
    """All that is as it should be."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("What is well"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(1, 1)
        for row, finding in enumerate(findings):
            grid.addWidget(Badge(check_look(finding.state)), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_said(finding), row, 1)
        self.body.addLayout(grid)


class Findings(QWidget):
    acted = Signal(object)
    """The Finding whose button was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[FindingCard] = []
        self._shown: Diagnosis | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.M)

    def show_diagnosis(self, diagnosis: Diagnosis) -> None:
        if diagnosis == self._shown:
            return
        self._shown = diagnosis
        while (item := self._column.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        self.cards = [FindingCard(finding) for finding in worst_first(diagnosis)]
        for card in self.cards:
            card.acted.connect(self.acted)
            self._column.addWidget(card)
        if well := [finding for finding in diagnosis.findings if finding.state is CheckState.OK]:
            self._column.addWidget(WellCard(well))


def _said(finding: Finding) -> QWidget:
    said = QWidget()
    column = QVBoxLayout(said)
    column.setContentsMargins(0, 2, 0, 0)
    column.setSpacing(0)
    for label in (Plain(plain(finding.title)), Muted(plain(finding.message))):
        label.setWordWrap(True)
        label.setVisible(bool(label.text()))
        column.addWidget(label)
    return said
