"""Retries of requests, the errors they end in, and the limit of the request rate."""

from __future__ import annotations

import re
import ssl
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests
import urllib3
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from backend.connectors.decoding import clean
from backend.contract.errors import CertificateUntrusted, ProxyRefused, SourceError, SourceRefused, SourceUnreachable
from backend.contract.proxy import Proxy
from backend.contract.wire import utc_now

RETRIED = frozenset({429, 500, 502, 503, 504})
LONGEST_PAUSE = 120.0  # seconds; a longer Retry-After is left to the next run
LONG_PAUSE_COST = 4
"""Tries used up by a Retry-After beyond LONGEST_PAUSE, so that it is waited for once only."""
LONGEST_BACK_OFF = 60.0  # seconds

_NETWORK_HINT = "Check the internet connection and the proxy settings; the next update tries again automatically."
_SERVICE_HINT = "The service has to fix this; the next update tries again automatically."
_HOPELESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.TooManyRedirects,
)
_CERTIFICATE_HINT = (
    "Check the clock of this computer. Where a company inspects connections, choose its certificate file under Network "
    "in the settings (OPENTHREAT_CA_FILE)."
)
_PROXY_HINT = (
    "Check the proxy, its user and its password under Network in the settings (OPENTHREAT_PROXY, "
    "OPENTHREAT_PROXY_PASSWORD)."
)
_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (\d{3})")
"""The text of http.client's OSError, which has the proxy's answer to CONNECT nowhere else."""


class Fault(Exception):  # noqa: N818 - becomes a SourceError after the last attempt
    """A failed attempt that may be retried.

    cost: attempts that it counts as (a read timeout counts twice); retry_after: seconds that the service demands.
    """

    def __init__(
        self, sentence: str, *, cost: int = 1, answered: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(sentence)
        self.sentence, self.cost, self.answered, self.retry_after = sentence, cost, answered, retry_after

    def error_of(self, source: str) -> SourceError:
        """Return the error to raise after the last attempt."""
        title = f"{source} cannot be reached"
        if self.answered:
            return SourceError(title, self.sentence, _SERVICE_HINT)
        return SourceUnreachable(title, self.sentence, _NETWORK_HINT)


def retry_on_fault(tries: int, sleep: Callable[[float], None], jitter: Callable[[], float]) -> Retrying:
    """Retry on Fault with exponential back-off from 1 s, spread by `jitter` (0-1)."""
    spent = 0

    def fault_of(state: RetryCallState) -> Fault:
        error = state.outcome.exception() if state.outcome else None
        if not isinstance(error, Fault):
            raise TypeError("only faults are retried")
        return error

    def used_up(state: RetryCallState) -> bool:
        nonlocal spent
        spent += fault_of(state).cost
        return spent >= tries

    def pause(state: RetryCallState) -> float:
        asked = fault_of(state).retry_after
        if asked is not None:
            return min(asked + jitter(), LONGEST_PAUSE)
        return float(min(2 ** (state.attempt_number - 1), LONGEST_BACK_OFF) * (0.5 + jitter() / 2))

    return Retrying(retry=retry_if_exception_type(Fault), stop=used_up, wait=pause, sleep=sleep, reraise=True)


@contextmanager
def translate_errors(source: str, host: str, proxy: Proxy | None = None) -> Iterator[None]:
    """Raise Fault for errors of requests and urllib3 that a retry may solve, SourceError for all others.

    Args:
        proxy: The proxy through which `host` is asked.
    """
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        causes = list(_causes(error))
        if proxy and (status := _tunnel_status(causes)):
            raise refused_by_proxy(source, host, proxy, status) from error
        untrusted = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
        if untrusted is not None:
            raise _untrusted(source, host, untrusted) from error
        if isinstance(error, _HOPELESS):
            raise invalid_address(source, error) from error
        raise Fault(_sentence(host, causes, proxy), cost=2 if _silent(causes) else 1) from error


def refused_by_proxy(source: str, host: str, proxy: Proxy, status: int) -> Fault | ProxyRefused:
    """The error for the answer of a proxy that does not pass a request on."""
    if status in RETRIED:
        return Fault(f"The proxy {proxy} cannot connect to {host} ({_phrase(status)}).")
    sentence = f"The proxy {proxy} refuses to connect to {host} ({_phrase(status)})."
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        sentence = f"The proxy {proxy} requires a user and a password."
        if proxy.user:
            sentence = f"The proxy {proxy} does not accept the user and the password."
    return ProxyRefused(f"{source} cannot be reached", sentence, _PROXY_HINT)


def _tunnel_status(causes: Iterable[BaseException]) -> int:
    """Return the status with which a proxy answered CONNECT; 0 if the error is another one."""
    found = (_TUNNEL_REFUSED.search(str(cause)) for cause in causes if isinstance(cause, OSError))
    return next((int(match[1]) for match in found if match), 0)


def _untrusted(source: str, host: str, error: ssl.SSLCertVerificationError) -> CertificateUntrusted:
    """The error for a certificate; the reason is that of OpenSSL or Windows ("self-signed certificate")."""
    reason = clean(getattr(error, "verify_message", "") or str(error)).strip().rstrip(".")
    return CertificateUntrusted(
        f"{source} cannot be trusted", f"The certificate of {host} could not be verified: {reason}.", _CERTIFICATE_HINT
    )


def refused(
    source: str, host: str, status: int, headers: Mapping[str, str], retried: Collection[int], page: str = ""
) -> Fault | SourceRefused:
    """The error for an answer that is neither good nor among those that the caller understands.

    Args:
        page: The title of the web page that came with it, which names the firewall or proxy that answered.
    """
    reason = clean(headers.get("message", ""))[:200] or (f"“{page}”" if page else "")  # the header is NVD's
    answer = f"{_phrase(status)} ({reason})" if reason else _phrase(status)
    sentence = f"{host} answered {answer}."
    if status in retried:
        retry_after = _retry_after(headers)
        cost = LONG_PAUSE_COST if retry_after is not None and retry_after > LONGEST_PAUSE else 1
        return Fault(sentence, cost=cost, answered=True, retry_after=retry_after)
    return SourceRefused(f"{source} refused the request", sentence, _SERVICE_HINT)


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def invalid_address(source: str, error: Exception) -> SourceError:
    return SourceError(
        f"{source} cannot be reached",
        f"The address is invalid: {error}.",
        "Check the base addresses (OPENTHREAT_…_URL) and the proxy settings.",
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds in Retry-After. A date is compared with the service's own Date: our clock may be wrong."""
    given = headers.get("Retry-After", "").strip()
    if given.isdecimal():
        return float(given[:9])
    try:
        until = parsedate_to_datetime(given)
        now = parsedate_to_datetime(headers["Date"]) if "Date" in headers else utc_now()
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):  # TypeError: only one of the dates has a time zone
        return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and its causes: requests and urllib3 keep the cause in `args`, in `reason` or in the context."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]


def _silent(causes: list[BaseException]) -> bool:
    return any(isinstance(cause, (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError)) for cause in causes)


def _sentence(host: str, causes: list[BaseException], proxy: Proxy | None) -> str:
    def among(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if proxy and among(urllib3.exceptions.ProxyError, requests.exceptions.ProxyError):
        return f"The proxy {proxy} on the way to {host} could not be reached."
    if among(urllib3.exceptions.NameResolutionError):
        return f"The name {host} could not be looked up."
    if among(TimeoutError) or _silent(causes):
        return f"{host} did not answer in time."
    if among(urllib3.exceptions.IncompleteRead):
        return f"{host} broke off in the middle of its answer."
    if among(urllib3.exceptions.DecodeError):
        return f"The compressed answer of {host} is damaged."
    if among(ConnectionRefusedError):
        return f"{host} refused the connection."
    return f"The connection to {host} broke."


class RateLimit:
    """At most `requests` in any `window` seconds, and at least `delay` seconds between two of them."""

    def __init__(
        self, requests: int, window: float, delay: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._requests, self._window, self._delay, self._clock = requests, window, delay, clock
        self._asked: deque[float] = deque(maxlen=requests)

    def wait(self, sleep: Callable[[float], None]) -> None:
        """Wait until the next request may be sent, and count it."""
        while (seconds := self._seconds_left()) > 0:
            sleep(seconds)
        self._asked.append(self._clock())

    def _seconds_left(self) -> float:
        if not self._asked:
            return 0.0
        free_at = self._asked[-1] + self._delay
        if len(self._asked) == self._requests:
            free_at = max(free_at, self._asked[0] + self._window)
        return free_at - self._clock()
