"""A redirect to another host does not get the user's key."""

from __future__ import annotations

import socket

from backend.connectors.http import HttpSession
from backend.network.access import NetworkAccess
from tests.fakes.web import RawServer, answers, redirects

KEY = {"apiKey": "planted-secret"}


def test_a_key_does_not_follow_to_another_host() -> None:
    with RawServer(answers(b"{}")) as other, RawServer(redirects(other.base + "/x")) as service:
        assert HttpSession(NetworkAccess()).get(service.base, headers=KEY, timeout=5).status_code == 200
    assert b"planted-secret" in service.requests[0]
    assert b"planted-secret" not in other.requests[0]


def test_a_key_follows_on_the_same_host() -> None:
    with RawServer(answers(b"{}")) as service:
        here = service.base
        first = redirects(f"{here}/there")

        def reply(visitor: socket.socket) -> None:
            (answers(b"{}") if len(service.requests) > 1 else first)(visitor)

        service.reply = reply
        HttpSession(NetworkAccess()).get(here, headers=KEY, timeout=5)
    assert b"planted-secret" in service.requests[1]
