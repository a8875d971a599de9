"""Who may talk to the API: programs of this machine, or whoever knows the token; never a page in a browser.

A web page may send requests to loopback addresses, and by DNS rebinding even read the answers. Such requests give
themselves away by their Host, Origin or Sec-Fetch-Site header.
"""

from __future__ import annotations

import hmac
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api import errors
from backend.config import Settings
from backend.contract.errors import ConfigurationError, ErrorFields
from backend.system.ports import is_loopback

MAX_ADDRESS = 8192
"""Bytes of path and query together."""
MAX_BODY = 64 * 1024
"""Bytes. The longest body that makes sense is a schedule entry's."""
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HTTP_PORT = 80


def check_exposure(settings: Settings) -> None:
    """Raises ConfigurationError for an API that the network would reach without a token."""
    if not is_loopback(settings.api_host) and not settings.token:
        raise ConfigurationError(
            "The API may not listen without a token",
            f"{settings.api_host} can be reached by other machines.",
            "Set OPENTHREAT_API_TOKEN to a long random text, or OPENTHREAT_API_HOST to 127.0.0.1.",
        )


class Gate:
    """Turns away what must not reach a route."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._any_host = not is_loopback(settings.api_host)
        self._token = settings.token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, _limited(receive), send)
            return
        status, error = refusal
        headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
        await errors.answer(status, error, headers)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[HTTPStatus, ErrorFields] | None:
        headers = Headers(scope=scope)
        if not self._host_is_ours(scope, headers):
            return HTTPStatus.FORBIDDEN, ErrorFields(
                title="Foreign host name",
                message="The request names another host than this API.",
                hint="Call it by http://127.0.0.1 and its port.",
            )
        if not self._comes_from_here(scope, headers):
            return HTTPStatus.FORBIDDEN, ErrorFields(
                title="Foreign origin", message="Pages of other sites may not use this API."
            )
        if self._token and not self._token_matches(headers):
            return HTTPStatus.UNAUTHORIZED, ErrorFields(
                title="Token missing or wrong",
                message="This API answers only to those who send its token.",
                hint="Send the header `Authorization: Bearer <token>`; the commands read it from OPENTHREAT_API_TOKEN.",
            )
        if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_ADDRESS:
            return HTTPStatus.REQUEST_URI_TOO_LONG, ErrorFields(
                title="Address too long",
                message=f"Path and query together may have {MAX_ADDRESS} bytes.",
                hint="Search for fewer words.",
            )
        if _announced(headers) > MAX_BODY:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, errors.TOO_LARGE
        return None

    def _host_is_ours(self, scope: Scope, headers: Headers) -> bool:
        given = headers.getlist("host")
        if len(given) != 1:
            return False
        if self._any_host:
            return True
        port = scope["server"][1]
        allowed = {f"{name}:{port}" for name in _LOOPBACK_NAMES} | (
            set(_LOOPBACK_NAMES) if port == _HTTP_PORT else set()
        )
        return given[0].lower() in allowed

    @staticmethod
    def _comes_from_here(scope: Scope, headers: Headers) -> bool:
        own = f"{scope['scheme']}://{headers['host']}".lower()
        return all(origin.lower() == own for origin in headers.getlist("origin")) and all(
            site in ("same-origin", "none") for site in headers.getlist("sec-fetch-site")
        )

    def _token_matches(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode("latin-1"), self._token)


def _limited(receive: Receive) -> Receive:
    """Ends a body whose length nobody announced, or that is longer than announced."""
    received = 0

    async def receive_within_limit() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return receive_within_limit


def _announced(headers: Headers) -> int:
    """The body's length as its sender says."""
    length = headers.get("content-length", "")
    return int(length[:20]) if length.isascii() and length.isdigit() else 0
