"""One attempt to post a message: limits of time and redirects, and why it failed.

Only the head of an answer is read, so that its length does not matter.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from backend.connectors.retry import RETRIED, Fault, refused, translate_errors
from backend.contract.errors import CertificateUntrusted, OpenThreatError, ProxyRefused, ProxyUnusable
from backend.contract.redaction import redacted
from backend.contract.version import VERSION
from backend.network.access import NetworkAccess
from backend.network.session import NetworkSession
from backend.services.webhooks.receivers import Receivers
from backend.services.webhooks.signature import message_headers
from backend.store.repositories.webhooks import StoredWebhook

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 5.0, 10.0
TOTAL_S = 20.0
"""An attempt takes no longer, even where the receiver sends one byte after the other."""
MAX_REDIRECTS = 3
_USER_AGENT = f"OpenThreat-Desktop/{VERSION}"
_KEPT_METHOD = (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)
"""Redirects that repeat the request as it is (RFC 9110, 15.4); the others would turn a POST into a GET."""


class NotDelivered(Exception):  # noqa: N818 - an outcome
    """The receiver did not accept the message. retry_after: seconds that it asks to wait."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


class Poster:
    """Posts messages by the program's way to the internet.

    Args:
        total_s: Longest time of an attempt in seconds.
    """

    def __init__(self, network: NetworkAccess, total_s: float = TOTAL_S) -> None:
        self._network, self._total_s = network, total_s

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post a message.

        Raises:
            NotDelivered: The receiver did not accept it, or did not answer. Its reason has neither path nor query.
        """
        parts = urlsplit(address)
        try:
            _within(self._total_s, lambda: self._attempt(address, body, headers))
        except TimeoutError:
            raise NotDelivered(f"{parts.hostname} did not answer in {self._total_s:g} seconds.") from None
        except NotDelivered as error:
            hidden = [secret for secret in (address, parts.path.strip("/"), parts.query) if secret]
            raise NotDelivered(redacted(error.reason, hidden), error.retry_after) from None

    def _attempt(self, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        host = urlsplit(address).hostname or ""
        try:
            with translate_errors(host, host, self._network.proxy_for(address)):
                self._send(address, body, headers)
        except Fault as fault:
            raise NotDelivered(fault.sentence, fault.retry_after) from None
        except (CertificateUntrusted, ProxyRefused, ProxyUnusable) as error:
            raise NotDelivered(error.message) from None
        except (OpenThreatError, ValueError):
            raise NotDelivered(f"The address at {host} is not valid.") from None

    def _send(self, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        sent = {"Content-Type": "application/json", "User-Agent": _USER_AGENT, **headers}
        limits = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
        with NetworkSession(self._network) as session:
            for _ in range(MAX_REDIRECTS + 1):
                with session.post(
                    address, body, headers=sent, timeout=limits, stream=True, allow_redirects=False
                ) as answer:
                    if answer.status_code not in _KEPT_METHOD:
                        _check(address, answer.status_code, answer.headers)
                        return
                    address = _redirected(address, answer.headers.get("Location", ""))
        raise NotDelivered(f"{urlsplit(address).hostname} redirects again and again.")


def post_message(
    poster: Poster, receivers: Receivers, webhook: StoredWebhook, message_id: str, body: bytes, now: datetime
) -> None:
    """Sign and post a message.

    Raises:
        NotDelivered: The receiver did not accept it, or this PC does not have the address.
    """
    if webhook.holder.id != receivers.machine_id:
        holder = webhook.holder.name or "Another PC"
        raise NotDelivered(f"{holder} has the address in its keyring, and sends.")
    receiver = receivers.get(webhook.id)
    if receiver is None:
        raise NotDelivered("The address is no longer in the keyring of this PC. Enter it again.")
    poster.post(receiver.address, body, message_headers(message_id, body, receiver.secret, now))


def _check(address: str, status: int, headers: Mapping[str, str]) -> None:
    host = urlsplit(address).hostname or ""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise NotDelivered(f"{host} redirects ({status}) in a way that a message cannot follow.")
    failure = refused(host, host, status, headers, RETRIED)
    if isinstance(failure, Fault):
        raise failure
    raise NotDelivered(failure.message)


def _redirected(address: str, location: str) -> str:
    """The address to which a message is redirected, if it is the same server and as safe as before.

    Raises:
        NotDelivered: It is not.
    """
    target = urljoin(address, location)
    before, after = urlsplit(address), urlsplit(target)
    is_same = (after.scheme, after.port) == (before.scheme, before.port)
    is_safer = (before.scheme, after.scheme) == ("http", "https")
    if after.hostname != before.hostname or not (is_same or is_safer) or after.username or after.password:
        raise NotDelivered(f"{before.hostname} redirects to another server, which does not get the message.")
    return target


def _within(seconds: float, work: Callable[[], None]) -> None:
    """Wait for work in a thread of its own, which is abandoned after a time.

    Raises:
        TimeoutError: The time is over.
    """
    outcome: Future[None] = Future()

    def run() -> None:
        try:
            work()
            outcome.set_result(None)
        except BaseException as error:  # noqa: BLE001 - raised again where the outcome is awaited
            outcome.set_exception(error)

    threading.Thread(target=run, name="posts-message", daemon=True).start()
    outcome.result(seconds)
