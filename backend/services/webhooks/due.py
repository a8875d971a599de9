"""Whether something is due for a webhook, and the request of the run that sends it.

Imports no HTTP client, since beat uses it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.contract.names import TaskName, Trigger
from backend.services.runs.queue import WEBHOOK_GROUP, add_run, new_run
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.webhooks import StoredWebhook, WebhookRepository

LONGEST_WAIT = timedelta(days=1)
"""Between two attempts, whatever the receiver asks for. A longer one was noted by a clock that was wrong."""


def request_sending(database: Database, now: datetime) -> None:
    """Add a run to the ledger if something is due for a webhook and none is active. Beat calls and publishes it."""
    with database.reading() as connection:
        stored = WebhookRepository(connection)
        due = any(is_due(stored, webhook, now) for webhook in stored.all())
        if not due or RunRepository(connection).active(WEBHOOK_GROUP) is not None:
            return
    with database.transaction() as connection:
        add_run(connection, new_run(TaskName.SEND_WEBHOOKS, Trigger.SCHEDULE, now))


def is_due(stored: WebhookRepository, webhook: StoredWebhook, now: datetime) -> bool:
    if webhook.failure is not None and now < webhook.failure.retry_at <= now + LONGEST_WAIT:
        return False
    return webhook.batch is not None or bool(stored.queued(webhook, 1))
