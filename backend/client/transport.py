"""One HTTP request to the API, and the errors that it can raise.

The base address and the token are passed in. Proxies of the environment are not used, since the API is on this machine.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import BinaryIO, TypeVar
from urllib.parse import quote, urlencode

import urllib3
from pydantic import JsonValue, ValidationError

from backend.contract.errors import ErrorBody, ErrorFields, OpenThreatError
from backend.contract.formatting import sentences
from backend.contract.names import API_PREFIX
from backend.contract.problem_catalogue import ProblemId
from backend.contract.wire import Wire

CONNECT_WAIT_S = 3.0
RESTARTED_HINT = "It is restarted if necessary."
OTHER_PORT_HINT = "If another program answers there, set OPENTHREAT_API_PORT to a free port and start again."

Params = Mapping[str, str | int | float | Sequence[str]]
Message = TypeVar("Message", bound=Wire)
Json = Mapping[str, JsonValue] | None
_GOOD = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT)
_JSON = {"Content-Type": "application/json"}
_CHUNK_BYTES = 64 * 1024


class ApiError(OpenThreatError):
    """The API gave no valid answer.

    Args:
        reason: Why, as a sentence with or without capital letter and full stop.
        hint: What to do about it.
        title: A few words.
    """

    problem_id = ProblemId.API_SILENT

    def __init__(
        self, reason: str, hint: str = RESTARTED_HINT, title: str = "The program's own API is not answering"
    ) -> None:
        super().__init__(title, sentences(reason[:1].upper() + reason[1:]), hint)

    @property
    def temporary(self) -> bool:
        """Whether the same call may succeed later."""
        return True


class ApiAbsent(ApiError):  # noqa: N818 - names a state
    """Nothing listens at the API's address."""


class ApiSilent(ApiError):  # noqa: N818
    """A program listens at the API's address, but does not answer in time."""


class ApiNonsense(ApiError):  # noqa: N818
    """The answer does not have the API's format, so another program may have sent it."""


class ApiRefused(ApiError):  # noqa: N818
    """The API answered with an error status.

    Args:
        status: The HTTP status.
        fields: The error in the answer; None if the answer does not have the API's format.
    """

    def __init__(self, status: int, fields: ErrorFields | None = None) -> None:
        self.problem_id = fields.problem.id if fields else ProblemId.ACTION_FAILED
        if fields is None:
            super().__init__(f"it answers with status {status}", OTHER_PORT_HINT, "The request was refused")
        else:
            super().__init__(fields.message, fields.hint, fields.title)
        self.status, self._ours = status, fields is not None

    @property
    def temporary(self) -> bool:
        return not self._ours or self.status == HTTPStatus.SERVICE_UNAVAILABLE

    @property
    def bad_input(self) -> bool:
        """Whether the API rejected the request itself as invalid."""
        return self.status in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_URI_TOO_LONG)


@dataclass(frozen=True)
class Answer:
    """The HTTP answer. tag: its ETag, empty if it has none."""

    status: int
    body: bytes
    tag: str

    @property
    def good(self) -> bool:
        return self.status in _GOOD

    def as_message(self, kind: type[Message]) -> Message:
        """Parse the body as `kind`. Raises ApiRefused for an error status, ApiNonsense for an invalid body."""
        self.check()
        try:
            return kind.model_validate_json(self.body)
        except ValidationError as error:
            raise ApiNonsense("the answer cannot be understood", OTHER_PORT_HINT) from error

    def check(self) -> None:
        """Raise ApiRefused for an error status."""
        if self.good:
            return
        try:
            raise ApiRefused(self.status, ErrorBody.model_validate_json(self.body).error)
        except ValidationError as error:
            raise ApiRefused(self.status) from error


class Transport:
    """A connection to the API, used by one thread.

    Args:
        base: Scheme, host and port.
        token: The API's token; empty: none.
        wait_s: Seconds that an answer may take.
        max_bytes: Longest body that is read.
        hint: What a person can do if the API does not answer.
    """

    def __init__(self, base: str, token: str, *, wait_s: float, max_bytes: int, hint: str) -> None:
        self._base, self._wait_s, self._max_bytes, self._hint = base, wait_s, max_bytes, hint
        # Not `requests`: polling is most of what an idle tray does, and each request would cost half as much again.
        self._pool = urllib3.connection_from_url(base)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Json | BinaryIO = None,
        headers: Mapping[str, str] | None = None,
        wait_s: float | None = None,
    ) -> Answer:
        """Send one request and read the whole answer, whatever its status. Redirects are not followed.

        Args:
            method: The HTTP method.
            path: Below the API's prefix; variable parts are escaped by `segment`.
            params: The parameters of the query.
            body: Sent as JSON, or an open file, sent as it is; None: no body.
            headers: Additional headers.
            wait_s: Replaces the transport's default.

        Raises:
            ApiAbsent, ApiSilent, ApiNonsense: There is no valid HTTP answer.
        """
        wait_s = wait_s or self._wait_s
        until = time.monotonic() + wait_s
        with self._response(method, path, params=params, body=body, headers=headers, wait_s=wait_s) as response:
            return Answer(response.status, self._body(response, until), response.headers.get("ETag", ""))

    def fetch(self, path: str, file: BinaryIO, *, params: Params | None = None, wait_s: float) -> Answer:
        """Read a long answer into a file. The body of the returned answer is empty, but for an error status.

        Args:
            wait_s: Seconds until each part of the answer.

        Raises:
            ApiAbsent, ApiSilent, ApiNonsense: There is no valid HTTP answer, or it broke off.
            OSError: The file cannot be written.
        """
        with self._response("GET", path, params=params, wait_s=wait_s) as response:
            if response.status not in _GOOD:
                return Answer(response.status, self._body(response, time.monotonic() + wait_s), "")
            try:
                while chunk := response.read1(_CHUNK_BYTES):
                    file.write(chunk)
            except urllib3.exceptions.HTTPError as error:
                raise ApiSilent("the answer broke off", self._hint) from error
            return Answer(response.status, b"", "")

    @contextmanager
    def _response(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Json | BinaryIO = None,
        headers: Mapping[str, str] | None = None,
        wait_s: float,
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        try:
            with self._pool.urlopen(
                method,
                API_PREFIX + path + _query(params or {}),
                body=json.dumps(body).encode() if isinstance(body, Mapping) else body,
                headers={**self._headers, **(headers or {}), **(_JSON if isinstance(body, Mapping) else {})},
                timeout=urllib3.Timeout(connect=min(wait_s, CONNECT_WAIT_S), read=wait_s),
                retries=False,
                redirect=False,
                preload_content=False,
            ) as response:
                yield response
        except urllib3.exceptions.NewConnectionError as error:
            if isinstance(error.__cause__, ConnectionRefusedError):
                raise ApiAbsent(f"nothing listens at {self._base}", self._hint) from error
            raise ApiSilent(f"there is no way to {self._base}", self._hint) from error
        except urllib3.exceptions.ConnectTimeoutError as error:
            raise ApiSilent(f"no connection to {self._base} in time", self._hint) from error
        except (urllib3.exceptions.TimeoutError, TimeoutError) as error:
            raise ApiSilent(f"no answer from {self._base} within {wait_s:.0f} s", self._hint) from error
        except urllib3.exceptions.ProtocolError as error:
            raise ApiSilent(f"{self._base} closed the connection without an answer", self._hint) from error
        except urllib3.exceptions.HTTPError as error:
            raise ApiNonsense(f"what answers at {self._base} does not speak HTTP", OTHER_PORT_HINT) from error

    def _body(self, response: urllib3.BaseHTTPResponse, until: float) -> bytes:
        """Read the body in chunks. The deadline is checked here, because urllib3's timeout holds for each read only."""
        body = b""
        try:
            while chunk := response.read1(_CHUNK_BYTES, decode_content=True):
                body += chunk
                if len(body) > self._max_bytes:
                    raise ApiNonsense("the answer is far too long", OTHER_PORT_HINT)
                if time.monotonic() > until:
                    raise TimeoutError
        except urllib3.exceptions.ReadTimeoutError as error:
            raise TimeoutError from error
        except urllib3.exceptions.HTTPError as error:
            raise ApiSilent("the answer broke off", self._hint) from error
        return body


def segment(text: str) -> str:
    """Escape any text as one segment of a path."""
    return quote(_typed(text), safe="")


def _query(params: Params) -> str:
    """Return the query string with its question mark; empty without parameters."""
    given = [
        (name, _typed(str(value)))
        for name, values in params.items()
        for value in ([values] if isinstance(values, str | int | float) else values)
    ]
    return f"?{urlencode(given)}" if given else ""


def _typed(text: str) -> str:
    """Restore UTF-8 whose bytes Python kept as surrogates, because the locale of the terminal could not decode them."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:  # half of a pair of surrogates, which Windows lets through
        return text.encode("utf-8", "replace").decode("utf-8")
