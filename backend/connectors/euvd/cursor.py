"""The cursor of EUVD, written with every page, so that the next run continues after a kill."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from backend.connectors.euvd.parse import PARSER_VERSION


class DayWindow(msgspec.Struct):
    """Records last updated from `first` to `last` (None: up to the newest).

    page: the next one to read; total: the number of records at the last request (None: no request yet); empty_since:
    when it was first found to have none although it had some (None: it was not).
    """

    first: date
    last: date | None = None
    page: int = 0
    total: int | None = None
    empty_since: datetime | None = None


class TakenListing(msgspec.Struct):
    """A complete listing as read last. edition: identifies it as far as is possible without downloading it."""

    edition: str
    sha256: str
    entries: int


class EuvdCursor(msgspec.Struct, omit_defaults=True):
    """How far EUVD has been read. All times are the service's own, never this computer's.

    watermark: changes up to then are stored, except those in `windows`, which are read from the last to the first;
    parser: the version of the parser that read them, which the first one did not note; head: when changes were last
    looked for.
    """

    watermark: datetime | None = None
    parser: int = 1
    head: datetime | None = None
    windows: list[DayWindow] = []
    mapping: TakenListing | None = None
    kev: TakenListing | None = None

    def written(self) -> bytes:
        return msgspec.json.encode(self)


def read_cursor(written: bytes | None) -> EuvdCursor:
    """Decode a cursor. One that this version cannot read, or of another parser, counts as none: all is read again."""
    fresh = EuvdCursor(parser=PARSER_VERSION)
    try:
        state = msgspec.json.decode(written, type=EuvdCursor) if written else fresh
    except msgspec.DecodeError:
        return fresh
    return state if state.parser == PARSER_VERSION else fresh
