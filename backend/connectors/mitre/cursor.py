"""How far the CVE list has been read."""

from __future__ import annotations

from datetime import datetime

import msgspec

from backend.connectors.mitre.parse import PARSER_VERSION


class MitreCursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """All times are the service's own, never this computer's.

    watermark: what was published up to then is stored; baseline: name of the archive begun last, baseline_at: the
    midnight it was made; position: in its directory, where to go on (None: it was read to its end), done: records of
    it so far; log_etag: of the log read last; log_at: the newest entry that a log has ever shown.
    """

    watermark: datetime | None = None
    parser: int = 0
    baseline: str = ""
    baseline_at: datetime | None = None
    position: int | None = None
    done: int = 0
    log_etag: str = ""
    log_at: datetime | None = None


def latest_of(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)


def read_cursor(cursor: bytes | None) -> MitreCursor:
    """One that another parser wrote is good for nothing but its times: all records have to be read again."""
    read = msgspec.json.decode(cursor, type=MitreCursor) if cursor else MitreCursor()
    return read if read.parser == PARSER_VERSION else fresh(read)


def fresh(cursor: MitreCursor) -> MitreCursor:
    """To begin anew, with no more than the times that another cursor knows."""
    return MitreCursor(watermark=cursor.watermark, parser=PARSER_VERSION, log_at=cursor.log_at)
