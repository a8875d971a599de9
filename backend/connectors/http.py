"""HTTP requests of connectors: rate limits, retries, size limits, resumable downloads, readable errors."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
import requests

from backend.connectors.connector import ParseError, Watch
from backend.connectors.decoding import as_utf8, clean, decode_or_mend
from backend.connectors.files import PartialFile
from backend.connectors.retry import (
    RETRIED,
    Fault,
    RateLimit,
    invalid_address,
    refused,
    refused_by_proxy,
    retry_on_fault,
    translate_errors,
)
from backend.contract.errors import SourceError, SourceUnusable
from backend.contract.tasks import ProgressUnit, RunPhase
from backend.contract.version import VERSION
from backend.network.access import NetworkAccess
from backend.network.session import NetworkSession

KEY_HEADERS = ("apiKey",)
"""Headers with a key of the user."""
USER_AGENT = f"OpenThreat-Desktop/{VERSION} (keeps a private vulnerability database up to date)"
CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 60.0  # seconds
CHUNK = 2**16

_T = TypeVar("_T")
_Document = TypeVar("_Document", bound=msgspec.Struct)
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_PAGE_HINT = (
    "A proxy, a firewall or the sign-in page of a network may have answered in its place. Open the address in a "
    "browser to see the page, and allow the address there; the next update tries again automatically."
)
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class HttpSession(NetworkSession):
    """Removes keys on a redirect to another host; requests itself removes only its own Authorization header."""

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]  # the stubs have no types for it
        if _origin(response.request.url) != _origin(prepared_request.url):
            for name in KEY_HEADERS:
                prepared_request.headers.pop(name, None)


def _origin(url: str | None) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url or "")
    return parts.scheme, parts.hostname, parts.port


@dataclass(frozen=True)
class HttpAnswer:
    """An answer with its decompressed body. Header names are compared without case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Download:
    """A file in the cache. fetched: False if it has not changed; `path` then is the existing file, if there is one."""

    path: Path
    etag: str
    fetched: bool


class SourceTooLarge(SourceError):  # noqa: N818 - as its parent and siblings
    """An answer exceeds the size limit."""


class Http:
    """Requests of one run to one service. Every wait goes through the run's watch, so a run can be stopped at any time.

    Args:
        source: the service's name for messages ("CISA KEV").
        cache: the folder of downloads.
        tries: failed attempts before giving up.
        also_retried: statuses that this service uses for "try again later".
        network: the way to the internet.

    Raises:
        SourceRefused: the service rejects the request.
        SourceError: the service cannot be reached, or its answer is not valid.
    """

    def __init__(
        self,
        watch: Watch,
        cache: Path,
        *,
        source: str,
        limiter: RateLimit | None = None,
        tries: int = 5,
        network: NetworkAccess,
        also_retried: Collection[int] = (),
        timeout: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.source, self.cache = source, cache
        self._watch, self._limiter, self._tries, self._network = watch, limiter, tries, network
        self._retried = RETRIED | frozenset(also_retried)
        self._timeout, self._jitter = timeout, jitter
        self._session = HttpSession(network)
        self._session.headers["User-Agent"] = USER_AGENT

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 64 * 2**20,
        allow: Collection[int] = (),
    ) -> HttpAnswer:
        """Fetch a whole answer.

        Args:
            max_bytes: the limit after decompression.
            allow: statuses besides 200 that are returned and not raised.

        Returns:
            The answer with its text in UTF-8.

        Raises:
            SourceUnusable: it is a web page, which no source sends.
        """

        def attempt() -> HttpAnswer:
            with self._requested(url, params, headers or {}, {200, *allow}) as response:
                body = as_utf8(b"".join(self._chunks(response, max_bytes, decompress=True)))
                if response.status_code == 200:
                    self._reject_web_page(url, body)
                return HttpAnswer(response.status_code, response.headers, body)

        return self._with_retries(attempt)

    def download(self, url: str, name: str, *, max_bytes: int, etag: str = "") -> Download:
        """Download a file to `name` in the cache without decompression. An interrupted download is resumed, also by a
        later run.

        Args:
            etag: of the version present; the service may then answer that it has not changed.

        Raises:
            SourceUnusable: the file is empty or a web page.
        """
        path = self.cache / name
        part = PartialFile(path)

        def attempt() -> Download:
            start, validator = part.resumable()
            headers = {"Accept-Encoding": "identity"}
            if etag:
                headers["If-None-Match"] = etag
            if start:
                headers |= {"Range": f"bytes={start}-", "If-Range": validator}
            with self._requested(url, None, headers, {200, 206, 304, 416}) as response:
                status, tag = response.status_code, response.headers.get("ETag", "")
                modified = response.headers.get("Last-Modified", "")
                if status == 304:
                    return Download(path, tag or etag, fetched=False)
                if status == 416 or (status == 206 and _first_byte(response) != start):
                    part.discard()
                    raise Fault(f"{self._host(url)} could not continue the download.")
                if status == 200:
                    start = 0
                length = start
                with part.open(start, _strong(tag) or modified) as file:
                    for chunk in self._chunks(response, max_bytes, decompress=False, start=start):
                        if not length:
                            self._reject_web_page(url, chunk)
                        file.write(chunk)
                        length += len(chunk)
                if not length:
                    raise self.unusable("", b"")
                part.finish()
                return Download(path, tag, fetched=True)

        return self._with_retries(attempt)

    def unusable(self, reason: str, body: bytes | None = None) -> SourceUnusable:
        """The error for invalid data. body: the answer, where it is at hand; an empty one is reported as such."""
        return SourceUnusable(
            f"{self.source} sent invalid data",
            "The answer is empty." if body is not None and not body.strip() else reason,
            "None of it was stored; the next update tries again automatically.",
        )

    def _reject_web_page(self, url: str, body: bytes) -> None:
        """Raise for an answer in HTML (or XML, as from a storage behind a service)."""
        page = as_utf8(body)
        if page.lstrip()[:1] != b"<":
            return
        title = _title_of(page)
        raise SourceUnusable(
            f"{self.source} sent a web page instead of data",
            f"{url} answered with {f'the page “{title}”' if title else 'a page without a title'}.",
            _PAGE_HINT,
        )

    def decoded(self, body: bytes, kind: type[_Document]) -> _Document:
        """Decode a JSON body, without the parts of it that have an unexpected type.

        Raises:
            SourceUnusable: it is not a JSON object, or lacks a required field.
        """
        try:
            return decode_or_mend(body, kind)[0]
        except ParseError as error:
            raise self.unusable(f"The answer has an unexpected format: {error}.", body) from error

    def _with_retries(self, attempt: Callable[[], _T]) -> _T:
        def reported() -> _T:
            try:
                answer = attempt()
            except Fault as fault:
                self._watch.trouble(fault.sentence)
                raise
            self._watch.trouble("")
            return answer

        try:
            return retry_on_fault(self._tries, self._watch.sleep, self._jitter)(reported)
        except Fault as fault:
            raise fault.error_of(self.source) from fault

    @contextmanager
    def _requested(
        self, url: str, params: Mapping[str, str] | None, headers: Mapping[str, str], accepted: Collection[int]
    ) -> Iterator[requests.Response]:
        """Send one request and yield the response before its body is read."""
        self._watch.checkpoint()
        if self._limiter:
            self._limiter.wait(self._watch.sleep)
        host = self._host(url)
        proxy = self._network.proxy_for(url)
        with (
            translate_errors(self.source, host, proxy),
            self._session.get(url, params=params, headers=headers, timeout=self._timeout, stream=True) as response,
        ):
            if response.url.startswith("http:") and url.startswith("https:"):
                raise SourceError(
                    f"{self.source} cannot be trusted", f"{host} redirected to an address without encryption."
                )
            if proxy and response.status_code == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
                raise refused_by_proxy(self.source, host, proxy, response.status_code)
            if response.status_code not in accepted:
                page = _title_of(response.raw.read(CHUNK, decode_content=True)) if _is_html(response) else ""
                raise refused(self.source, host, response.status_code, response.headers, self._retried, page)
            yield response

    def _host(self, url: str) -> str:
        try:
            return urlsplit(url).hostname or ""
        except ValueError as error:
            raise invalid_address(self.source, error) from error

    def _chunks(
        self, response: requests.Response, max_bytes: int, *, decompress: bool, start: int = 0
    ) -> Iterator[bytes]:
        """Read the body in chunks up to `max_bytes`. urllib3 raises if it ends before its stated length."""
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
            self._report(done, total)

    def _report(self, done: int, total: int | None) -> None:
        """Report without a total once all is read: most answers come in one chunk, and the work follows after."""
        self._watch.progress(
            RunPhase.DOWNLOADING, done, None if done == total else total, self.source, ProgressUnit.BYTES
        )

    def _too_much(self, max_bytes: int) -> SourceTooLarge:
        return SourceTooLarge(
            f"{self.source} sent too much",
            f"One answer has more than {max_bytes // 2**20} MiB.",
            "None of it was stored. If this happens again, please report it.",
        )


def _is_html(response: requests.Response) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")


def _title_of(page: bytes) -> str:
    """The title of a web page; empty without one."""
    title = _TITLE.search(page)
    return clean(title.group(1).decode("utf-8", "replace")).strip() if title else ""


def _strong(etag: str) -> str:
    return "" if etag.startswith("W/") else etag


def _first_byte(response: requests.Response) -> int | None:
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return int(found.group(1)) if found else None
