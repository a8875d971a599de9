"""Since when something is new to the person who looks. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from backend.contract.snapshot import Snapshot


@dataclass(frozen=True)
class LastLook:
    """since: all that was known until then has been seen; None: nobody has looked yet.

    shown: until when that is known which stands before the person's eyes now; None: nothing does.
    """

    since: datetime | None = None
    shown: datetime | None = None

    def showing(self, at: datetime) -> LastLook:
        return replace(self, shown=at)

    def over(self) -> LastLook:
        """What stood there has been seen."""
        return LastLook(self.shown or self.since)

    @property
    def text(self) -> str:
        """To be kept until the next start; what only stands there now is not seen yet."""
        return self.since.isoformat() if self.since else ""


def look_of(text: str) -> LastLook:
    """From what was kept; nobody has looked yet where that makes no sense."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return LastLook()
    return LastLook(moment if moment.tzinfo else None)


def worth_remembering(snapshot: Snapshot | None) -> bool:
    """Before the first update has come to its end all is new, and nothing is news."""
    return bool(snapshot and snapshot.stats and snapshot.stats.last_update)
