"""The route of the Atom feed.

The access rules take the token from the address here, since feed readers cannot send headers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from backend.api.parameters import FeedFilters
from backend.api.roles import Router, needs
from backend.client.inventory.machine_id import known_machine_id
from backend.config import Settings
from backend.contract.access import AccessRole
from backend.contract.names import API_PREFIX, FEED_PATH
from backend.services.news.atom import MEDIA_TYPE, FeedVersions, build_feed
from backend.store.engine import Database


def router(settings: Settings, database: Database, clock: Callable[[], datetime]) -> APIRouter:
    routes, versions = Router(tags=["inbox"]), FeedVersions()

    @routes.get(
        FEED_PATH.removeprefix(API_PREFIX),
        response_class=Response,
        responses={
            HTTPStatus.OK: {"content": {"application/atom+xml": {"schema": {"type": "string"}}}},
            HTTPStatus.NOT_MODIFIED: {"description": "Not modified"},
        },
    )
    @needs(AccessRole.READ)
    def get_feed(
        request: Request,
        filters: Annotated[FeedFilters, Query()],
        if_none_match: Annotated[str | None, Header()] = None,
        if_modified_since: Annotated[str | None, Header()] = None,
    ) -> Response:
        """What happened, as an Atom feed. Where the API needs a token, the address may carry it: `&token=…`."""
        with database.reading() as connection:
            address, own = str(request.base_url).rstrip("/"), known_machine_id(settings.home)
            body = build_feed(connection, filters.scope, own, address)
        version = versions.validators(filters.scope, body, clock())
        headers = {"ETag": version.etag, "Last-Modified": version.last_modified, "Cache-Control": "private, no-cache"}
        if version.match(if_none_match, if_modified_since):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(body, headers=headers, media_type=MEDIA_TYPE)

    return routes
