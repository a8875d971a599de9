"""The connection of a client without a server: that of the user who started the API."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api.access import PEER
from backend.system.peer import Peer


def from_peer(app: ASGIApp, peer: Peer = Peer.OWNER) -> ASGIApp:
    """Return the application as clients of this peer reach it."""

    async def with_peer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "state": {**scope.get("state", {}), PEER: peer}}
        await app(scope, receive, send)

    return with_peer
