"""Requests the unread events of what concerns this PC, for the menu and the notifications."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from backend.client.api import ApiClient
from backend.contract.inbox import InboxScope
from backend.contract.problems import Problem
from desktop.notifications.events import NotifiedEvent, notified_event
from desktop.problems.overall_status import unread_counts
from desktop.problems.problems import known_data
from desktop.state.app_state import AppState, last_update
from desktop.ui.page_context import PageContext

_MOST = 500


@dataclass(frozen=True)
class UnreadEvents:
    """The newest unread events of what concerns this PC."""

    events: tuple[NotifiedEvent, ...] = ()

    @property
    def exploited_elsewhere(self) -> int:
        """How many vulnerabilities are exploited, but not in a program on this machine: of its lists, or watched."""
        exploited = {event.cve_id for event in self.events if event.exploited}
        return len(exploited - {event.cve_id for event in self.events if event.is_here})


class UnreadWatch(QObject):
    found = Signal(object)
    """The UnreadEvents, whenever something may have changed."""

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._known: Hashable = None
        context.changed.connect(self.follow)

    def follow(self, state: AppState) -> None:
        """Request the events again when their number has changed, or when an update may have written some."""
        if known_data(state) is None:
            return
        counts, last = unread_counts(state), last_update(state)
        machine_id = state.scan.machine
        known = (state.stack, counts, last and last.task_id, machine_id)
        if known == self._known:
            return
        self._known = known
        if counts.unread:
            self._context.ask(
                lambda client: unread_events(client, machine_id), self.found.emit, self._not_found, owner=self
            )
        else:
            self.found.emit(UnreadEvents())

    def _not_found(self, _problem: Problem) -> None:
        """Request them again with the next state; an API that does not answer is a problem of the state."""
        self._known = None


def unread_events(client: ApiClient, machine_id: str) -> UnreadEvents:
    """Fetch the newest unread events of what concerns this PC.

    Args:
        machine_id: The id of this PC; empty while it is not known.

    Raises:
        ApiError: The API cannot be reached, or refused the request.
    """
    page = client.inbox({"scope": InboxScope.PC, "unread": "true", "page_size": _MOST})
    return UnreadEvents(tuple(notified_event(event, machine_id) for event in page.items))
