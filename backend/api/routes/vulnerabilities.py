"""Vulnerabilities."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from backend.api.errors import BadInput
from backend.api.parameters import Identifier, VulnerabilityFilters, WalkFilters
from backend.contract.vulnerabilities import ChangeList, Vulnerability, VulnerabilityPage, VulnerabilityPortion
from backend.domain.canonical import is_vulnerability_id, normalise
from backend.domain.search import Position
from backend.services.query.search_cache import SearchCache
from backend.services.query.vulnerabilities import (
    get_vulnerability,
    list_changes,
    parse_position,
    read_portion,
    to_page,
)
from backend.store.engine import Database


def router(database: Database, cache: SearchCache, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(prefix="/vulnerabilities", tags=["vulnerabilities"])

    @routes.get("")
    def search(filters: Annotated[VulnerabilityFilters, Query()]) -> VulnerabilityPage:
        """All that fit every filter given."""
        with database.reading() as connection:
            query = filters.query()
            return to_page(cache.find(connection, query), query, clock())

    @routes.get("/all")
    def everything(filters: Annotated[WalkFilters, Query()]) -> VulnerabilityPortion:
        """All that fit, portion by portion: for whoever wants them all, however many there are."""
        with database.reading() as connection:
            return read_portion(connection, filters.query(_position(filters)), clock())

    @routes.get("/{cve_id}")
    def one(cve_id: Annotated[Identifier, Path()]) -> Vulnerability:
        """The whole record; the id in any case."""
        with database.reading() as connection:
            return get_vulnerability(connection, _checked(cve_id), clock())

    @routes.get("/{cve_id}/changes")
    def changes(cve_id: Annotated[Identifier, Path()]) -> ChangeList:
        """What changed when, field by field, newest first."""
        with database.reading() as connection:
            return list_changes(connection, _checked(cve_id))

    return routes


def _position(filters: WalkFilters) -> Position | None:
    try:
        return parse_position(filters.after, filters.sort_by) if filters.after else None
    except ValueError as error:
        raise BadInput(
            "That is no place in this list", str(error), "Send `next` of the portion before, and the same order."
        ) from error


def _checked(given: str) -> str:
    vulnerability_id = normalise(given)
    if not is_vulnerability_id(vulnerability_id):
        raise BadInput(
            "That is no CVE id",
            "An id looks like CVE-2024-3094 or EUVD-2024-1234.",
            "To look for words, use the search.",
        )
    return vulnerability_id
