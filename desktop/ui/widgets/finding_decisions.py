"""Decisions on findings: carried out by the API in the background, each with a way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from backend.client.api import ApiClient
from backend.contract.exposure import Finding, FindingChange, FindingState, FindingTriage
from desktop.ui.page_context import PageContext

FindingSource = Callable[[ApiClient], Sequence[Finding]]
"""Returns the findings that are decided on; called in the background."""


class FindingDecisions(QObject):
    done = Signal(str, object)
    """What was done, as a sentence, and a function that takes it back; None: nothing can be taken back."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context

    def acknowledge(self, findings: FindingSource) -> None:
        change = FindingChange(state=FindingState.ACKNOWLEDGED)
        self._change(findings, change, lambda count: self.tr("%Ln vulnerabilit(y|ies) acknowledged.", "", count))

    def ignore(self, findings: FindingSource, reason: str, until: datetime | None) -> None:
        change = FindingChange(state=FindingState.IGNORED, note=reason, until=until)
        self._change(findings, change, lambda count: self.tr("%Ln vulnerabilit(y|ies) ignored.", "", count))

    def reopen(self, findings: FindingSource) -> None:
        change = FindingChange(state=FindingState.OPEN)
        self._change(findings, change, lambda count: self.tr("%Ln vulnerabilit(y|ies) opened again.", "", count))

    def annotate(self, findings: FindingSource, note: str) -> None:
        """Set the note of the findings; their states stay."""

        def decide(client: ApiClient, found: Sequence[Finding]) -> Sequence[FindingTriage]:
            return client.restore_triage(
                FindingTriage(id=finding.id, state=finding.state, note=note, until=finding.until) for finding in found
            )

        self._carry_out(findings, decide, lambda count: self.tr("Note saved on %Ln vulnerabilit(y|ies).", "", count))

    def _change(self, findings: FindingSource, change: FindingChange, words: Callable[[int], str]) -> None:
        def decide(client: ApiClient, found: Sequence[Finding]) -> Sequence[FindingTriage]:
            return client.change_findings([finding.id for finding in found], change).before

        self._carry_out(findings, decide, words)

    def _carry_out(
        self,
        findings: FindingSource,
        decide: Callable[[ApiClient, Sequence[Finding]], Sequence[FindingTriage]],
        words: Callable[[int], str],
    ) -> None:
        """decide: changes the findings, and returns their triage until now. words: of a number of vulnerabilities."""

        def carry_out(client: ApiClient) -> tuple[int, Sequence[FindingTriage]]:
            found = findings(client)
            return len({finding.cve_id for finding in found}), decide(client, found)

        def say(decided: tuple[int, Sequence[FindingTriage]]) -> None:
            count, before = decided
            if count:
                self.done.emit(words(count), lambda: self._take_back(before))
            else:
                self.done.emit(
                    self.tr("None of these is installed on a known PC, so there is nothing to decide."), None
                )

        self._context.ask(carry_out, say, self.failed.emit, owner=self)

    def _take_back(self, before: Sequence[FindingTriage]) -> None:
        self._context.ask(
            lambda client: client.restore_triage(before),
            lambda _: self.done.emit(self.tr("Taken back."), None),
            self.failed.emit,
            owner=self,
        )
