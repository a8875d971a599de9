"""Triage of the selected vulnerabilities: their findings are acknowledged, ignored or noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QToolButton

from backend.client.api import ApiClient
from backend.client.transport import Params
from backend.contract.exposure import Finding
from backend.contract.inventory import FindingVerdict
from desktop.ui.page_context import PageContext
from desktop.ui.pages.vulnerabilities.export.records import ChosenRows
from desktop.ui.widgets.buttons import action_button, row_action
from desktop.ui.widgets.decision_panel import DecisionPanel
from desktop.ui.widgets.finding_decisions import FindingDecisions, FindingSource

_IDS_AT_ONCE, _PAGE = 100, 500


class TriageActions(QObject):
    """The actions with their keys; the same in bar and context menu."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.acknowledge = row_action(self, "check", self.tr("Acknowledge"), "E")
        self.ignore = row_action(self, "eye-off-outline", self.tr("Ignore…"), "I")
        self.note = row_action(self, "note-edit-outline", self.tr("Note…"), "N")
        self.all = (self.acknowledge, self.ignore, self.note)

    def buttons(self) -> list[QToolButton]:
        return [action_button(action) for action in self.all]


class SelectionTriage(QObject):
    """Decides on what is installed: a vulnerability without an affected program has no finding."""

    failed = Signal(object)
    """A Problem."""

    def __init__(
        self,
        context: PageContext,
        actions: TriageActions,
        panel: DecisionPanel,
        decisions: FindingDecisions,
        chosen: Callable[[], ChosenRows],
    ) -> None:
        super().__init__(panel)
        self._context, self._panel, self._chosen = context, panel, chosen
        self._asked = chosen()  # what the panel asks about
        actions.acknowledge.triggered.connect(lambda: decisions.acknowledge(_findings_of(self._chosen())))
        actions.ignore.triggered.connect(self._ask_reason)
        actions.note.triggered.connect(self._ask_note)
        panel.ignored.connect(lambda reason, until: decisions.ignore(_findings_of(self._asked), reason, until))
        panel.noted.connect(lambda note: decisions.annotate(_findings_of(self._asked), note))

    def _ask_reason(self) -> None:
        self._asked = self._chosen()
        self._panel.ask_reason(self._asked.count)

    def _ask_note(self) -> None:
        """Open the panel with the present note, if all findings have the same."""
        rows = self._asked = self._chosen()

        def ask(findings: Sequence[Finding]) -> None:
            notes = {finding.note for finding in findings}
            self._panel.ask_note(rows.count, notes.pop() if len(notes) == 1 else "")

        self._context.ask(_findings_of(rows), ask, self.failed.emit, owner=self)


def _findings_of(rows: ChosenRows) -> FindingSource:
    return lambda client: affected_findings(client, rows.cve_ids(client))


def affected_findings(client: ApiClient, cve_ids: Sequence[str]) -> list[Finding]:
    """Return the findings of affected programs that are not resolved."""
    found: list[Finding] = []
    for start in range(0, len(cve_ids), _IDS_AT_ONCE):
        page, pages = 1, 1
        while page <= pages:
            part = list(cve_ids[start : start + _IDS_AT_ONCE])
            filters: Params = {"cve_id": part, "verdict": FindingVerdict.AFFECTED, "page": page, "page_size": _PAGE}
            answer = client.findings(filters)
            found += answer.items
            page, pages = page + 1, answer.total_pages
    return found
