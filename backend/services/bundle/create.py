"""Make a bundle of all that the sources state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection

from backend.contract.errors import NotFound
from backend.contract.names import Source
from backend.contract.version import VERSION
from backend.contract.wire import utc_now
from backend.services.bundle.bundle_file import End, Header, Message, Portion, ScoresOfYear, SourcePosition, written
from backend.services.update.source_update import is_complete
from backend.store.engine import Database
from backend.store.repositories.epss import EpssRepository
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.source_records import StoredRecords, of_sources
from backend.store.repositories.sources import SourceRepository

PORTION = 500


def create_bundle(database: Database, clock: Callable[[], datetime] = utc_now) -> Iterator[bytes]:
    """The bytes of a bundle, without signature. They are made while they are taken.

    The positions of the sources are read before the records: what an update writes in the meantime is in the bundle or
    not, and the first update after its loading finds it.

    Raises:
        NotFound: No source was read completely yet. It is raised at once, not with the first bytes.
        StoreUnavailable: The database cannot be reached; also between the bytes.
    """
    with database.reading() as connection:
        header = _header(connection, clock())
    return written(_messages(database, header))


def _header(connection: Connection, now: datetime) -> Header:
    states = tuple(_complete_sources(connection))
    if not states:
        raise NotFound(
            "There is nothing to put into a bundle yet",
            "No source was read completely.",
            "Wait until the first update has ended.",
        )
    return Header(uuid4().hex, now, VERSION, IngestRepository(connection).count_ids(), states)


def _complete_sources(connection: Connection) -> Iterator[SourcePosition]:
    sources = SourceRepository(connection)
    for stored in sources.all():
        cursor = sources.cursor(stored.source)
        if cursor is not None and is_complete(connection, stored.source):
            yield SourcePosition(stored.source, cursor, stored.watermark)


def _messages(database: Database, header: Header) -> Iterator[Message]:
    sources = {state.source for state in header.sources}
    yield header
    if Source.EPSS in sources:
        yield from _scores(database)
    count = 0
    for portion in _portions(database, sources):
        count += len(portion.rows)
        yield portion
    yield End(count)


def _scores(database: Database) -> Iterator[ScoresOfYear]:
    with database.reading() as connection:
        years = EpssRepository(connection).years()
    for year in years:
        with database.reading() as connection:
            scores = EpssRepository(connection).scores(year)
        if scores:
            yield ScoresOfYear.of(year, scores)


def _portions(database: Database, sources: set[Source]) -> Iterator[Portion]:
    """All records of these sources. Each portion is read by itself: a long transaction would keep an update's log."""
    everything, last = sources >= set(Source), None
    while rows := _stored_before(database, last):
        last = rows[-1][0]
        kept = rows if everything else [row for stored in rows if (row := of_sources(stored, sources)) is not None]
        if kept:
            yield Portion(kept)


def _stored_before(database: Database, last: str | None) -> list[StoredRecords]:
    with database.reading() as connection:
        return IngestRepository(connection).stored_before(last, PORTION)
