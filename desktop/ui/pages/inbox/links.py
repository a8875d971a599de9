"""What a link to the page names: an event, or the events that a line of the tray's menu counts."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.ui.pages.inbox.rows import EventRow

MINE, EXPLOITED = "mine", "exploited"
"""Keys of the unread events that concern the person, the second with an exploited one selected."""


@dataclass(frozen=True)
class InboxLink:
    """event_id: the event to select. exploited: select the newest exploited one. Neither: only show the list."""

    event_id: int | None = None
    exploited: bool = False

    def leads_to(self, row: EventRow) -> bool:
        if self.event_id is not None:
            return row.event.id == self.event_id
        return self.exploited and row.event.exploited and row.is_unread


def link_of_key(key: str) -> InboxLink:
    """key: one of those above, or the id of an event."""
    return InboxLink(int(key) if key.isdecimal() else None, exploited=key == EXPLOITED)
