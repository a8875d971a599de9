"""The decisions on events: carried out in the background, one after the other, and taken back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from backend.contract.problems import Problem
from desktop.ui.page_context import PageContext
from desktop.ui.pages.inbox.decisions import Decided, Decision

_REMEMBERED = 50


@dataclass(frozen=True)
class Step:
    """A decision that was carried out. words: what was done, as a sentence."""

    words: str
    decided: Decided


@dataclass(frozen=True)
class _Job:
    call: Decision
    done: Callable[[Decided], None]


class DecisionQueue(QObject):
    """Decisions made while another is carried out wait for it, as when several rows are decided on quickly."""

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
        self._waiting: deque[Callable[[], _Job | None]] = deque()
        self._busy = False

    @property
    def can_undo(self) -> bool:
        return bool(self._steps)

    def carry_out(self, decision: Decision, words_of: Callable[[Decided], str]) -> None:
        """Carry out a decision. words_of: returns what was done, as a sentence."""

        def done(decided: Decided) -> None:
            step = Step(words_of(decided), decided)
            self._steps = [*self._steps, step][-_REMEMBERED:]
            self.decided.emit(step)

        self._add(lambda: _Job(decision, done))

    def undo(self) -> None:
        """Take back the last decision that was not taken back yet."""
        self._add(self._undo_last)

    def forget(self) -> None:
        """Drop what was done: it belongs to another database."""
        self._steps.clear()
        self._waiting.clear()

    def _undo_last(self) -> _Job | None:
        if not self._steps:
            return None
        step = self._steps[-1]

        def done(decided: Decided) -> None:
            self._steps = [other for other in self._steps if other is not step]
            self.undone.emit(Step(step.words, decided))

        return _Job(step.decided.take_back, done)

    def _add(self, make_job: Callable[[], _Job | None]) -> None:
        """Add a job. It is made when its turn comes: what an undo takes back depends on those before."""
        self._waiting.append(make_job)
        if not self._busy:
            self._next()

    def _next(self) -> None:
        while self._waiting and not self._busy:
            if (job := self._waiting.popleft()()) is not None:
                self._begin(job)

    def _begin(self, job: _Job) -> None:
        def done(decided: Decided) -> None:
            self._busy = False
            job.done(decided)
            self._next()

        self._busy = True
        self._context.ask(job.call, done, self._not_done, owner=self)

    def _not_done(self, problem: Problem) -> None:
        self._busy = False
        self.failed.emit(problem)
        self._next()
