"""How connectors ask a service: with limits, patience and an honest name, and errors that a person can read.

The HTTP session of connectors: what is said to one service is not repeated to another.
"""

from __future__ import annotations

import ipaddress
import random
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import requests

from backend.connectors.connector import ParseError, Watch
from backend.connectors.decoding import clean, decode
from backend.connectors.files import PartialFile
from backend.connectors.retry import RETRIED, Fault, RateLimit, persistently, refused, told_as_faults, useless_address
from backend.contract.errors import SourceError
from backend.contract.version import VERSION

KEY_HEADERS = ("apiKey",)
"""Headers that carry a key of the user's."""


class HttpSession(requests.Session):
    """requests itself takes only its own Authorization away when a service redirects to another place."""

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]  # the stubs have no types for it
        if _place(response.request.url) != _place(prepared_request.url):
            for name in KEY_HEADERS:
                prepared_request.headers.pop(name, None)


def _place(url: str | None) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url or "")
    return parts.scheme, parts.hostname, parts.port


USER_AGENT = f"OpenThreat-Desktop/{VERSION} (keeps a private vulnerability database up to date)"
CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 60.0  # seconds
CHUNK = 2**16

_T = TypeVar("_T")
_DIRECT = {"http": "", "https": "", "all": ""}  # an empty name keeps requests from asking the environment for a proxy
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True)
class HttpAnswer:
    """status; headers, whose names compare without regard to case; the body, decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Download:
    """A file in the cache. fetched False: nothing has changed; then `path` is the kept file, if there still is one."""

    path: Path
    etag: str
    last_modified: str
    fetched: bool


class SourceTooLarge(SourceError):  # noqa: N818 - as its parent and siblings
    """An answer is longer than any good one should be."""


class Http:
    """One service, asked by one run. Every wait goes through the run's watch, so a run can be stopped at any time.

    source: the service's name for people ("CISA KEV"); cache: folder of downloads; tries: failed ones before giving up;
    also_retried: statuses that this service uses for "not now"; direct: never through a proxy (one's own address).
    Raises SourceRefused when the service says no, SourceError when it cannot be reached or what it sends is of no use.
    """

    def __init__(
        self,
        watch: Watch,
        cache: Path,
        *,
        source: str,
        limiter: RateLimit | None = None,
        tries: int = 5,
        also_retried: Collection[int] = (),
        direct: bool = False,
        session: requests.Session | None = None,
        timeout: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.source, self.cache = source, cache
        self._watch, self._limiter, self._tries, self._direct = watch, limiter, tries, direct
        self._retried = RETRIED | frozenset(also_retried)
        self._timeout, self._jitter = timeout, jitter
        self._session = session or HttpSession()
        self._session.headers["User-Agent"] = USER_AGENT
        self._session.auth = _anonymous

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 64 * 2**20,
        allow: Collection[int] = (),
    ) -> HttpAnswer:
        """The whole answer, at most `max_bytes` long after decompression. `allow`: statuses that are answers too."""

        def once() -> HttpAnswer:
            with self._asked(url, params, headers or {}, {200, *allow}) as response:
                body = b"".join(self._chunks(response, max_bytes, decompress=True))
                return HttpAnswer(response.status_code, response.headers, body)

        return self._persist(once)

    def download(self, url: str, name: str, *, max_bytes: int, etag: str = "") -> Download:
        """Fetches a file to `name` in the cache, byte for byte; a broken download is continued, in a later run too.

        `etag`: of the version in hand; the answer may then be that nothing has changed.
        """
        path = self.cache / name
        part = PartialFile(path)

        def once() -> Download:
            start, validator = part.resumable()
            asked = {"Accept-Encoding": "identity"}
            if etag:
                asked["If-None-Match"] = etag
            if start:
                asked |= {"Range": f"bytes={start}-", "If-Range": validator}
            with self._asked(url, None, asked, {200, 206, 304, 416}) as response:
                status, tag = response.status_code, response.headers.get("ETag", "")
                modified = response.headers.get("Last-Modified", "")
                if status == 304:
                    return Download(path, tag or etag, modified, fetched=False)
                if status == 416 or (status == 206 and _first_byte(response) != start):
                    part.discard()
                    raise Fault(f"{self._host(url)} could not continue the download.")
                if status == 200:
                    start = 0
                with part.open(start, _strong(tag) or modified) as file:
                    for chunk in self._chunks(response, max_bytes, decompress=False, start=start):
                        file.write(chunk)
                part.finish()
                return Download(path, tag, modified, fetched=True)

        return self._persist(once)

    def unusable(self, reason: str, body: bytes = b"") -> SourceError:
        """The error for an answer of the wrong kind; a web page in place of data is told as one."""
        if body.lstrip()[:1] == b"<":
            title = _TITLE.search(body)
            said = clean(title.group(1).decode("utf-8", "replace")).strip() if title else ""
            reason = f"A web page came in place of data{f': “{said}”' if said else ''}."
        return SourceError(
            f"{self.source} sent something unusable",
            reason,
            "Nothing of it was taken in; the next update tries again by itself.",
        )

    def decoded(self, body: bytes, kind: type[_T]) -> _T:
        """A JSON body as `kind`. Raises SourceError for anything else."""
        try:
            return decode(body, kind)
        except ParseError as error:
            raise self.unusable(f"The answer is not what it should be: {error}.", body) from error

    def _persist(self, once: Callable[[], _T]) -> _T:
        try:
            return persistently(self._tries, self._watch.sleep, self._jitter)(once)
        except Fault as fault:
            raise fault.error_of(self.source) from fault

    @contextmanager
    def _asked(
        self, url: str, params: Mapping[str, str] | None, headers: Mapping[str, str], understood: Collection[int]
    ) -> Iterator[requests.Response]:
        """Sends one request, and hands the answer out with its body still unread."""
        self._watch.checkpoint()
        if self._limiter:
            self._limiter.wait(self._watch.sleep)
        host = self._host(url)
        proxies = _DIRECT if self._direct or _loopback(host) else None
        with (
            told_as_faults(self.source, host),
            self._session.get(
                url, params=params, headers=headers, timeout=self._timeout, proxies=proxies, stream=True
            ) as response,
        ):
            if response.url.startswith("http:") and url.startswith("https:"):
                raise SourceError(f"{self.source} cannot be trusted", f"{host} led to an address without encryption.")
            if response.status_code not in understood:
                raise refused(self.source, host, response.status_code, response.headers, self._retried)
            yield response

    def _host(self, url: str) -> str:
        try:
            return urlsplit(url).hostname or ""
        except ValueError as error:
            raise useless_address(self.source, error) from error

    def _chunks(
        self, response: requests.Response, max_bytes: int, *, decompress: bool, start: int = 0
    ) -> Iterator[bytes]:
        """The body in pieces, never more than `max_bytes`. urllib3 raises where it ends before its stated length."""
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() and "Content-Encoding" not in response.headers else None
        if total is not None and total > max_bytes:
            raise self._too_much(max_bytes)
        done = start
        for chunk in response.raw.stream(CHUNK, decode_content=decompress):
            self._watch.checkpoint()
            done += len(chunk)
            if done > max_bytes:
                raise self._too_much(max_bytes)
            yield chunk
            self._tell(done, total)

    def _tell(self, done: int, total: int | None) -> None:
        """Without a share once all is there: most answers come in one piece, and the work is what follows."""
        self._watch.progress(f"{self.source} download", done, None if done == total else total)

    def _too_much(self, max_bytes: int) -> SourceTooLarge:
        return SourceTooLarge(
            f"{self.source} sent too much",
            f"More than {max_bytes // 2**20} MiB came in one answer.",
            "Nothing of it was taken in. If this stays, please report it.",
        )


def _anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from sending what a user's .netrc holds for the host."""
    return request


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _strong(etag: str) -> str:
    return "" if etag.startswith("W/") else etag


def _first_byte(response: requests.Response) -> int | None:
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return int(found.group(1)) if found else None
