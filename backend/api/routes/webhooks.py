"""Routes of the webhooks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter

from backend.api.parameters import Identifier
from backend.api.roles import Router, needs
from backend.config import Settings
from backend.contract.access import AccessRole
from backend.contract.webhooks import WebhookChange, WebhookList, WebhookSaved, WebhookTested, WebhookWanted
from backend.services.webhooks.receivers import own_receivers
from backend.services.webhooks.webhooks import add_webhook, change_webhook, list_webhooks, remove_webhook
from backend.store.engine import Database


def router(settings: Settings, database: Database, clock: Callable[[], datetime]) -> APIRouter:
    routes, receivers = Router(prefix="/webhooks", tags=["webhooks"]), own_receivers(settings.home)

    @routes.get("")
    @needs(AccessRole.READ)
    def get_webhooks() -> WebhookList:
        """The webhooks, and how each is doing. Addresses and secrets are not shown."""
        with database.reading() as connection:
            return list_webhooks(connection, receivers.machine_id, clock())

    @routes.post("", status_code=HTTPStatus.CREATED)
    @needs(AccessRole.ADMINISTER)
    def add(wanted: WebhookWanted) -> WebhookSaved:
        """Add a webhook, which gets what happens from now on. Its secret is in this answer only."""
        return add_webhook(database, receivers, wanted, clock())

    @routes.patch("/{webhook_id}")
    @needs(AccessRole.ADMINISTER)
    def change(webhook_id: Identifier, wanted: WebhookChange) -> WebhookSaved:
        """Change a webhook; what is left out stays. A new secret is in this answer only."""
        return change_webhook(database, receivers, webhook_id, wanted, clock())

    @routes.delete("/{webhook_id}")
    @needs(AccessRole.ADMINISTER)
    def remove(webhook_id: Identifier) -> WebhookList:
        """Remove a webhook, and return the others. What is still to be sent to it is not sent."""
        remove_webhook(database, receivers, webhook_id)
        with database.reading() as connection:
            return list_webhooks(connection, receivers.machine_id, clock())

    @routes.post("/{webhook_id}/test")
    @needs(AccessRole.ADMINISTER)
    def test(webhook_id: Identifier) -> WebhookTested:
        """Send a test message, and say what the receiver answered."""
        from backend.services.webhooks.posting import Poster  # late: the HTTP client uses some MiB
        from backend.services.webhooks.trial import try_webhook

        return try_webhook(database, receivers, Poster(settings.network), webhook_id, clock())

    return routes
