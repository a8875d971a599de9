"""The mark up to which the user has read what is new. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from backend.contract.snapshot import Snapshot


@dataclass(frozen=True)
class ReadMark:
    """Up to when everything has been read.

    Attributes:
        since: Everything known until then has been read; None: nothing yet.
        shown: Everything known until then is on the screen now; None: nothing is.
    """

    since: datetime | None = None
    shown: datetime | None = None

    def showing(self, at: datetime) -> ReadMark:
        return replace(self, shown=at)

    def closed(self) -> ReadMark:
        """Count what was on the screen as read."""
        return ReadMark(self.shown or self.since)

    @property
    def text(self) -> str:
        """The mark for storing; what is only on the screen is not read yet."""
        return self.since.isoformat() if self.since else ""


def parse_read_mark(text: str) -> ReadMark:
    """Return the stored mark, or an empty one if the text is not a time with a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ReadMark()
    return ReadMark(moment if moment.tzinfo else None)


def worth_remembering(snapshot: Snapshot | None) -> bool:
    """Whether the first update has finished: before that everything is new, and the mark would be useless."""
    return bool(snapshot and snapshot.stats and snapshot.stats.last_update)
