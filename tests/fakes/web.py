"""A loopback server with scripted answers, including invalid ones."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

Reply = Callable[[socket.socket], None]


def answers(body: bytes, status: str = "200 OK", kind: str = "application/json") -> Reply:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return lambda visitor: visitor.sendall(head.encode() + body)


def redirects(to: str) -> Reply:
    head = f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    return lambda visitor: visitor.sendall(head.encode())


class RawServer:
    """`reply` may be changed at any time. Requests are read up to their empty line and recorded."""

    def __init__(self, reply: Reply) -> None:
        self.reply, self.requests = reply, list[bytes]()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def wait(self) -> None:
        """Block as long as the server runs, for replies that never send anything."""
        self._over.wait(30)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            visitor, _ = self._listener.accept()
            threading.Thread(target=self._answer, args=(visitor,), daemon=True).start()

    def _answer(self, visitor: socket.socket) -> None:
        with visitor, suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request:
                if not (part := visitor.recv(4096)):
                    return
                request += part
            self.requests.append(request)
            self.reply(visitor)
