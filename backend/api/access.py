"""Access control of the API: programs of this user on this machine, or clients that send a token; never web pages.

A web page in a browser can send requests to loopback addresses, and read the answers by DNS rebinding. Its requests
are recognised by their Host, Origin and Sec-Fetch-Site headers.

Loopback addresses can be reached by all users of the machine. Without a token, a connection therefore has to come from
a program of this user. One that forwards connections (ssh, a proxy, a container engine) counts as the user it runs as.
Only `GET /live` is answered to everybody, so that another user's OpenThreat recognises that the port is in use.

A token that a request carries decides what it may do, whoever sends it: OPENTHREAT_API_TOKEN is the owner's, those in
the database have a role each. Which role a route needs is declared beside it, see `backend.api.roles`.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api import errors
from backend.api.roles import GRANT, address_of, request_line
from backend.config import Settings
from backend.contract.access import AccessRole, Actor
from backend.contract.bundle import MAX_BUNDLE
from backend.contract.errors import ConfigurationError, ErrorFields, OpenThreatError
from backend.contract.names import API_PREFIX, FEED_PATH
from backend.contract.problem_catalogue import ProblemId
from backend.services.access.grants import Grant
from backend.system.caller import Caller
from backend.system.machine import host_name, user_name
from backend.system.ports import is_loopback

log = logging.getLogger(__name__)

MAX_ADDRESS = 8192
"""Longest path and query together, in bytes."""
MAX_BODY = 64 * 1024
"""Longest body in bytes, except of inventories. The largest valid one is a change of a schedule entry."""
_MAX_BODIES = {
    f"{API_PREFIX}/match": 4 * 2**20,
    f"{API_PREFIX}/machines/": 32 * 2**20,
    f"{API_PREFIX}/bundle": MAX_BUNDLE,
}
"""Longest bodies by the beginning of the path: 2,000 and 20,000 entries with some hundred characters each, and a
bundle, which is written to a file."""
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HTTP_PORT = 80

CALLER = "caller"
"""Key of the scope's state: the `Caller` of the connection, which the server determines."""
_LIVE = f"{API_PREFIX}/live"
_NOBODY = Grant(AccessRole.READ, Actor(user=""))
_TOKEN_REQUIRED = ErrorFields(
    title="Token missing or wrong",
    message="This API requires a token, and the request has none, or one that is unknown or revoked.",
    hint="Send the header `Authorization: Bearer <token>`. Commands read it from OPENTHREAT_API_TOKEN; "
    "`openthreat token create` makes one.",
)
_ANY_USER = "With OPENTHREAT_API_TOKEN set, the API answers every program that sends the token, of any user."
_REFUSED_CALLERS = {
    Caller.OTHER: ErrorFields(
        title="This OpenThreat belongs to another user",
        message="Its API answers only the programs of the user who started it.",
        hint=f"`openthreat up` starts your own, on another port. {_ANY_USER}",
        id=ProblemId.API_OF_ANOTHER,
    ),
    Caller.UNKNOWN: ErrorFields(
        title="The user cannot be determined",
        message="The API answers only the programs of the user who started it, and the system does not say whose "
        "program sent this request.",
        hint=_ANY_USER,
    ),
}


def check_exposure(settings: Settings) -> None:
    """Check that the API cannot be reached from the network without a token.

    Raises:
        ConfigurationError: The API would listen on a public address without a token.
    """
    if not is_loopback(settings.api_host) and not settings.token:
        raise ConfigurationError(
            "The API may not listen without a token",
            f"{settings.api_host} can be reached by other machines.",
            "Set OPENTHREAT_API_TOKEN to a long random text, or OPENTHREAT_API_HOST to 127.0.0.1.",
        )


Refusal = tuple[HTTPStatus, ErrorFields]


class AccessMiddleware:
    """Rejects requests that must not reach a route, and adds to the others what their sender may do.

    Args:
        grants: Returns what a token from the database permits, by the token and the sender's address.
    """

    def __init__(self, app: ASGIApp, settings: Settings, grants: Callable[[str, str], Grant | None]) -> None:
        self._app, self._grants = app, grants
        self._any_host = not is_loopback(settings.api_host)
        self._token = settings.token.encode()
        self._owner = Grant(AccessRole.ADMINISTER, Actor(user=user_name(), machine=host_name()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        permitted = await self._permitted(scope)
        if isinstance(permitted, Grant):
            scope["state"] = {**scope.get("state", {}), GRANT: permitted}
            await self._app(scope, _limit_body(receive, _max_body(scope)), send)
            return
        status, error = permitted
        headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
        await errors.error_response(status, error, headers)(scope, receive, send)

    async def _permitted(self, scope: Scope) -> Grant | Refusal:
        headers = Headers(scope=scope)
        if (refusal := self._foreign_page(scope, headers)) is not None:
            return refusal
        try:
            permitted = await self._granted(scope, headers)
        except OpenThreatError as error:
            return errors.status_of(error), error.fields
        if not isinstance(permitted, Grant):
            log.warning("%s refused: %s", request_line(scope), permitted[1].title)
            return permitted
        return self._too_long(scope, headers) or permitted

    def _foreign_page(self, scope: Scope, headers: Headers) -> Refusal | None:
        if not self._host_allowed(scope, headers):
            return HTTPStatus.FORBIDDEN, ErrorFields(
                title="Host not allowed",
                message="The Host header of the request is not an address of this API.",
                hint="Use http://127.0.0.1 with the port of the API.",
            )
        if not self._same_origin(scope, headers):
            return HTTPStatus.FORBIDDEN, ErrorFields(
                title="Origin not allowed", message="Pages of other sites cannot use this API."
            )
        return None

    async def _granted(self, scope: Scope, headers: Headers) -> Grant | Refusal:
        """What the sender may do.

        Raises:
            OpenThreatError: The database with the tokens cannot be read.
        """
        token = _bearer_token(headers) or _token_in_address(scope)
        if token and self._token and hmac.compare_digest(token.encode("utf-8", "replace"), self._token):
            return self._owner
        if token:
            found = await run_in_threadpool(self._grants, token, address_of(scope))
            return found or (HTTPStatus.UNAUTHORIZED, _TOKEN_REQUIRED)
        return (HTTPStatus.UNAUTHORIZED, _TOKEN_REQUIRED) if self._token else self._granted_to_caller(scope)

    def _granted_to_caller(self, scope: Scope) -> Grant | Refusal:
        caller = scope.get("state", {}).get(CALLER, Caller.UNKNOWN)
        if caller is Caller.OWNER:
            return self._owner
        if (scope["method"], scope["path"]) == ("GET", _LIVE):
            return _NOBODY
        return HTTPStatus.FORBIDDEN, _REFUSED_CALLERS[caller]

    @staticmethod
    def _too_long(scope: Scope, headers: Headers) -> Refusal | None:
        if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_ADDRESS:
            return HTTPStatus.REQUEST_URI_TOO_LONG, ErrorFields(
                title="Address too long",
                message=f"Path and query together are limited to {MAX_ADDRESS} bytes.",
                hint="Search for fewer words.",
            )
        if _declared_length(headers) > _max_body(scope):
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, errors.TOO_LARGE
        return None

    def _host_allowed(self, scope: Scope, headers: Headers) -> bool:
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            return False
        if self._any_host:
            return True
        port = scope["server"][1]
        allowed = {f"{name}:{port}" for name in _LOOPBACK_NAMES} | (
            set(_LOOPBACK_NAMES) if port == _HTTP_PORT else set()
        )
        return hosts[0].lower() in allowed

    @staticmethod
    def _same_origin(scope: Scope, headers: Headers) -> bool:
        own = f"{scope['scheme']}://{headers['host']}".lower()
        return all(origin.lower() == own for origin in headers.getlist("origin")) and all(
            site in ("same-origin", "none") for site in headers.getlist("sec-fetch-site")
        )


def _bearer_token(headers: Headers) -> str:
    """The token of a request; "" without one. Other schemes count as none. Clients send it in UTF-8."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip().encode("latin-1").decode("utf-8", "replace") if scheme.lower() == "bearer" else ""


def _token_in_address(scope: Scope) -> str:
    """The token that a feed reader sends as a parameter; "" for all other paths."""
    if scope["path"] != FEED_PATH or scope["method"] not in ("GET", "HEAD"):
        return ""
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("token", [""])[-1]


def _max_body(scope: Scope) -> int:
    path: str = scope["path"]
    return next((limit for beginning, limit in _MAX_BODIES.items() if path.startswith(beginning)), MAX_BODY)


def _limit_body(receive: Receive, limit: int) -> Receive:
    """Stop a body that exceeds the limit without a Content-Length, or in spite of it."""
    received = 0

    async def receive_within_limit() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return receive_within_limit


def _declared_length(headers: Headers) -> int:
    """Return the body's length by the Content-Length header; 0 without a valid one."""
    length = headers.get("content-length", "")
    return int(length[:20]) if length.isascii() and length.isdigit() else 0
