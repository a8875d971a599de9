"""The connection of a client without a server: that of the user who started the API."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api.access import CALLER
from backend.system.caller import Caller


def from_caller(app: ASGIApp, caller: Caller = Caller.OWNER) -> ASGIApp:
    """Return the application as clients of this caller reach it."""

    async def with_caller(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "state": {**scope.get("state", {}), CALLER: caller}}
        await app(scope, receive, send)

    return with_caller
