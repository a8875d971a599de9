"""What a link to the page names: an event, or the events that a line of the tray's menu counts."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.ui.pages.inbox.rows import InboxRow

MINE, EXPLOITED = "mine", "exploited"
"""Keys of the unread events that concern the person, with the newest one selected, or the newest exploited one."""


@dataclass(frozen=True)
class InboxLink:
    """event_id: the event to select; None: the newest unread one. exploited: only of those that are exploited."""

    event_id: int | None = None
    exploited: bool = False

    def leads_to(self, row: InboxRow) -> bool:
        if self.event_id is not None:
            return row.event.id == self.event_id
        return row.is_unread and (row.event.exploited or not self.exploited)


def link_of_key(key: str) -> InboxLink:
    """key: one of those above, or the id of an event."""
    return InboxLink(int(key) if key.isdecimal() else None, exploited=key == EXPLOITED)
