"""Add, change, list and remove webhooks.

The database has all but address and secret (see `receivers`), so that it may be shared. Imports no HTTP client, since
the API uses it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from backend.contract.errors import NotFound, OpenThreatError
from backend.contract.names import API_PREFIX
from backend.contract.webhooks import (
    MAX_WEBHOOKS,
    Webhook,
    WebhookChange,
    WebhookKind,
    WebhookList,
    WebhookSaved,
    WebhookState,
    WebhookWanted,
    place_of,
)
from backend.services.webhooks.receivers import Receiver, Receivers
from backend.services.webhooks.signature import new_secret
from backend.store.engine import Database
from backend.store.repositories.webhooks import StoredWebhook, Waiting, WebhookRepository

RETRIED_FOR = timedelta(days=1)
"""A webhook to which nothing could be sent for this long is a problem."""


class WebhookRefused(OpenThreatError):  # noqa: N818 - names the input
    """A webhook cannot be saved: its name is taken, there are too many, or this PC does not have its address."""


def list_webhooks(connection: Connection, machine_id: str, now: datetime) -> WebhookList:
    """List the webhooks with their states. machine_id: of this PC."""
    stored = WebhookRepository(connection)
    found = [(webhook, stored.waiting(webhook)) for webhook in stored.all()]
    return WebhookList(items=tuple(_to_contract(webhook, waiting, machine_id, now) for webhook, waiting in found))


def add_webhook(database: Database, receivers: Receivers, wanted: WebhookWanted, now: datetime) -> WebhookSaved:
    """Add a webhook, to which this PC sends. It gets what happens from now on.

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
        holder=receivers.holder(),
    )
    with database.reading() as connection:
        present = WebhookRepository(connection).all()
    if len(present) >= MAX_WEBHOOKS:
        raise WebhookRefused(
            "There are too many webhooks", f"{len(present)} is the largest number.", "Remove one that is not needed."
        )
    _check_name(present, webhook)
    receivers.put(webhook.id, Receiver(wanted.address, secret))
    with database.transaction() as connection:
        WebhookRepository(connection).add(webhook)
    return WebhookSaved(webhook=_to_contract(webhook, Waiting(0, None), receivers.machine_id, now), secret=secret)


def change_webhook(
    database: Database, receivers: Receivers, webhook_id: str, change: WebhookChange, now: datetime
) -> WebhookSaved:
    """Change a webhook. What waits is sent at once, in the new form and to the new address.

    Raises:
        NotFound: There is none with this id.
        WebhookRefused: Another one has this name, or this PC does not have the address whose secret is to be changed.
        OpenThreatError: The address cannot be saved.
    """
    with database.reading() as connection:
        present = WebhookRepository(connection).all()
    webhook = next((each for each in present if each.id == webhook_id), None)
    if webhook is None:
        raise webhook_not_found()
    held = receivers.get(webhook_id) if webhook.holder.id == receivers.machine_id else None
    wanted = replace(
        webhook,
        name=change.name or webhook.name,
        kind=change.kind or webhook.kind,
        scope=change.scope or webhook.scope,
        events=tuple(dict.fromkeys(change.events or webhook.events)),
    )
    _check_name(present, wanted)
    receiver = _changed_receiver(webhook, held, change)
    if receiver is not None:
        place, signed = place_of(receiver.address), bool(receiver.secret)
        wanted = replace(wanted, place=place, signed=signed, holder=receivers.holder())
        receivers.put(webhook_id, receiver)
    with database.transaction() as connection:
        stored = WebhookRepository(connection)
        stored.change(wanted)
        stored.retry_now(webhook_id, now)
        saved = stored.get(webhook_id)
        if saved is None:
            raise webhook_not_found()
        shown = _to_contract(saved, stored.waiting(saved), receivers.machine_id, now)
    secret = receiver.secret if receiver else ""
    return WebhookSaved(webhook=shown, secret="" if held and held.secret == secret else secret)


def _changed_receiver(webhook: StoredWebhook, held: Receiver | None, change: WebhookChange) -> Receiver | None:
    """The address and secret to store; None: unchanged. held: those that this PC has."""
    if change.address is None and change.secret is None:
        return None
    address = change.address or (held and held.address)
    if not address:
        holder = webhook.holder.name or "another PC"
        raise WebhookRefused(
            "The secret cannot be changed here",
            f"Address and secret are in the keyring of {holder}.",
            "Change it there, or enter the address as well: then this PC sends.",
        )
    secret = held.secret if held else (new_secret() if webhook.signed else "")
    return Receiver(address, secret if change.secret is None else change.secret)


def remove_webhook(database: Database, receivers: Receivers, webhook_id: str) -> None:
    """Remove a webhook; what is still to be sent to it is not sent.

    Raises:
        NotFound: There is none with this id.
    """
    with database.transaction() as connection:
        if not WebhookRepository(connection).remove(webhook_id):
            raise webhook_not_found()
    receivers.remove(webhook_id)


def adopt_webhooks(database: Database, receivers: Receivers) -> None:
    """Note this PC as the holder of webhooks that were added before holders were stored, if it has their addresses."""
    with database.reading() as connection:
        found = [webhook.id for webhook in WebhookRepository(connection).all() if not webhook.holder.id]
    held = [webhook_id for webhook_id in found if receivers.get(webhook_id) is not None]
    if held:
        with database.transaction() as connection:
            for webhook_id in held:
                WebhookRepository(connection).hold(webhook_id, receivers.holder())


def _check_name(present: list[StoredWebhook], wanted: StoredWebhook) -> None:
    name = wanted.name
    if any(webhook.name.casefold() == name.casefold() for webhook in present if webhook.id != wanted.id):
        raise WebhookRefused("There is a webhook with this name", f"{name} exists.", "Choose another name.")


def _to_contract(webhook: StoredWebhook, waiting: Waiting, machine_id: str, now: datetime) -> Webhook:
    failing_since, error = _failure_of(webhook, waiting, machine_id, now)
    return Webhook(
        id=webhook.id,
        name=webhook.name,
        kind=webhook.kind,
        scope=webhook.scope,
        events=webhook.events,
        place=webhook.place,
        signed=webhook.signed,
        created_at=webhook.created_at,
        holder=webhook.holder.name,
        holder_id=webhook.holder.id,
        state=_state(failing_since, now),
        waiting=waiting.count,
        error=error,
        failing_since=failing_since,
        next_attempt_at=webhook.failure.retry_at if webhook.failure else None,
        last_success_at=webhook.last_success_at,
    )


def _failure_of(
    webhook: StoredWebhook, waiting: Waiting, machine_id: str, now: datetime
) -> tuple[datetime | None, str]:
    """Since when nothing is sent, and why: attempts fail, or another PC has not made any for a day.

    This PC sends as soon as it runs, so messages that wait because it was off are not reported.
    """
    if webhook.failure is not None:
        return webhook.failure.since, webhook.failure.error
    if waiting.since is None or webhook.holder.id == machine_id:
        return None, ""
    since = max(waiting.since, webhook.last_success_at or waiting.since)
    if now - since < RETRIED_FOR:
        return None, ""
    holder = webhook.holder.name or "The PC that has the address"
    return since, f"{holder} has not sent for a day. Start the program there, or enter the address on another PC."


def _state(failing_since: datetime | None, now: datetime) -> WebhookState:
    if failing_since is None:
        return WebhookState.OK
    return WebhookState.FAILING if now - failing_since >= RETRIED_FOR else WebhookState.RETRYING


def webhook_not_found() -> NotFound:
    return NotFound("No such webhook", "No webhook has this id.", f"{API_PREFIX}/webhooks lists all of them.")
