"""The role that each route needs, declared beside it with `@needs(...)`.

A route without a declaration cannot be added. The role is checked before the body of the request is read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any, TypeVar
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.types import Scope

from backend.api.errors import NotPermitted
from backend.contract.access import AccessRole, Actor
from backend.services.access.grants import Grant

GRANT = "grant"
"""Key of the scope's state: the `Grant` of the sender, which AccessMiddleware adds."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])
_declared: WeakKeyDictionary[Callable[..., object], AccessRole] = WeakKeyDictionary()

log = logging.getLogger(__name__)


def needs(role: AccessRole) -> Callable[[Endpoint], Endpoint]:
    """Declare the role that an endpoint needs; stands below the decorator of the route."""

    def declare(endpoint: Endpoint) -> Endpoint:
        _declared[endpoint] = role
        return endpoint

    return declare


class RoleRoute(APIRoute):
    """A route that answers only senders with its role."""

    @property
    def role(self) -> AccessRole:
        """Raises TypeError where none is declared."""
        if (role := _declared.get(self.endpoint)) is None:
            raise TypeError(f"{self.path} does not declare the role that it needs")
        return role

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        role, handle = self.role, super().get_route_handler()

        async def handle_permitted(request: Request) -> Response:
            _check(request, role)
            return await handle(request)

        return handle_permitted


Router = partial(APIRouter, route_class=RoleRoute)
"""Makes a router whose routes all declare their roles."""


def _check(request: Request, needed: AccessRole) -> None:
    grant: Grant = request.scope["state"][GRANT]
    if grant.role.includes(needed):
        return
    line = request_line(request.scope)
    log.warning("%s refused: the role of “%s” is %s, needed is %s", line, grant.actor, grant.role, needed)
    raise NotPermitted(
        "Not permitted",
        f"This token has the role “{grant.role}”; this request needs “{needed}”.",
        "An administrator can make another one: `openthreat token create NAME --role ROLE`.",
    )


async def _sender(request: Request) -> Actor:
    grant: Grant = request.scope["state"][GRANT]
    return grant.actor


Sender = Annotated[Actor, Depends(_sender)]
"""Who sends the request."""


def address_of(scope: Scope) -> str:
    """The address that a request comes from; "" where the server does not say it."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def request_line(scope: Scope) -> str:
    """Method, path and sender of a request, for the log. The query is left out: people may put tokens into it."""
    path = scope["raw_path"].decode("ascii", "backslashreplace")
    return f"{scope['method'][:10]} {path[:200]} from {address_of(scope) or 'an unknown address'}"
