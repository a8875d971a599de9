"""Triage of findings and decisions on products: carried out by the API, each with a way back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from backend.client.api import ApiClient
from backend.contract.exposure import DecidedProduct, Finding, FindingChange, FindingState, ProductDecision
from backend.contract.inventory import ResolvedBy
from backend.contract.machine_exposure import ProgramExposure
from desktop.ui.formatting import one_line
from desktop.ui.page_context import PageContext


class Triage(QObject):
    done = Signal(str, object)
    """What was done, as a sentence, and a function that takes it back; None: nothing can be taken back any more."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context

    def acknowledge(self, findings: Sequence[Finding]) -> None:
        said = self.tr("%Ln vulnerabilit(y|ies) acknowledged.", "", len(findings))
        self._change(findings, FindingChange(state=FindingState.ACKNOWLEDGED), said)

    def ignore(self, findings: Sequence[Finding], note: str, until: datetime | None) -> None:
        said = self.tr("%Ln vulnerabilit(y|ies) ignored.", "", len(findings))
        self._change(findings, FindingChange(state=FindingState.IGNORED, note=note, until=until), said)

    def reopen(self, findings: Sequence[Finding]) -> None:
        said = self.tr("%Ln vulnerabilit(y|ies) opened again.", "", len(findings))
        self._change(findings, FindingChange(state=FindingState.OPEN), said)

    def decide(self, program: ProgramExposure, product: DecidedProduct | None) -> None:
        """Say which product a program is; None: none of the known ones."""
        name = one_line(program.software.name)
        if product is None:
            said = self.tr("“{0}” is none of the known products.").format(name)
        else:
            said = self.tr("“{0}” is {1} {2}.").format(name, one_line(product.vendor), one_line(product.product))
        before = _decision_before(program)
        self._ask(
            lambda client: client.decide_product(_decision(program, product)),
            said,
            lambda: self._ask(
                lambda client: client.decide_product(before), self.tr("The choice was taken back."), None
            ),
        )

    def _change(self, findings: Sequence[Finding], change: FindingChange, said: str) -> None:
        if findings:
            ids = [finding.id for finding in findings]
            self._ask(lambda client: client.change_findings(ids, change), said, lambda: self._restore(tuple(findings)))

    def _restore(self, before: Sequence[Finding]) -> None:
        def restore(client: ApiClient) -> None:
            for change, ids in _states_of(before).items():
                client.change_findings(ids, change)

        self._ask(restore, self.tr("Taken back."), None)

    def _ask(self, call: Callable[[ApiClient], object], said: str, take_back: Callable[[], None] | None) -> None:
        self._context.ask(call, lambda _: self.done.emit(said, take_back), self.failed.emit, owner=self)


def _states_of(findings: Sequence[Finding]) -> dict[FindingChange, list[int]]:
    """The changes that make findings what they are."""
    found: defaultdict[FindingChange, list[int]] = defaultdict(list)
    for finding in findings:
        state = {"state": finding.state, "note": finding.note, "until": finding.until}
        found[FindingChange.model_validate(state)].append(finding.id)
    return found


def _decision(program: ProgramExposure, product: DecidedProduct | None) -> ProductDecision:
    software = program.software
    return ProductDecision(name=software.name, publisher=software.publisher, product=product)


def _decision_before(program: ProgramExposure) -> ProductDecision:
    """The decision that makes the program what it is now; where there is none, one that is taken back."""
    product = program.product
    if product is not None and product.by is ResolvedBy.USER:
        return _decision(program, DecidedProduct(vendor=product.vendor, product=product.product))
    if program.reason == "decided":
        return _decision(program, None)
    return _decision(program, None).model_copy(update={"forget": True})
