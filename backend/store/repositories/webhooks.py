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
    batch: Batch | None = None
    failure: Failure | None = None
    last_success_at: datetime | None = None


class WebhookRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---- webhooks

    def add(self, webhook: StoredWebhook) -> None:
        self._connection.execute(
            insert(webhooks).values(
                id=webhook.id,
                name=webhook.name,
                kind=webhook.kind,
                scope=webhook.scope,
                events=" ".join(webhook.events),
                place=webhook.place,
                signed=webhook.signed,
                created_at=webhook.created_at,
            )
        )

    def all(self) -> list[StoredWebhook]:
        """All webhooks, the oldest first."""
        return self._read(select(webhooks).order_by(_WEBHOOK.created_at, _WEBHOOK.id))

    def get(self, webhook_id: str) -> StoredWebhook | None:
        return next(iter(self._read(select(webhooks).where(_WEBHOOK.id == webhook_id))), None)

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
            .where(_QUEUED.webhook == webhook.id, ~_QUEUED.in_batch, in_scope(webhook.scope))
            .where((_EVENT.kind != EventKind.RESOLVED) | matched)
        )
        return list(self._connection.execute(query.order_by(_QUEUED.event).limit(limit)).scalars())

    def waiting(self) -> dict[str, int]:
        """The number of queued events by webhook; of some it is not known yet whether they are in its scope."""
        counted = select(_QUEUED.webhook, func.count().label("queued")).group_by(_QUEUED.webhook)
        return {row.webhook: row.queued for row in self._connection.execute(counted)}

    def forget_out_of_scope(self, before: datetime) -> int:
        """Forget queued events from before a moment that are not in their webhook's scope; return their number."""
        return sum(self._forget(webhook, before) for webhook in self.all())

    def _forget(self, webhook: StoredWebhook, before: datetime) -> int:
        old = select(_EVENT.id).select_from(joined).where(_EVENT.happened_at < before, ~in_scope(webhook.scope))
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

    def mark_sent(self, webhook_id: str, now: datetime) -> int:
        """Note that the webhook's message was accepted. Returns the number of its events."""
        sent = delete(webhook_events).where(_QUEUED.webhook == webhook_id, _QUEUED.in_batch)
        count = self._connection.execute(sent).rowcount
        self._change(
            webhook_id,
            batch_id=None,
            batch_body=None,
            failures=0,
            failing_since=None,
            retry_at=None,
            error="",
            last_success_at=now,
        )
        return count

    def mark_failed(self, webhook_id: str, failure: Failure) -> None:
        self._change(
            webhook_id,
            failures=failure.count,
            failing_since=failure.since,
            retry_at=failure.retry_at,
            error=failure.error,
        )

    def retry_now(self, webhook_id: str, now: datetime) -> None:
        """Make the next attempt due, if one waits."""
        waits: ColumnElement[bool] = _WEBHOOK.retry_at.is_not(None)
        self._connection.execute(update(webhooks).where(_WEBHOOK.id == webhook_id, waits).values(retry_at=now))

    def _change(self, webhook_id: str, **values: object) -> None:
        self._connection.execute(update(webhooks).where(_WEBHOOK.id == webhook_id).values(**values))

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
                batch=Batch(row.batch_id, row.batch_body) if row.batch_id else None,
                failure=Failure(row.failures, row.failing_since, row.retry_at, row.error) if row.failures else None,
                last_success_at=row.last_success_at,
            )
            for row in self._connection.execute(query)
        ]
