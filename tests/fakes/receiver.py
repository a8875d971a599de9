"""A receiver of webhooks on loopback: what it got, and what it answers."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.fakes.web import RawServer, Reply, answers

ACCEPTS = answers(b"ok", "200 OK", "text/plain")


def never_answers(visitor: socket.socket) -> None:
    with suppress(OSError):
        while visitor.recv(1024):
            pass


@dataclass(frozen=True)
class Received:
    """One request. Names of headers are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["idempotency-key"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def cve_ids(self) -> list[str]:
        return [event["cve_id"] for event in self.json["events"]]


class Receiver(RawServer):
    """Records requests as a whole, then answers by `reply`, which may be changed at any time."""

    def __init__(self, reply: Reply = ACCEPTS) -> None:
        super().__init__(reply)
        self.received = list[Received]()

    @property
    def address(self) -> str:
        return f"{self.base}/hooks/T0/s3cr3t-path"

    def _answer(self, visitor: socket.socket) -> None:
        with visitor, suppress(OSError):
            head, _, body = _read(visitor, b"", lambda got: b"\r\n\r\n" in got).partition(b"\r\n\r\n")
            if not head:
                return
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            length = int(headers.get("content-length", 0))
            body = _read(visitor, body, lambda got: len(got) >= length)
            self.received.append(Received(first.split(" ")[1], headers, body))
            self.reply(visitor)


def _read(visitor: socket.socket, got: bytes, is_enough: Callable[[bytes], bool]) -> bytes:
    while not is_enough(got):
        if not (part := visitor.recv(65_536)):
            return b""
        got += part
    return got
