"""Webhooks: receivers of the Inbox's events, and the messages that they get."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field

from backend.contract.formatting import clean
from backend.contract.inbox import EventFacts, EventKind, InboxScope
from backend.contract.wire import Body, Instant, Wire

MAX_NAME = 100
MAX_ADDRESS = 1000
MAX_SECRET = 128
"""Address and secret are one entry of the keyring, of which Windows keeps 1,280 characters
(CRED_MAX_CREDENTIAL_BLOB_SIZE)."""
MIN_SECRET = 8
MAX_WEBHOOKS = 20


class WebhookKind(StrEnum):
    JSON = "json"  # WebhookMessage
    SLACK = "slack"  # an incoming webhook of Slack, or what is compatible with it
    TEAMS = "teams"  # a workflow of Microsoft Teams that was made to be called by a webhook


class WebhookState(StrEnum):
    OK = "ok"
    RETRYING = "retrying"  # the last attempt failed
    FAILING = "failing"  # nothing could be sent for a day


def _named(name: str) -> str:
    if not (stripped := clean(name).strip()):
        raise ValueError("is empty")
    return stripped


def check_address(address: str) -> str:
    """Return an address without blanks around it.

    Raises:
        ValueError: It is not one to which a webhook can be sent.
    """
    address = address.strip()
    if not address.isascii() or not address.isprintable() or " " in address:
        raise ValueError("has characters other than letters, digits and signs of ASCII")
    parts = urlsplit(address)
    if parts.scheme.lower() not in ("http", "https"):
        raise ValueError("does not begin with https:// or http://")
    if not parts.hostname or parts.port == 0:
        raise ValueError("names no server")
    if parts.username is not None or parts.password is not None:
        raise ValueError("has a user and a password, which an address of a webhook cannot have")
    return address


def place_of(address: str) -> str:
    """Scheme, host and port of an address: what may be shown of it, since Slack's and Teams' paths are secrets."""
    parts = urlsplit(address)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}"


def _secret(secret: str) -> str:
    if secret and (len(secret) < MIN_SECRET or not secret.isascii() or not secret.isprintable()):
        raise ValueError(f"does not have at least {MIN_SECRET} printable characters of ASCII")
    return secret


WebhookName = Annotated[str, Field(max_length=MAX_NAME), AfterValidator(_named)]
WebhookAddress = Annotated[str, Field(max_length=MAX_ADDRESS), AfterValidator(check_address)]
WebhookSecret = Annotated[str, Field(max_length=MAX_SECRET), AfterValidator(_secret)]
WebhookEvents = Annotated[tuple[EventKind, ...], Field(min_length=1)]


class WebhookWanted(Body):
    """A webhook to add.

    address: where messages are posted; kept in the keyring, and not shown again.
    events: the kinds of events that are sent; all of them unless it is given.
    secret: with which messages are signed. Where it is missing, one is made for the kind `json`.
    """

    name: WebhookName
    address: WebhookAddress
    kind: WebhookKind = WebhookKind.JSON
    scope: InboxScope = InboxScope.MINE
    events: WebhookEvents = tuple(EventKind)
    secret: WebhookSecret = ""


class WebhookChange(Body):
    """Changes to a webhook; fields that are left out or null stay as they are.

    address: entered at another PC than before, that one sends from now on. It does not know the secret, so it makes
    another one for what was signed unless one is given.
    secret: with which messages are signed from now on; "": with none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: WebhookName | None = None
    address: WebhookAddress | None = None
    kind: WebhookKind | None = None
    scope: InboxScope | None = None
    events: WebhookEvents | None = None
    secret: WebhookSecret | None = None


class Webhook(Wire):
    """A webhook and how it is doing.

    place: scheme, host and port of its address. waiting: events that are still to be sent.
    holder: the name of the PC that has the address and sends; holder_id: its id, which its inventory has as well.
    error: why nothing was sent last; next_attempt_at: when the next attempt is due.
    """

    id: str
    name: str
    kind: WebhookKind
    scope: InboxScope
    events: tuple[EventKind, ...]
    place: str
    signed: bool
    created_at: Instant
    holder: str = ""
    holder_id: str = ""
    state: WebhookState
    waiting: int = 0
    error: str = ""
    failing_since: Instant | None = None
    next_attempt_at: Instant | None = None
    last_success_at: Instant | None = None


class WebhookList(Wire):
    items: tuple[Webhook, ...] = ()


class WebhookSaved(Wire):
    """A webhook that was added or changed.

    secret: to check signatures with, if it is new; no other answer has it. Empty: it is as before, or there is none.
    """

    webhook: Webhook
    secret: str


class WebhookTested(Wire):
    """delivered: the receiver accepted the test message; message: what it answered, or why it did not."""

    delivered: bool
    message: str


class WebhookEvent(EventFacts):
    """An event in a message, as the vulnerability was when the message was made.

    id: the same in each message and in the Atom feed. summary: what happened, in one line.
    """

    id: str
    summary: str
    link: str


class WebhookMessage(Wire):
    """What a receiver of the kind `json` gets.

    version: of this format. New fields do not change it; a changed or missing one does.
    id: the same as in the headers Idempotency-Key and webhook-id; a repeated message has the same one.
    test: it was asked for by a person; then `events` is empty.
    """

    version: Literal[1] = 1
    id: str
    test: bool = False
    webhook: str
    scope: InboxScope
    sent_by: str
    made_at: Instant
    events: tuple[WebhookEvent, ...] = ()
