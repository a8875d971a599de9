"""Routes for vulnerabilities: search, complete lists, single records and their changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Response

from backend.api.errors import BadInput, PositionLost
from backend.api.parameters import PortionParameters, RecordId, SearchParameters
from backend.api.roles import Router, needs
from backend.config import Settings
from backend.contract.access import AccessRole
from backend.contract.record_details import EpssTrend, FixList, SourceComparison
from backend.contract.vulnerabilities import (
    ChangeList,
    ClaimList,
    SummaryPage,
    Vulnerability,
    VulnerabilityPage,
    VulnerabilityPortion,
)
from backend.domain.canonical import is_vulnerability_id, normalise_id
from backend.domain.search import Position
from backend.services.exposure.watching import with_watched
from backend.services.query import record_details, vulnerabilities
from backend.services.query.search_cache import SearchCache
from backend.store.engine import Database

if TYPE_CHECKING:
    from backend.connectors.epss.series import EpssSeries


def router(settings: Settings, database: Database, searches: SearchCache, clock: Callable[[], datetime]) -> APIRouter:
    routes = Router(prefix="/vulnerabilities", tags=["vulnerabilities"])

    @routes.get("", response_model=VulnerabilityPage | SummaryPage)
    @needs(AccessRole.READ)
    def search_vulnerabilities(filters: Annotated[SearchParameters, Query()]) -> Response:
        """Vulnerabilities that match all given filters, page by page; with `brief`, only what a list shows of each."""
        with database.reading() as connection:
            query = with_watched(connection, filters.query())
            found = searches.find(connection, query)
            page = (
                vulnerabilities.to_summary_page(connection, found, query)
                if filters.brief
                else vulnerabilities.to_page(connection, found, query, clock())
            )
        # Written here: FastAPI would check a summary against the whole record first, which takes longer than all else.
        return Response(page.model_dump_json(), media_type="application/json")

    @routes.get("/all")
    @needs(AccessRole.READ)
    def list_vulnerabilities(filters: Annotated[PortionParameters, Query()]) -> VulnerabilityPortion:
        """All vulnerabilities that match, in portions of equal cost: for exports and other complete lists.

        Send `next` of each answer as `after` of the following request, with the same filters, until it is null.
        """
        with database.reading() as connection:
            query = with_watched(connection, filters.query(_position(filters)))
            return vulnerabilities.read_portion(connection, query, clock())

    @routes.get("/{cve_id}")
    @needs(AccessRole.READ)
    def get_vulnerability(cve_id: Annotated[RecordId, Path()]) -> Vulnerability:
        """One complete record, by its id or another one of it (EUVD, GHSA), in upper or lower case."""
        with database.reading() as connection:
            return vulnerabilities.get_vulnerability(connection, _checked_id(cve_id), clock())

    @routes.get("/{cve_id}/changes")
    @needs(AccessRole.READ)
    def list_changes(cve_id: Annotated[RecordId, Path()]) -> ChangeList:
        """Changes of one record, field by field, newest first."""
        with database.reading() as connection:
            return vulnerabilities.list_changes(connection, _checked_id(cve_id))

    @routes.get("/{cve_id}/claims")
    @needs(AccessRole.READ)
    def list_claims(cve_id: Annotated[RecordId, Path()]) -> ClaimList:
        """What each source states about one vulnerability, before it is merged."""
        with database.reading() as connection:
            return vulnerabilities.list_claims(connection, _checked_id(cve_id))

    @routes.get("/{cve_id}/fixes")
    @needs(AccessRole.READ)
    def list_fixes(cve_id: Annotated[RecordId, Path()]) -> FixList:
        """The versions in which it is fixed, as the sources state them."""
        with database.reading() as connection:
            return record_details.list_fixes(connection, _checked_id(cve_id))

    @routes.get("/{cve_id}/sources")
    @needs(AccessRole.READ)
    def compare_sources(cve_id: Annotated[RecordId, Path()]) -> SourceComparison:
        """What each source says, field by field, beside the merged value and why it won."""
        with database.reading() as connection:
            return record_details.compare_sources(connection, _checked_id(cve_id))

    routes.include_router(_epss_routes(settings, database))
    return routes


def _epss_routes(settings: Settings, database: Database) -> APIRouter:
    routes = Router()

    @cache
    def series() -> EpssSeries:
        """Imported late: the connectors use 6 MiB."""
        from backend.connectors.epss.series import EpssSeries

        return EpssSeries(settings)

    @routes.get("/{cve_id}/epss")
    @needs(AccessRole.READ)
    def get_epss_trend(cve_id: Annotated[RecordId, Path()]) -> EpssTrend:
        """The EPSS scores that were kept, one a day, since the vulnerability concerns the users of this database."""
        with database.reading() as connection:
            return record_details.kept_trend(connection, _checked_id(cve_id))

    @routes.post("/{cve_id}/epss")
    @needs(AccessRole.READ)
    def request_epss_trend(cve_id: Annotated[RecordId, Path()]) -> EpssTrend:
        """Ask FIRST for the EPSS scores of the last 30 days, now. They are not stored."""
        with database.reading() as connection:
            known = record_details.rated_id(connection, _checked_id(cve_id))
        return EpssTrend(cve_id=known, points=series().points(known), is_kept=False)

    return routes


def _position(filters: PortionParameters) -> Position | None:
    try:
        return vulnerabilities.parse_position(filters.after, filters.sort_by) if filters.after else None
    except ValueError as error:
        raise PositionLost(
            "Invalid position",
            f"`after` is not a position in this list: {error}.",
            "Send `next` of the previous answer, with the same sort order.",
        ) from error


def _checked_id(text: str) -> str:
    vulnerability_id = normalise_id(text)
    if not is_vulnerability_id(vulnerability_id):
        raise BadInput(
            "Not a CVE id",
            "An id looks like CVE-2024-3094, EUVD-2024-1234 or GHSA-2222-3333-4444.",
            "To search for words, use the search.",
        )
    return vulnerability_id
