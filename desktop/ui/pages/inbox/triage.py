"""The actions on the selected events: carried out in the background, one after the other, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from backend.client.api import ApiClient
from backend.contract.problems import Problem
from desktop.ui.page_context import PageContext
from desktop.ui.pages.inbox.decisions import Decided, Decision

_REMEMBERED = 50


@dataclass(frozen=True)
class Step:
    """A decision that was carried out. words: what was done, as a sentence."""

    words: str
    decided: Decided


class Triage(QObject):
    decided = Signal(object)
    """The Step that was carried out."""
    undone = Signal(object)
    """The Step that was taken back; its Decided is what taking back has changed."""
    failed = Signal(object)
    """A Problem; what was not carried out can be tried again."""

    def __init__(self, context: PageContext, owner: QObject) -> None:
        super().__init__(owner)
        self._context = context
        self._steps: list[Step] = []
        self._busy = False

    @property
    def can_undo(self) -> bool:
        return bool(self._steps) and not self._busy

    def carry_out(self, decision: Decision, words_of: Callable[[Decided], str]) -> None:
        """Carry out a decision; while another is carried out, nothing happens. words_of: what was done, in words."""
        if self._busy:
            return

        def done(decided: Decided) -> None:
            self._busy = False
            step = Step(words_of(decided), decided)
            self._steps = [*self._steps, step][-_REMEMBERED:]
            self.decided.emit(step)

        self._ask(decision, done)

    def undo(self) -> None:
        """Take back the last decision that was not taken back yet."""
        if not self.can_undo:
            return
        step = self._steps[-1]

        def done(decided: Decided) -> None:
            self._busy = False
            self._steps.remove(step)
            self.undone.emit(Step(step.words, decided))

        if step.decided.take_back is not None:
            self._ask(step.decided.take_back, done)

    def _ask(self, call: Callable[[ApiClient], Decided], done: Callable[[Decided], None]) -> None:
        self._busy = True
        self._context.ask(call, done, self._not_done, owner=self)

    def _not_done(self, problem: Problem) -> None:
        self._busy = False
        self.failed.emit(problem)
