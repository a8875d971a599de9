"""Decisions on products: which one a program is. Carried out by the API, each with a way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from backend.contract.exposure import DecidedProduct, ProductDecision
from backend.contract.inventory import ResolvedBy
from backend.contract.machine_exposure import ProgramExposure
from desktop.ui.formatting import one_line
from desktop.ui.page_context import PageContext


class ProductDecisions(QObject):
    done = Signal(str, object)
    """What was done, as a sentence, and a function that takes it back; None: nothing can be taken back any more."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context

    def decide(self, program: ProgramExposure, product: DecidedProduct | None) -> None:
        """Say which product a program is; None: none of the known ones."""
        name = one_line(program.software.name)
        if product is None:
            words = self.tr("“{0}” is none of the known products.").format(name)
        else:
            words = self.tr("“{0}” is {1} {2}.").format(name, one_line(product.vendor), one_line(product.product))
        before = _decision_before(program)
        self._send(_decision(program, product), words, lambda: self._take_back(before))

    def _take_back(self, before: ProductDecision) -> None:
        self._send(before, self.tr("The choice was taken back."), None)

    def _send(self, decision: ProductDecision, words: str, take_back: Callable[[], None] | None) -> None:
        self._context.ask(
            lambda client: client.decide_product(decision),
            lambda _: self.done.emit(words, take_back),
            self.failed.emit,
            owner=self,
        )


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
