"""What the inbox lists: whose events, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.client.transport import Params
from backend.contract.inbox import InboxScope


class Since(StrEnum):
    LAST_READ = "read"
    """What is unread: the person has neither marked it as read nor acknowledged it."""
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


SPANS = {Since.DAY: timedelta(days=1), Since.WEEK: timedelta(days=7), Since.MONTH: timedelta(days=30)}


@dataclass(frozen=True)
class InboxFilter:
    scope: InboxScope = InboxScope.MINE
    since: Since = Since.LAST_READ

    def params(self, now: datetime) -> Params:
        """Return the parameters of GET /inbox without a page. now: with a time zone."""
        if self.since is Since.LAST_READ:
            return {"scope": self.scope, "unread": "true"}
        return {"scope": self.scope, "since": (now - SPANS[self.since]).isoformat()}


def remembered_query(text: str) -> InboxFilter:
    """Return the query of a remembered text ("mine/read"); that of the first start if the text is invalid."""
    scope, _, since = text.partition("/")
    try:
        return InboxFilter(InboxScope(scope), Since(since))
    except ValueError:
        return InboxFilter()


def remembered_text(query: InboxFilter) -> str:
    return f"{query.scope}/{query.since}"
