"""Add, list and remove webhooks.

Address and secret are in the keyring of the user whose API adds the webhook, since the addresses of Slack and Teams
permit everyone who knows them to post. The database has the rest, so that it may be shared. Imports no HTTP client,
since the API uses it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import msgspec
from sqlalchemy import Connection

from backend.contract.errors import NotFound, OpenThreatError
from backend.contract.names import API_PREFIX
from backend.contract.webhooks import (
    MAX_WEBHOOKS,
    Webhook,
    WebhookAdded,
    WebhookKind,
    WebhookList,
    WebhookState,
    WebhookWanted,
    place_of,
)
from backend.secret_store import Secrets
from backend.services.webhooks.signature import new_secret
from backend.store.engine import Database
from backend.store.repositories.webhooks import StoredWebhook, WebhookRepository

RETRIED_FOR = timedelta(days=1)
"""A webhook whose attempts have failed for this long is a problem."""


class WebhookRefused(OpenThreatError):  # noqa: N818 - names the input
    """A webhook cannot be added beside those that there are."""


class Receiver(msgspec.Struct, frozen=True):
    """Where messages go, and with what they are signed; an empty secret: with nothing."""

    address: str
    secret: str


def receiver_of(secrets: Secrets, webhook_id: str) -> Receiver | None:
    """Read address and secret from the keyring; None if this user has none for the webhook."""
    stored = secrets.get(_secret_name(webhook_id))
    try:
        return msgspec.json.decode(stored, type=Receiver) if stored else None
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def list_webhooks(connection: Connection, now: datetime) -> WebhookList:
    stored = WebhookRepository(connection)
    waiting = stored.waiting()
    return WebhookList(items=tuple(_to_contract(each, waiting.get(each.id, 0), now) for each in stored.all()))


def add_webhook(database: Database, secrets: Secrets, wanted: WebhookWanted, now: datetime) -> WebhookAdded:
    """Add a webhook. It gets what happens from now on.

    Raises:
        WebhookRefused: There is one with this name, or there are too many.
        OpenThreatError: The address cannot be saved.
    """
    secret = wanted.secret or (new_secret() if wanted.kind is WebhookKind.JSON else "")
    webhook = StoredWebhook(
        id=str(uuid4()),
        name=wanted.name,
        kind=wanted.kind,
        scope=wanted.scope,
        events=tuple(dict.fromkeys(wanted.events)),
        place=place_of(wanted.address),
        signed=bool(secret),
        created_at=now,
    )
    with database.reading() as connection:
        _check_room(WebhookRepository(connection).all(), wanted.name)
    secrets.put(_secret_name(webhook.id), msgspec.json.encode(Receiver(wanted.address, secret)).decode())
    with database.transaction() as connection:
        WebhookRepository(connection).add(webhook)
    return WebhookAdded(webhook=_to_contract(webhook, 0, now), secret=secret)


def remove_webhook(database: Database, secrets: Secrets, webhook_id: str) -> None:
    """Remove a webhook; what is still to be sent to it is not sent.

    Raises:
        NotFound: There is none with this id.
    """
    with database.transaction() as connection:
        if not WebhookRepository(connection).remove(webhook_id):
            raise webhook_not_found()
    secrets.put(_secret_name(webhook_id), "")


def _check_room(present: list[StoredWebhook], name: str) -> None:
    if any(webhook.name.casefold() == name.casefold() for webhook in present):
        raise WebhookRefused("There is a webhook with this name", f"{name} exists.", "Choose another name.")
    if len(present) >= MAX_WEBHOOKS:
        raise WebhookRefused(
            "There are too many webhooks", f"{len(present)} is the largest number.", "Remove one that is not needed."
        )


def _to_contract(webhook: StoredWebhook, waiting: int, now: datetime) -> Webhook:
    failure = webhook.failure
    return Webhook(
        id=webhook.id,
        name=webhook.name,
        kind=webhook.kind,
        scope=webhook.scope,
        events=webhook.events,
        place=webhook.place,
        signed=webhook.signed,
        created_at=webhook.created_at,
        state=_state(webhook, now),
        waiting=waiting,
        error=failure.error if failure else "",
        failing_since=failure.since if failure else None,
        next_attempt_at=failure.retry_at if failure else None,
        last_success_at=webhook.last_success_at,
    )


def _state(webhook: StoredWebhook, now: datetime) -> WebhookState:
    if webhook.failure is None:
        return WebhookState.OK
    return WebhookState.FAILING if now - webhook.failure.since >= RETRIED_FOR else WebhookState.RETRYING


def _secret_name(webhook_id: str) -> str:
    return f"webhook-{webhook_id}"


def webhook_not_found() -> NotFound:
    return NotFound("No such webhook", "No webhook has this id.", f"{API_PREFIX}/webhooks lists all of them.")
