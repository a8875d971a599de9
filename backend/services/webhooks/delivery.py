"""The run that sends events to the webhooks.

A message is made of queued events and stored before it is first sent. It stays the same, with its id, until the
receiver accepts it: a run that is killed before that is noted sends the same message again, and the receiver knows it
by its id. Failed attempts are repeated by later runs, which beat requests when one is due.

A run is of one PC, and sends to the webhooks whose addresses that PC has.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from sqlalchemy import Connection

from backend.config import Settings
from backend.contract.wire import utc_now
from backend.services.exposure.inbox import events_of
from backend.services.runs.queue import Run
from backend.services.webhooks.due import LONGEST_WAIT, is_due
from backend.services.webhooks.messages import MAX_EVENTS, event_message
from backend.services.webhooks.posting import NotDelivered, Poster, post_message
from backend.services.webhooks.receivers import Receivers, own_receivers
from backend.services.webhooks.webhooks import RETRIED_FOR
from backend.store.engine import Database
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.webhooks import Batch, Failure, StoredWebhook, WebhookRepository
from backend.store.retry import retry_while_away

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
"""Before the second attempt, and at most between two; each pause is twice the one before."""
PAUSE_WHEN_FAILING = timedelta(hours=6)
"""Between two attempts after a day without success."""
BETWEEN_MESSAGES_S = 1.0
"""Slack accepts one message a second for an address."""


def send_webhooks(
    settings: Settings, database: Database, run: Run, clock: Callable[[], datetime] = utc_now
) -> dict[str, object]:
    """Send all that is due to the webhooks of this PC, one message to each in turn.

    Returns:
        The numbers of messages and of their events, and of failed attempts.
    """
    return _Sender(database, run, clock, own_receivers(settings.home), Poster(settings.network)).send_all()


class _Sender:
    def __init__(
        self, database: Database, run: Run, clock: Callable[[], datetime], receivers: Receivers, poster: Poster
    ) -> None:
        self._database, self._run, self._clock = database, run, clock
        self._receivers, self._poster = receivers, poster
        self._messages = self._events = self._failed = 0

    def send_all(self) -> dict[str, object]:
        with self._database.reading() as connection:
            waiting = [webhook.id for webhook in WebhookRepository(connection).of(self._receivers.machine_id)]
        while waiting := [webhook_id for webhook_id in waiting if self._send_next(webhook_id)]:
            self._run.sleep(BETWEEN_MESSAGES_S)
        return {"messages": self._messages, "events": self._events, "failed": self._failed}

    def _send_next(self, webhook_id: str) -> bool:
        """Send the next message of a webhook, and return whether it was accepted."""
        self._run.checkpoint()
        begun = retry_while_away(self._run.sleep, partial(self._begin, webhook_id))
        if begun is None:
            return False
        webhook, batch = begun
        try:
            post_message(self._poster, self._receivers, webhook, batch.id, batch.body, self._clock())
        except NotDelivered as error:
            retry_while_away(self._run.sleep, partial(self._note_failure, webhook, batch.id, error))
            self._failed += 1
            return False
        self._events += retry_while_away(self._run.sleep, partial(self._note_sent, webhook_id, batch.id))
        self._messages += 1
        return True

    def _begin(self, webhook_id: str) -> tuple[StoredWebhook, Batch] | None:
        """The message that is to be sent now; None if there is none."""
        with self._database.transaction() as connection:
            self._run.fence(connection)
            stored, now = WebhookRepository(connection), self._clock()
            webhook = stored.locked(webhook_id)
            if webhook is None or webhook.holder.id != self._receivers.machine_id or not is_due(stored, webhook, now):
                return None
            return webhook, webhook.batch or _new_batch(connection, webhook, now)

    def _note_sent(self, webhook_id: str, batch_id: str) -> int:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            return WebhookRepository(connection).mark_sent(webhook_id, batch_id, self._clock())

    def _note_failure(self, webhook: StoredWebhook, batch_id: str, error: NotDelivered) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            failure = next_failure(webhook.failure, error.reason, error.retry_after, self._clock())
            WebhookRepository(connection).mark_failed(webhook.id, batch_id, failure)


def next_failure(before: Failure | None, reason: str, retry_after: float | None, now: datetime) -> Failure:
    """A failed attempt, with the time of the next one.

    Args:
        before: The failures before this one.
        retry_after: Seconds that the receiver asks to wait.
    """
    count, since = (before.count + 1, before.since) if before else (1, now)
    pause = min(FIRST_PAUSE * 2 ** min(count - 1, 10), LONGEST_PAUSE)
    if now - since >= RETRIED_FOR:
        pause = PAUSE_WHEN_FAILING
    if retry_after is not None:
        pause = max(pause, min(timedelta(seconds=retry_after), LONGEST_WAIT))
    return Failure(count, since, now + pause, reason)


def _new_batch(connection: Connection, webhook: StoredWebhook, now: datetime) -> Batch:
    stored, message_id = WebhookRepository(connection), str(uuid4())
    event_ids = stored.queued(webhook, MAX_EVENTS[webhook.kind])
    database = MetadataRepository(connection).database_id()
    events = events_of(connection, event_ids, webhook.scope, webhook.holder.id)
    batch = Batch(message_id, event_message(webhook, message_id, events, database, now))
    stored.begin_batch(webhook.id, batch, event_ids)
    return batch
