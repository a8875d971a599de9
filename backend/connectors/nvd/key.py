"""The check of an NVD API key by one small request. The key is not stored and not sent to any other service."""

from __future__ import annotations

import re
from threading import Lock

from pydantic import SecretStr

from backend.config import Settings
from backend.connectors.addresses import base_address
from backend.connectors.connector import ParseError, Unwatched
from backend.connectors.http import Http, HttpAnswer
from backend.connectors.nvd.api import ADDRESS, PERIOD, REQUESTS, refuses_key
from backend.connectors.nvd.split import read_envelope, split
from backend.connectors.retry import RateLimit
from backend.contract.errors import SourceError
from backend.contract.sources import KeyVerdict

TIMEOUT = 5.0, 20.0  # seconds to connect, to answer: the user waits
_ONE_RECORD = {"resultsPerPage": "1", "startIndex": "0"}
_LARGEST_ANSWER = 2**22  # bytes
_LIKE_A_KEY = re.compile(r"[0-9A-Za-z-]{8,100}")
_NEW_KEYS = (
    "Request a new key at nvd.nist.gov/developers/request-an-api-key;"
    " it works after the link in NVD's mail has been opened."
)


class NvdKeyCheck:
    """May be shared between threads, and should be: NVD's limit counts all requests of a machine."""

    def __init__(self, settings: Settings) -> None:
        self._base, self._lock = settings.nvd_url, Lock()
        limiter = RateLimit(REQUESTS, PERIOD)
        self._http = Http(
            _SingleRequest(),
            settings.cache_folder,
            source="NVD",
            network=settings.network,
            limiter=limiter,
            tries=1,
            also_retried={403},
            timeout=TIMEOUT,
        )

    def check(self, offered: SecretStr) -> KeyVerdict:
        key = offered.get_secret_value().strip()
        if not _LIKE_A_KEY.fullmatch(key):
            return KeyVerdict(accepted=False, message="An NVD key consists of letters, digits and hyphens.")
        try:
            with self._lock:
                answer = self._http.get(
                    base_address(self._base, ADDRESS),
                    params=_ONE_RECORD,
                    headers={"apiKey": key},
                    max_bytes=_LARGEST_ANSWER,
                    allow={404},
                )
            return self._result(answer)
        except SourceError as error:
            return KeyVerdict(accepted=None, message=f"The key was not checked. {error.message or error.title}")

    def _result(self, answer: HttpAnswer) -> KeyVerdict:
        if answer.status == 404 and not refuses_key(answer.headers.get("message", "")):
            raise self._http.unusable("It answered 404 without a message about the key.")
        if answer.status == 404:
            return KeyVerdict(accepted=False, message=f"NVD does not accept this key. {_NEW_KEYS}")
        try:
            read_envelope(next(split([answer.body])))
        except ParseError as error:
            raise self._http.unusable(f"Its answer has an unexpected format: {error}.", answer.body) from error
        return KeyVerdict(accepted=True, message="NVD accepts this key.")


class _SingleRequest(Unwatched):
    """The watch of a single request: it fails instead of waiting."""

    def sleep(self, seconds: float) -> None:
        raise SourceError("Too many requests to NVD", f"NVD allows the next request in {seconds:.0f} seconds.")
