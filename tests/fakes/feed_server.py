"""A small world of invented vulnerabilities, served over HTTP on this machine in the formats of the real services.

Each service has a module `feed_<name>` beside this one with its records and ROUTES. Faults are set by source:
"503" (any status), "down" (the connection is closed), "hang" (no answer while the fault is set), "slow:0.2" (seconds),
"gated" (until the test lets so many answers through the `gate`), "truncate" (the body is cut in its middle), "garbage"
(a web page); the routes know "empty", "bad-record" and "bad-checksum". "…*2" plays a fault twice only. `fault_headers`
are added to the answers of a status fault.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.fakes import feed_cisa, feed_epss, feed_euvd, feed_mitre, feed_nvd
from tests.fakes.feed_model import FeedRequest, Reply, Route, World

GARBAGE = b"<!doctype html><title>Service notice</title><p>We will be back soon."
VARIABLES = ("CISA", "NVD", "NVD_FEEDS", "EUVD", "MITRE", "EPSS")


def invented_world() -> World:
    world = World()
    for service in (feed_cisa, feed_epss, feed_mitre, feed_nvd, feed_euvd):
        service.invent(world)
    return world


_LONGEST_HANG_S = 60.0


class FeedServer:
    """Serves a world until it is closed. `requests` lists all requests; the world may change between two of them."""

    def __init__(self, world: World | None = None, routes: Sequence[Route] = ()) -> None:
        self.world = world or invented_world()
        services = (feed_cisa, feed_epss, feed_mitre, feed_nvd, feed_euvd)
        self.routes = [*routes, *(route for service in services for route in service.ROUTES)]
        self.faults: dict[str, str] = {}
        self.fault_headers: dict[str, str] = {}
        self.requests: list[FeedRequest] = []
        self.gate = threading.Semaphore(0)
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._service = _Service(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=self._service.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.stopping.set()
        self._service.shutdown()
        self._service.server_close()
        self._thread.join(timeout=10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._service.server_port}"

    def environment(self) -> dict[str, str]:
        """The variables that direct all requests here, without pauses between them."""
        addresses = {f"OPENTHREAT_{name}_URL": self.url for name in VARIABLES}
        return {**addresses, "OPENTHREAT_NVD_DELAY": "0", "OPENTHREAT_EUVD_DELAY": "0"}

    def count(self, source: str, path: str = "") -> int:
        """The number of requests so far to a source's addresses whose path contains the text."""
        return sum(source in _names(request.source) and path in request.path for request in self.requests)

    def answer(self, request: FeedRequest) -> Reply | None:
        """The answer to a request; None for an unknown address."""
        for route in self.routes:
            found = re.fullmatch(route.pattern, request.path)
            if found:
                request.source = route.source
                with self._lock:
                    self.requests.append(request)
                    request.fault = self._next_fault(route.source)
                    return route.answer(self.world, request, *found.groups())
        return None

    def _next_fault(self, source: str) -> str:
        name = next((name for name in _names(source) if self.faults.get(name)), source)
        fault, star, left = self.faults.get(name, "").partition("*")
        if star:
            self.faults[name] = f"{fault}*{int(left) - 1}" if int(left) > 1 else ""
        return fault


def _names(source: str) -> tuple[str, str]:
    """A part of a service is called "cisa-mirror": faults are set for it alone, or for "cisa" as a whole."""
    return source, source.partition("-")[0]


class _Service(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], feeds: FeedServer) -> None:
        super().__init__(address, _Handler)
        self.feeds = feeds


class _Handler(BaseHTTPRequestHandler):
    server: _Service
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise each answer waits 40 ms for the acknowledgement of its headers

    def log_message(self, *args: object) -> None:
        """Write no log: tests read `requests`."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        request = FeedRequest(url.path, query, dict(self.headers.items()))
        reply = self.server.feeds.answer(request)
        if reply is None:
            return self._send(Reply(b"", status=404))
        return self._play(request.fault, reply)

    def _play(self, fault: str, reply: Reply) -> None:
        if fault.isdecimal():
            return self._send(Reply(b"", "text/plain", int(fault), self.server.feeds.fault_headers))
        if fault == "down":
            self.close_connection = True
            return None
        if fault == "hang":
            feeds, end = self.server.feeds, time.monotonic() + _LONGEST_HANG_S
            while "hang" in feeds.faults.values() and time.monotonic() < end and not feeds.stopping.wait(0.1):
                pass
            self.close_connection = True
            return None
        if fault == "garbage":
            return self._send(Reply(GARBAGE, "text/html"))
        if fault == "gated":
            self.server.feeds.gate.acquire()
        if fault.startswith("slow:"):
            time.sleep(float(fault.removeprefix("slow:")))
        return self._send(reply, cut=fault == "truncate")

    def _send(self, reply: Reply, *, cut: bool = False) -> None:
        status, body, headers = reply.status, reply.body, dict(reply.headers)
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if reply.validated:
            headers["ETag"] = tag
            if self.headers.get("If-None-Match") == tag:
                status, body = 304, b""
            elif reply.ranges and self.headers.get("If-Range") == tag:
                start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
                headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                status, body = (206, body[start:]) if start < len(body) else (416, b"")
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) > 1000 and not reply.ranges and not cut:
            headers["Content-Encoding"], body = "gzip", gzip.compress(body)
        self.send_response(status)
        self.send_header("Content-Type", reply.kind)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if cut:
            self.close_connection = True
            body = body[: len(body) // 2]
        try:
            self.wfile.write(body)
        except ConnectionError:
            self.close_connection = True
