"""Where reading NVD stands. Written with every page, so that a run that is killed goes on from there."""

from __future__ import annotations

from datetime import datetime

import msgspec


class YearFeed(msgspec.Struct):
    """A year feed as it was last taken in: sha256 of its JSON, and how many records it had."""

    sha256: str
    records: int


class YearPass(msgspec.Struct):
    """A walk over all year feeds. since: the service's clock when it began; done: years that need no second look."""

    since: datetime
    done: list[int] = []


class Place(msgspec.Struct):
    """How many records of which feed (and of which edition of it) are in already."""

    feed: str
    sha256: str
    records: int = 0


class Window(msgspec.Struct):
    """A stretch of changes read by the API; without dates, everything. timestamp: the service's clock when it began."""

    start: datetime | None = None
    end: datetime | None = None
    index: int = 0
    total: int = 0
    timestamp: datetime | None = None


class Cursor(msgspec.Struct, omit_defaults=True):
    """watermark: all changes up to there are in; checked: when all year feeds were last compared; modified: sha256 of
    the `modified` feed last taken in. All times are the service's, never this computer's."""

    watermark: datetime | None = None
    checked: datetime | None = None
    modified: str = ""
    years: dict[str, YearFeed] = {}
    walk: YearPass | None = None
    place: Place | None = None
    window: Window | None = None

    def written(self) -> bytes:
        return msgspec.json.encode(self)


def read_cursor(written: bytes | None) -> Cursor:
    """What this version cannot read is as good as none: everything is read once more, and nothing is lost."""
    try:
        return msgspec.json.decode(written, type=Cursor) if written else Cursor()
    except msgspec.DecodeError:
        return Cursor()
