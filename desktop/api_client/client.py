"""The API, as the desktop asks it: short waits, bounded answers, loopback never through a proxy."""

from __future__ import annotations

import time
from typing import TypeVar

import requests
import urllib3
from pydantic import ValidationError

from backend.contract.health import PROGRAM, Health
from backend.contract.wire import Wire
from backend.contract.workers import WorkersStatus

Answer = TypeVar("Answer", bound=Wire)
_PREFIX = "/api/v1"
_MAX_BYTES = 8 * 2**20


class ApiError(Exception):
    """No answer that can be used; the text says why."""


class ApiAbsent(ApiError):  # noqa: N818 - names a state
    """Nobody listens there."""


class ApiSilent(ApiError):  # noqa: N818
    """Somebody listens, and does not answer in time."""


class ApiNonsense(ApiError):  # noqa: N818
    """The answer is not one that our API gives."""


class ApiRefused(ApiError):  # noqa: N818
    """Our API answered that it cannot do it now."""


class ApiClient:
    """Used by one thread. wait_s: for connecting, and again for the whole answer."""

    def __init__(self, base: str, token: str = "", *, wait_s: float = 2.0) -> None:
        self._base, self._wait_s = base, wait_s
        self._session = requests.Session()
        self._session.trust_env = False
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def health(self) -> Health:
        """Raises ApiError; ApiNonsense where another program answers."""
        health = self._get("/health", Health)
        if health.program != PROGRAM:
            raise ApiNonsense("another program answers")
        return health

    def workers(self) -> WorkersStatus:
        """Raises ApiError."""
        return self._get("/tasks/workers/status", WorkersStatus)

    def _get(self, path: str, kind: type[Answer]) -> Answer:
        until = time.monotonic() + self._wait_s
        try:
            with self._session.get(
                self._base + _PREFIX + path, timeout=self._wait_s, stream=True, allow_redirects=False
            ) as response:
                body = self._body(response, until)
                return self._understood(response.status_code, body, kind)
        except requests.exceptions.ConnectTimeout as error:
            raise ApiSilent("no connection in time") from error
        except (requests.exceptions.Timeout, TimeoutError) as error:
            raise ApiSilent(f"no answer within {self._wait_s:.0f} s") from error
        except requests.exceptions.ConnectionError as error:
            if "refused" in str(error).lower():
                raise ApiAbsent("nobody listens there") from error
            raise ApiSilent("the connection was closed without an answer") from error
        except requests.exceptions.RequestException as error:
            raise ApiNonsense("the answer is not HTTP") from error

    def _body(self, response: requests.Response, until: float) -> bytes:
        """Taken as it comes, since each read waits for itself only: a trickle has to be cut off by hand."""
        body = b""
        try:
            while chunk := response.raw.read1(64 * 1024, decode_content=True):
                body += chunk
                if len(body) > _MAX_BYTES:
                    raise ApiNonsense("the answer is far too long")
                if time.monotonic() > until:
                    raise TimeoutError
        except urllib3.exceptions.ReadTimeoutError as error:
            raise TimeoutError from error
        except urllib3.exceptions.HTTPError as error:
            raise ApiSilent("the answer broke off") from error
        return body

    def _understood(self, status: int, body: bytes, kind: type[Answer]) -> Answer:
        try:
            if status == requests.codes.ok:
                return kind.model_validate_json(body)
        except ValidationError as error:
            raise ApiNonsense("the answer cannot be understood") from error
        raise ApiRefused(f"it answers with status {status}")
