"""Searches that are saved under a name. They are shared by all who share the database, as the watchlist is."""

from __future__ import annotations

import logging

from pydantic import ValidationError
from sqlalchemy import Connection

from backend.contract.searches import SavedSearches
from backend.domain.search import WatchedTerms, query_of
from backend.store.repositories.metadata import SAVED_SEARCHES_KEY, MetadataRepository

log = logging.getLogger(__name__)


def saved_searches(connection: Connection) -> SavedSearches:
    """Return the saved searches; none if there are none, or only those of another version's format."""
    stored = MetadataRepository(connection).get(SAVED_SEARCHES_KEY)
    try:
        return SavedSearches.model_validate_json(stored) if stored else SavedSearches()
    except ValidationError as error:
        log.warning("the saved searches cannot be read: %s", error)
        return SavedSearches()


def store_searches(connection: Connection, wanted: SavedSearches) -> None:
    MetadataRepository(connection).set(SAVED_SEARCHES_KEY, wanted.model_dump_json(exclude_defaults=True))


def watched_searches(connection: Connection) -> list[tuple[str, WatchedTerms]]:
    """The names of the searches that are watched, and what they find."""
    return [
        (search.name, WatchedTerms(query=query_of(search.filters)))
        for search in saved_searches(connection).items
        if search.is_watched
    ]
