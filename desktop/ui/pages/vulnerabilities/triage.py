"""Triage of the selected vulnerabilities: their findings are acknowledged, ignored or noted, and it is taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QToolButton

from backend.client.api import ApiClient
from backend.client.transport import Params
from backend.contract.exposure import Finding, FindingState, FindingTriage
from backend.contract.inventory import FindingVerdict
from desktop.ui.page_context import PageContext
from desktop.ui.pages.vulnerabilities.export.records import ChosenRows
from desktop.ui.theme.icons import icon
from desktop.ui.widgets.buttons import action_button
from desktop.ui.widgets.decision_panel import DecisionPanel

_IDS_AT_ONCE, _PAGE = 100, 500


class TriageActions(QObject):
    """The actions with their keys; the same in bar and context menu."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.acknowledge = self._action(self.tr("Acknowledge"), "check", "E")
        self.ignore = self._action(self.tr("Ignore…"), "eye-off-outline", "I")
        self.note = self._action(self.tr("Note…"), "note-edit-outline", "N")
        self.all = (self.acknowledge, self.ignore, self.note)

    def buttons(self) -> list[QToolButton]:
        return [action_button(action) for action in self.all]

    def _action(self, text: str, icon_name: str, key: str) -> QAction:
        action = QAction(icon(icon_name), text, self)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setToolTip(self.tr("{0} ({1})").format(text.rstrip("…"), key))
        return action


@dataclass(frozen=True)
class _Decided:
    """count: vulnerabilities that are installed somewhere. before: the triage of their findings until now."""

    count: int
    before: tuple[FindingTriage, ...]


class Triage(QObject):
    """Decides on what is installed: a vulnerability without an affected program has no finding."""

    done = Signal(str, object)
    """What was done, as a sentence, and a function that takes it back; None: nothing can be taken back."""
    failed = Signal(object)
    """A Problem."""

    def __init__(
        self, context: PageContext, actions: TriageActions, panel: DecisionPanel, chosen: Callable[[], ChosenRows]
    ) -> None:
        super().__init__(panel)
        self._context, self._panel, self._chosen = context, panel, chosen
        self._asked = chosen()  # what the panel asks about
        actions.acknowledge.triggered.connect(self._acknowledge)
        actions.ignore.triggered.connect(self._ask_reason)
        actions.note.triggered.connect(self._ask_note)
        panel.ignored.connect(self._ignore)
        panel.noted.connect(self._annotate)

    def _ask_reason(self) -> None:
        self._asked = self._chosen()
        self._panel.ask_reason(self._asked.count)

    def _ask_note(self) -> None:
        """Open the panel with the present note, if all findings have the same."""
        rows = self._asked = self._chosen()

        def ask(findings: Sequence[Finding]) -> None:
            notes = {finding.note for finding in findings}
            self._panel.ask_note(rows.count, notes.pop() if len(notes) == 1 else "")

        self._context.ask(
            lambda client: affected_findings(client, rows.cve_ids(client)), ask, self.failed.emit, owner=self
        )

    def _acknowledge(self) -> None:
        def change(found: Finding) -> FindingTriage:
            return FindingTriage(id=found.id, state=FindingState.ACKNOWLEDGED, note=found.note, until=None)

        rows = self._chosen()
        self._decide(rows, change, lambda count: self.tr("%Ln vulnerabilit(y|ies) acknowledged.", "", count))

    def _ignore(self, reason: str, until: datetime | None) -> None:
        def change(found: Finding) -> FindingTriage:
            return FindingTriage(id=found.id, state=FindingState.IGNORED, note=reason, until=until)

        self._decide(self._asked, change, lambda count: self.tr("%Ln vulnerabilit(y|ies) ignored.", "", count))

    def _annotate(self, note: str) -> None:
        def change(found: Finding) -> FindingTriage:
            return FindingTriage(id=found.id, state=found.state, note=note, until=found.until)

        self._decide(self._asked, change, lambda count: self.tr("Note saved on %Ln vulnerabilit(y|ies).", "", count))

    def _decide(
        self, rows: ChosenRows, change: Callable[[Finding], FindingTriage], words: Callable[[int], str]
    ) -> None:
        self._context.ask(
            lambda client: _decide(client, rows, change),
            lambda decided: self._say(decided, words),
            self.failed.emit,
            owner=self,
        )

    def _say(self, decided: _Decided, words: Callable[[int], str]) -> None:
        if decided.count:
            self.done.emit(words(decided.count), lambda: self._take_back(decided.before))
        else:
            self.done.emit(self.tr("None of these is installed on a known PC, so there is nothing to decide."), None)

    def _take_back(self, before: Sequence[FindingTriage]) -> None:
        self._context.ask(
            lambda client: client.restore_triage(before),
            lambda _: self.done.emit(self.tr("Taken back."), None),
            self.failed.emit,
            owner=self,
        )


def _decide(client: ApiClient, rows: ChosenRows, change: Callable[[Finding], FindingTriage]) -> _Decided:
    findings = affected_findings(client, rows.cve_ids(client))
    before = client.restore_triage(map(change, findings))
    return _Decided(len({finding.cve_id for finding in findings}), tuple(before))


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
