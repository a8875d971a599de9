"""The watchlist: what concerns a person without being installed. It is shared by all who share the database."""

from __future__ import annotations

import logging

from msgspec.structs import replace
from pydantic import ValidationError
from sqlalchemy import Connection

from backend.contract.exposure import Watched, Watchlist
from backend.domain.search import SearchQuery, WatchedTerms
from backend.store.repositories.events import EventRepository
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
    """Store a watchlist, without entries that say nothing and without repetitions."""
    items = dict.fromkeys(item for item in wanted.items if item.vendor or item.product or item.search)
    kept = Watchlist(items=tuple(items))
    MetadataRepository(connection).set(WATCHLIST_KEY, kept.model_dump_json())
    EventRepository(connection).refresh_mine(map(terms_of, kept.items))
    return kept


def with_watched(connection: Connection, query: SearchQuery) -> SearchQuery:
    """The query with what is watched, if it asks for what concerns this database's users."""
    if not query.mine:
        return query
    return replace(query, watched=watched_terms(connection))


def watched_terms(connection: Connection) -> tuple[WatchedTerms, ...]:
    """What is watched, as it is searched for."""
    return tuple(map(terms_of, watchlist(connection).items))


def terms_of(item: Watched) -> WatchedTerms:
    return WatchedTerms(item.vendor, item.product, item.search)
