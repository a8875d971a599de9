"""Lets the person decide on the selected events: the actions, the panel that asks for more, and undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from backend.contract.inbox import InboxEvent, InboxScope
from backend.contract.problems import Problem
from desktop.ui.page_context import PageContext
from desktop.ui.pages.inbox.bar import EventActions
from desktop.ui.pages.inbox.decision_queue import DecisionQueue, Step
from desktop.ui.pages.inbox.decisions import Decided, acknowledge, annotate, findings_of, ignore, mark, mark_all
from desktop.ui.pages.inbox.list_view import EventList
from desktop.ui.widgets.decision_panel import DecisionPanel


class Deciding(QObject):
    changed = Signal(object)
    """The Decided that was carried out, or taken back."""
    message = Signal(str)
    """What was done, or why nothing can be done, as a sentence."""
    failed = Signal(object)
    """A Problem."""

    def __init__(
        self,
        context: PageContext,
        actions: EventActions,
        view: EventList,
        panel: DecisionPanel,
        scope: Callable[[], InboxScope],
    ) -> None:
        """scope: that of the events that are shown."""
        super().__init__(view)
        self._context, self._actions, self._view, self._panel, self._scope = context, actions, view, panel, scope
        self._is_allowed = True
        self._asked: tuple[InboxEvent, ...] = ()  # the events that the panel asks about, and their scope
        self._asked_scope = InboxScope.MINE
        self.queue = DecisionQueue(context, self)
        self._connect()
        self.offer()

    def allow(self, *, allowed: bool) -> None:
        """Let the person decide, or only read."""
        if allowed is not self._is_allowed:
            self._is_allowed = allowed
            self.offer()

    def offer(self) -> None:
        """Enable what can be done with the selection."""
        rows = self._view.chosen() if self._is_allowed else ()
        for action in self._actions.of_rows:
            action.setEnabled(bool(rows))
        self._actions.undo.setEnabled(self.queue.can_undo)
        if rows:
            self._actions.show_mark(unread=any(row.is_unread for row in rows))

    def forget(self) -> None:
        """Drop what could be undone, and close the panel: another database is shown."""
        self._panel.close_panel()
        self.queue.forget()
        self.offer()

    def mark_all(self, newest: int, scope: InboxScope) -> None:
        self.queue.carry_out(
            mark_all(newest, scope), lambda decided: self.tr("%Ln event(s) marked as read", "", len(decided.read))
        )

    def _acknowledge(self) -> None:
        events = self._events()
        if findings_of(events):
            words = self.tr("%Ln vulnerabilit(y|ies) acknowledged", "", _count(events))
            self.queue.carry_out(acknowledge(events, self._scope()), lambda _: words)
        else:
            self._mark(events, read=True)

    def _toggle_read(self) -> None:
        rows = self._view.chosen()
        unread = any(row.is_unread for row in rows)
        self._mark([row.event for row in rows], read=unread)

    def _mark(self, events: Sequence[InboxEvent], *, read: bool) -> None:
        def words(decided: Decided) -> str:
            if read:
                return self.tr("%Ln event(s) marked as read", "", len(decided.read))
            return self.tr("%Ln event(s) marked as unread", "", len(decided.unread))

        self.queue.carry_out(mark(events, read=read), words)

    def _ask_reason(self) -> None:
        if self._take_up():
            self._panel.ask_reason(_count(self._asked))

    def _ask_note(self) -> None:
        """Open the panel with the present note, which only one finding's details have."""
        if not self._take_up():
            return
        events, findings = self._asked, list(findings_of(self._asked))
        if len(findings) > 1:
            self._panel.ask_note(_count(events), "")
            return
        self._context.ask(
            lambda client: client.finding(findings[0]),
            lambda found: self._panel.ask_note(_count(events), found.note),
            self.failed.emit,
            owner=self,
        )

    def _take_up(self) -> bool:
        """Remember the selected events for the panel. Returns whether one of them is installed somewhere."""
        self._asked, self._asked_scope = self._events(), self._scope()
        if findings_of(self._asked):
            return True
        self.message.emit(self.tr("Only what is installed can be ignored or have a note. Mark it as read instead."))
        return False

    def _ignore(self, reason: str, until: datetime | None) -> None:
        words = self.tr("%Ln vulnerabilit(y|ies) ignored", "", _count(self._asked))
        self.queue.carry_out(ignore(self._asked, self._asked_scope, reason, until), lambda _: words)

    def _annotate(self, note: str) -> None:
        self.queue.carry_out(annotate(self._asked, self._asked_scope, note), lambda _: self.tr("Note saved"))

    def _carried_out(self, step: Step) -> None:
        self.message.emit(step.words)
        self.changed.emit(step.decided)
        self.offer()

    def _undone(self, step: Step) -> None:
        self.message.emit(self.tr("Undone: {0}").format(step.words))
        self.changed.emit(step.decided)
        self.offer()

    def _not_done(self, problem: Problem) -> None:
        self.failed.emit(problem)
        self.offer()

    def _events(self) -> tuple[InboxEvent, ...]:
        return tuple(row.event for row in self._view.chosen())

    def _connect(self) -> None:
        actions, panel, queue = self._actions, self._panel, self.queue
        actions.acknowledge.triggered.connect(self._acknowledge)
        actions.ignore.triggered.connect(self._ask_reason)
        actions.note.triggered.connect(self._ask_note)
        actions.mark.triggered.connect(self._toggle_read)
        actions.undo.triggered.connect(queue.undo)
        panel.ignored.connect(self._ignore)
        panel.noted.connect(self._annotate)
        panel.closed.connect(self._view.setFocus)
        queue.decided.connect(self._carried_out)
        queue.undone.connect(self._undone)
        queue.failed.connect(self._not_done)
        self._view.selectionModel().selectionChanged.connect(self.offer)
        self._view.model().dataChanged.connect(self.offer)


def _count(events: Sequence[InboxEvent]) -> int:
    return len({event.cve_id for event in events})
