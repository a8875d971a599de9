"""Triage of findings and decisions on products: carried out by the API, each with a way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from backend.client.api import ApiClient
from backend.contract.exposure import (
    DecidedProduct,
    Finding,
    FindingChange,
    FindingState,
    FindingTriage,
    ProductDecision,
)
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
        self._change(findings, FindingState.ACKNOWLEDGED, "", None)

    def ignore(self, findings: Sequence[Finding], note: str, until: datetime | None) -> None:
        self._change(findings, FindingState.IGNORED, note, until)

    def reopen(self, findings: Sequence[Finding]) -> None:
        self._change(findings, FindingState.OPEN, "", None)

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

    def _change(self, findings: Sequence[Finding], state: FindingState, note: str, until: datetime | None) -> None:
        ids = [finding.id for finding in findings]
        if ids:
            change = FindingChange.model_validate({"state": state, "note": note, "until": until})
            self._context.ask(
                lambda client: client.change_findings(ids, change),
                lambda changed: self.done.emit(self._said(state, len(ids)), lambda: self._restore(changed.before)),
                self.failed.emit,
                owner=self,
            )

    def _said(self, state: FindingState, count: int) -> str:
        if state is FindingState.ACKNOWLEDGED:
            return self.tr("%Ln vulnerabilit(y|ies) acknowledged.", "", count)
        if state is FindingState.IGNORED:
            return self.tr("%Ln vulnerabilit(y|ies) ignored.", "", count)
        return self.tr("%Ln vulnerabilit(y|ies) opened again.", "", count)

    def _restore(self, before: Sequence[FindingTriage]) -> None:
        self._ask(lambda client: client.restore_triage(before), self.tr("Taken back."), None)

    def _ask(self, call: Callable[[ApiClient], object], said: str, take_back: Callable[[], None] | None) -> None:
        self._context.ask(call, lambda _: self.done.emit(said, take_back), self.failed.emit, owner=self)


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
