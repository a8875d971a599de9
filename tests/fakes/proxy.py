"""A small HTTP proxy on loopback: CONNECT and plain requests, with or without a password."""

from __future__ import annotations

import base64
import select
import socket
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from tests.fakes.web import RawServer

_REFUSAL = "HTTP/1.1 {0}\r\nProxy-Authenticate: Basic realm=proxy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class HttpProxy(RawServer):
    """Passes requests on to this machine.

    Args:
        hosts: The port of this machine behind each name; what is not there is answered with 502.
        login: "user:password" that it requires; empty: it requires none.
    """

    def __init__(self, hosts: Mapping[str, int], login: str = "") -> None:
        super().__init__(self._pass_on)
        self.hosts, self.login, self.refusal = hosts, login, ""

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        """The method and target of each request."""
        return [" ".join(request.decode().split(" ")[:2]) for request in self.requests]

    def _pass_on(self, visitor: socket.socket) -> None:
        request = self.requests[-1]
        method, target, _ = request.split(b"\r\n", 1)[0].decode().split(" ")
        url = urlsplit(f"//{target}" if method == "CONNECT" else target)
        if refusal := self._reason_against(request, url.hostname or ""):
            visitor.sendall(_REFUSAL.format(refusal).encode())
            return
        with socket.create_connection(("127.0.0.1", self.hosts[url.hostname or ""]), 5) as server:
            if method == "CONNECT":
                visitor.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                server.sendall(request.replace(target.encode(), (url.path or "/").encode(), 1))
            _exchange(visitor, server)

    def _reason_against(self, request: bytes, host: str) -> str:
        expected = b"Proxy-Authorization: Basic " + base64.b64encode(self.login.encode())
        if self.login and expected not in request:
            return "407 Proxy Authentication Required"
        return self.refusal or ("" if host in self.hosts else "502 Bad Gateway")


def _exchange(visitor: socket.socket, server: socket.socket) -> None:
    """Pass bytes on in both directions until either side has ended."""
    other = {visitor: server, server: visitor}
    with suppress(OSError):
        while True:
            for ready in select.select([visitor, server], [], [], 10)[0]:
                if not (part := ready.recv(65536)):
                    return
                other[ready].sendall(part)
