"""Whether something is due for a webhook, and the request of the run that sends it.

Imports no HTTP client, since beat uses it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.contract.names import TaskName, Trigger
from backend.services.runs.queue import WEBHOOK_GROUP, add_run, group_on, new_run_on
from backend.services.webhooks.receivers import Receivers
from backend.services.webhooks.webhooks import adopt_webhooks
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.webhooks import StoredWebhook, WebhookRepository

ADOPTED_EVERY = timedelta(minutes=10)
"""Between two looks for webhooks without a holder: a keyring may be locked while the program starts."""
LONGEST_WAIT = timedelta(days=1)
"""Between two attempts, whatever the receiver asks for. A longer one was noted by a clock that was wrong."""


class SendingRequests:
    """Requests the runs that send to the webhooks of this PC. Beat calls `request` every few seconds."""

    def __init__(self, database: Database, receivers: Receivers) -> None:
        self._database, self._receivers = database, receivers
        self._adopted_at: datetime | None = None

    def request(self, now: datetime) -> None:
        """Add a run for the workers of this PC if something is due and none is active. Beat publishes it."""
        machine_id = self._receivers.machine_id
        if not machine_id:
            return
        if self._adopted_at is None or abs(now - self._adopted_at) >= ADOPTED_EVERY:
            adopt_webhooks(self._database, self._receivers)
            self._adopted_at = now
        with self._database.reading() as connection:
            stored = WebhookRepository(connection)
            if not any(is_due(stored, webhook, now) for webhook in stored.of(machine_id)):
                return
            if RunRepository(connection).active(group_on(machine_id, WEBHOOK_GROUP)) is not None:
                return
        with self._database.transaction() as connection:
            add_run(connection, new_run_on(machine_id, TaskName.SEND_WEBHOOKS, Trigger.SCHEDULE, now))


def is_due(stored: WebhookRepository, webhook: StoredWebhook, now: datetime) -> bool:
    if webhook.failure is not None and now < webhook.failure.retry_at <= now + LONGEST_WAIT:
        return False
    return webhook.batch is not None or bool(stored.queued(webhook, 1))
