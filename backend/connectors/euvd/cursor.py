"""Where reading EUVD stands. Written with every page, so that a run that is killed goes on from there."""

from __future__ import annotations

from datetime import date, datetime

import msgspec


class DayWindow(msgspec.Struct):
    """Records last updated from `first` to `last` (None: open, up to the newest), read up to `page`.

    total: how many there were when it was last asked; None: not asked yet.
    """

    first: date
    last: date | None = None
    page: int = 0
    total: int | None = None


class TakenListing(msgspec.Struct):
    """A complete listing as it was last taken in. edition: which one, as far as can be told without fetching it."""

    edition: str
    sha256: str
    entries: int


class EuvdCursor(msgspec.Struct, omit_defaults=True):
    """watermark: changes up to there are in, but for what `windows` still holds (the next one to be read is the last);
    head: when changes were last looked for. All times are the service's, never this computer's."""

    watermark: datetime | None = None
    head: datetime | None = None
    windows: list[DayWindow] = []
    mapping: TakenListing | None = None
    kev: TakenListing | None = None

    def written(self) -> bytes:
        return msgspec.json.encode(self)


def read_cursor(written: bytes | None) -> EuvdCursor:
    """What this version cannot read is as good as none: everything is read once more, and nothing is lost."""
    try:
        return msgspec.json.decode(written, type=EuvdCursor) if written else EuvdCursor()
    except msgspec.DecodeError:
        return EuvdCursor()
