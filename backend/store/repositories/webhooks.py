"""Webhooks, and the events that are still to be sent to each of them.

An event is queued for a webhook in the transaction that writes it. A position in the table of events would lose some:
PostgreSQL commits numbers out of order, and SQLite gives those of deleted rows again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, insert, select, update

from backend.contract.inbox import EventKind, InboxScope
from backend.contract.webhooks import WebhookKind
from backend.store.dialects.bulk import one_of
from backend.store.exposure_tables import events, programs, webhook_events, webhooks
from backend.store.repositories.events import AddedEvent, in_scope, joined
from backend.store.repositories.matching import is_due

_WEBHOOK, _QUEUED, _EVENT = webhooks.c, webhook_events.c, events.c


@dataclass(frozen=True, slots=True)
class Batch:
    """A message of a webhook as it is sent, however often."""

    id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """Attempts that failed in a row. since: the first one; retry_at: the next one."""

    count: int
    since: datetime
    retry_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class WebhookHolder:
    """The PC whose keyring has a webhook's address; without an id: it was added before that was stored."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The events that are still to be sent: their number, and when the first of them happened; None without one."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """place: scheme, host and port of its address. signed: it has a secret. batch: what is being sent."""

    id: str
    name: str
    kind: WebhookKind
    scope: InboxScope
    events: tuple[EventKind, ...]
    place: str
    signed: bool
    created_at: datetime
    holder: WebhookHolder = WebhookHolder()
    batch: Batch | None = None
    failure: Failure | None = None
    last_success_at: datetime | None = None


class WebhookRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---- webhooks

    def add(self, webhook: StoredWebhook) -> None:
        self._connection.execute(
            insert(webhooks).values(id=webhook.id, created_at=webhook.created_at, **_chosen(webhook))
        )

    def change(self, webhook: StoredWebhook) -> None:
        """Write what a person chose of a webhook.

        Of the queued events those are forgotten that the webhook did not send before, or does not send any more. A
        message of another kind would not be understood: its events are queued again.
        """
        before = self.locked(webhook.id)
        if before is None:
            return
        if before.kind is not webhook.kind:
            self._change(webhook.id, batch_id=None, batch_body=None)
            self._connection.execute(update(webhook_events).where(_QUEUED.webhook == webhook.id).values(in_batch=False))
        is_of_other_pc = webhook.scope is InboxScope.PC and before.holder.id != webhook.holder.id
        if before.scope is not webhook.scope or is_of_other_pc:
            self._forget(before)
        unwanted = select(_EVENT.id).where(_EVENT.kind.not_in(webhook.events))
        queued = (_QUEUED.webhook == webhook.id, ~_QUEUED.in_batch, _QUEUED.event.in_(unwanted))
        self._connection.execute(delete(webhook_events).where(*queued))
        self._change(webhook.id, **_chosen(webhook))

    def hold(self, webhook_id: str, holder: WebhookHolder) -> None:
        """Note whose keyring has the address."""
        self._change(webhook_id, holder_id=holder.id, holder_name=holder.name)

    def all(self) -> list[StoredWebhook]:
        """All webhooks, the oldest first."""
        return self._read(select(webhooks).order_by(_WEBHOOK.created_at, _WEBHOOK.id))

    def of(self, holder_id: str) -> list[StoredWebhook]:
        """The webhooks to which a PC sends, the oldest first."""
        return [webhook for webhook in self.all() if webhook.holder.id == holder_id]

    def get(self, webhook_id: str) -> StoredWebhook | None:
        return next(iter(self._read(select(webhooks).where(_WEBHOOK.id == webhook_id))), None)

    def locked(self, webhook_id: str) -> StoredWebhook | None:
        """The same as `get`, and no other transaction changes it or its message until this one ends."""
        own = select(webhooks).where(_WEBHOOK.id == webhook_id).with_for_update(key_share=True)
        return next(iter(self._read(own)), None)

    def remove(self, webhook_id: str) -> bool:
        """Remove a webhook with what is queued for it, and return whether there was one."""
        return self._connection.execute(delete(webhooks).where(_WEBHOOK.id == webhook_id)).rowcount > 0

    # ---- the queue

    def queue(self, added: Collection[AddedEvent]) -> None:
        """Queue new events for the webhooks that take their kind.

        On PostgreSQL the rows of the webhooks are locked, so that none is removed before its events are committed.
        """
        if not added:
            return
        wanted = select(_WEBHOOK.id, _WEBHOOK.events).with_for_update(read=True, key_share=True)
        rows = [
            {"webhook": webhook, "event": event.id}
            for webhook, kinds in self._connection.execute(wanted).all()
            for event in added
            if event.kind in kinds.split()
        ]
        if rows:
            self._connection.execute(insert(webhook_events), rows)

    def queued(self, webhook: StoredWebhook, limit: int) -> list[int]:
        """The oldest queued events that are in the webhook's scope and in no message yet.

        A `resolved` event may be withdrawn as long as programs wait for their matching: it is left for later.
        """
        matched = ~exists(select(programs.c.id).where(is_due))
        query = (
            select(_QUEUED.event)
            .select_from(joined.join(webhook_events, _QUEUED.event == _EVENT.id))
            .where(_QUEUED.webhook == webhook.id, ~_QUEUED.in_batch, in_scope(webhook.scope, webhook.holder.id))
            .where((_EVENT.kind != EventKind.RESOLVED) | matched)
        )
        return list(self._connection.execute(query.order_by(_QUEUED.event).limit(limit)).scalars())

    def waiting(self, webhook: StoredWebhook) -> Waiting:
        """The events that are still to be sent: those of its message, and those in its scope."""
        query = select(func.count(), func.min(_EVENT.happened_at))
        found = query.select_from(joined.join(webhook_events, _QUEUED.event == _EVENT.id))
        chosen = (_QUEUED.webhook == webhook.id, _QUEUED.in_batch | in_scope(webhook.scope, webhook.holder.id))
        return Waiting(*self._connection.execute(found.where(*chosen)).one())

    def forget_out_of_scope(self, before: datetime) -> int:
        """Forget queued events from before a moment that are not in their webhook's scope; return their number."""
        return sum(self._forget(webhook, before) for webhook in self.all())

    def _forget(self, webhook: StoredWebhook, before: datetime | None = None) -> int:
        """Forget queued events that are not in a webhook's scope. before: when they happened; None: whenever."""
        old = select(_EVENT.id).select_from(joined).where(~in_scope(webhook.scope, webhook.holder.id))
        if before is not None:
            old = old.where(_EVENT.happened_at < before)
        chosen = (_QUEUED.webhook == webhook.id, ~_QUEUED.in_batch, _QUEUED.event.in_(old))
        return self._connection.execute(delete(webhook_events).where(*chosen)).rowcount

    # ---- sending

    def begin_batch(self, webhook_id: str, batch: Batch, event_ids: Sequence[int]) -> None:
        """Make queued events the webhook's message. It stays the same until it is sent."""
        chosen = one_of(self._connection, _QUEUED.event, event_ids)
        self._connection.execute(
            update(webhook_events).where(_QUEUED.webhook == webhook_id, chosen).values(in_batch=True)
        )
        self._change(webhook_id, batch_id=batch.id, batch_body=batch.body)

    def mark_sent(self, webhook_id: str, batch_id: str, now: datetime) -> int:
        """Note that a message was accepted. Returns the number of its events; 0 if another message has replaced it."""
        done = {"batch_id": None, "batch_body": None, "last_success_at": now}
        if not self._change(webhook_id, _WEBHOOK.batch_id == batch_id, **done, **_failure(None)):
            return 0
        sent = delete(webhook_events).where(_QUEUED.webhook == webhook_id, _QUEUED.in_batch)
        return self._connection.execute(sent).rowcount

    def mark_failed(self, webhook_id: str, batch_id: str, failure: Failure) -> None:
        """Note that a message was not accepted, if it is still the one to be sent."""
        self._change(webhook_id, _WEBHOOK.batch_id == batch_id, **_failure(failure))

    def retry_now(self, webhook_id: str, now: datetime) -> None:
        """Make the next attempt due, if one waits."""
        waits: ColumnElement[bool] = _WEBHOOK.retry_at.is_not(None)
        self._connection.execute(update(webhooks).where(_WEBHOOK.id == webhook_id, waits).values(retry_at=now))

    def _change(self, webhook_id: str, *conditions: ColumnElement[bool], **values: object) -> bool:
        """Change a webhook, and return whether it is there and meets the conditions."""
        changed = update(webhooks).where(_WEBHOOK.id == webhook_id, *conditions).values(**values)
        return self._connection.execute(changed).rowcount > 0

    def _read(self, query: Select[tuple[object, ...]]) -> list[StoredWebhook]:
        return [
            StoredWebhook(
                id=row.id,
                name=row.name,
                kind=WebhookKind(row.kind),
                scope=InboxScope(row.scope),
                events=tuple(map(EventKind, row.events.split())),
                place=row.place,
                signed=row.signed,
                created_at=row.created_at,
                holder=WebhookHolder(row.holder_id, row.holder_name),
                batch=Batch(row.batch_id, row.batch_body) if row.batch_id else None,
                failure=Failure(row.failures, row.failing_since, row.retry_at, row.error) if row.failures else None,
                last_success_at=row.last_success_at,
            )
            for row in self._connection.execute(query)
        ]


def _chosen(webhook: StoredWebhook) -> dict[str, object]:
    """The columns of what a person chose."""
    return {
        "name": webhook.name,
        "kind": webhook.kind,
        "scope": webhook.scope,
        "events": " ".join(webhook.events),
        "place": webhook.place,
        "signed": webhook.signed,
        "holder_id": webhook.holder.id,
        "holder_name": webhook.holder.name,
    }


def _failure(failure: Failure | None) -> dict[str, object]:
    """The columns of the failed attempts."""
    if failure is None:
        return {"failures": 0, "failing_since": None, "retry_at": None, "error": ""}
    return {
        "failures": failure.count,
        "failing_since": failure.since,
        "retry_at": failure.retry_at,
        "error": failure.error,
    }
