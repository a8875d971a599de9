"""Try a webhook by a test message."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from backend.contract.webhooks import WebhookTested
from backend.services.webhooks.messages import trial_message
from backend.services.webhooks.posting import NotDelivered, Poster, post_message
from backend.services.webhooks.receivers import Receivers
from backend.services.webhooks.webhooks import webhook_not_found
from backend.store.engine import Database
from backend.store.repositories.webhooks import WebhookRepository


def try_webhook(
    database: Database, receivers: Receivers, poster: Poster, webhook_id: str, now: datetime
) -> WebhookTested:
    """Send a test message. If it is accepted, what waits for the next attempt is due at once.

    Raises:
        NotFound: There is none with this id.
    """
    with database.reading() as connection:
        webhook = WebhookRepository(connection).get(webhook_id)
    if webhook is None:
        raise webhook_not_found()
    message_id = f"test-{uuid4()}"
    try:
        post_message(poster, receivers, webhook, message_id, trial_message(webhook, message_id, now), now)
    except NotDelivered as error:
        return WebhookTested(delivered=False, message=error.reason)
    with database.transaction() as connection:
        WebhookRepository(connection).retry_now(webhook_id, now)
    return WebhookTested(delivered=True, message="The receiver accepted the test message.")
