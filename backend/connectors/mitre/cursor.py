"""The cursor of the CVE list."""

from __future__ import annotations

from datetime import datetime

import msgspec

from backend.connectors.mitre.parse import PARSER_VERSION


class MitreCursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far the list has been read. All times are the service's own, never this computer's.

    watermark: changes published up to then are stored; baseline: the archive started last; baseline_at: the midnight it
    was made; position: the next entry of its directory (None: it was read to the end); done: its records read so far;
    log_etag: of the change log read last; log_at: the newest entry seen in any change log; fetched: the single records
    stored of changes that are not all stored yet, with the newest entry of the log by which they were fetched.
    """

    watermark: datetime | None = None
    parser: int = 0
    baseline: str = ""
    baseline_at: datetime | None = None
    position: int | None = None
    done: int = 0
    log_etag: str = ""
    log_at: datetime | None = None
    fetched: dict[str, datetime] = {}


def latest_of(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)


def read_cursor(cursor: bytes | None) -> MitreCursor:
    """Decode a cursor. Of one written by another parser version only the times are used: all records are read again."""
    read = msgspec.json.decode(cursor, type=MitreCursor) if cursor else MitreCursor()
    return read if read.parser == PARSER_VERSION else fresh(read)


def fresh(cursor: MitreCursor) -> MitreCursor:
    """A cursor for a full read with the times of another one."""
    return MitreCursor(watermark=cursor.watermark, parser=PARSER_VERSION, log_at=cursor.log_at)
