"""What concerns a person without being installed: the watchlist and the saved searches that are watched.

Both are shared by all who share the database.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from msgspec.structs import replace
from pydantic import ValidationError
from sqlalchemy import Connection

from backend.contract.exposure import Watched, Watchlist
from backend.contract.inventory import EntryKind, SoftwareEntry
from backend.contract.searches import SavedSearches
from backend.domain.cpe import name_of
from backend.domain.search import SearchQuery, WatchedTerms
from backend.services.exposure.saved_searches import store_searches, watched_searches
from backend.store.repositories.events import EventRepository
from backend.store.repositories.inventories import InventoryRepository, ProgramEntry
from backend.store.repositories.metadata import WATCHLIST_KEY, MetadataRepository

log = logging.getLogger(__name__)


def watchlist(connection: Connection) -> Watchlist:
    """Return the watchlist; empty if there is none, or only one of another version's format."""
    stored = MetadataRepository(connection).get(WATCHLIST_KEY)
    try:
        return Watchlist.model_validate_json(stored) if stored else Watchlist()
    except ValidationError as error:
        log.warning("the stored watchlist cannot be read: %s", error)
        return Watchlist()


def replace_watchlist(connection: Connection, wanted: Watchlist) -> Watchlist:
    """Store a watchlist, without entries that say nothing and without repetitions.

    Products with a version are matched like installed programs, so a matching has to be requested.
    """
    items = dict.fromkeys(item for item in wanted.items if item.vendor or item.product or item.search)
    stored = Watchlist(items=tuple(items))
    MetadataRepository(connection).set(WATCHLIST_KEY, stored.model_dump_json())
    InventoryRepository(connection).put_programs([entry for item in stored.items if (entry := _program(item))])
    EventRepository(connection).refresh_mine(watched_terms(connection))
    return stored


def replace_searches(connection: Connection, wanted: SavedSearches) -> SavedSearches:
    """Store the saved searches. What the watched ones find is `mine` from then on."""
    store_searches(connection, wanted)
    EventRepository(connection).refresh_mine(watched_terms(connection))
    return wanted


def with_watched(connection: Connection, query: SearchQuery) -> SearchQuery:
    """The query with what is watched, if it asks for what concerns this database's users."""
    if not query.mine:
        return query
    return replace(query, watched=watched_terms(connection))


def watched_terms(connection: Connection) -> tuple[WatchedTerms, ...]:
    """What is watched, as it is searched for."""
    return tuple(terms for _, terms in named_terms(connection))


def named_terms(connection: Connection) -> list[tuple[str, WatchedTerms]]:
    """What is watched, each with its words: the entries of the watchlist, then the saved searches."""
    items = watchlist(connection).items
    named = zip(map(_words, items), _terms_of(connection, items), strict=True)
    return [*named, *watched_searches(connection)]


def _words(item: Watched) -> str:
    return " ".join(part for part in (item.vendor, item.product, item.version, item.search) if part)


def _terms_of(connection: Connection, items: Iterable[Watched]) -> tuple[WatchedTerms, ...]:
    """Entries of a watchlist as they are searched for, in the same order."""
    programs = {item: _program(item) for item in items}
    entries = [entry for entry in programs.values() if entry]
    numbers = InventoryRepository(connection).program_numbers(entries) if entries else {}
    return tuple(
        WatchedTerms(item.vendor, item.product, item.search, numbers.get(entry.digest, 0) if entry else 0)
        for item, entry in programs.items()
    )


def watched_entry(item: Watched) -> SoftwareEntry | None:
    """A product with its version as an entry of an inventory; None for what its names alone decide."""
    if not (item.product and item.version) or item.search:
        return None
    cpe = name_of(item.vendor, item.product) if item.vendor else ""
    return SoftwareEntry(
        name=item.product, publisher=item.vendor, version=item.version, cpe=cpe, kind=EntryKind.WATCHED
    )


def _program(item: Watched) -> ProgramEntry | None:
    entry = watched_entry(item)
    return ProgramEntry(entry.model_dump_json(), entry.name) if entry else None
