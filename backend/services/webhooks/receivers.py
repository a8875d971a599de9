"""Addresses and secrets of webhooks, which are in the keyring of one PC: its workers send.

The addresses of Slack and Teams permit everyone who knows them to post, so the database that a team shares has none. It
has the id of the PC instead, by which a run goes to that PC's workers.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from backend.client.inventory.machine_id import known_machine_id
from backend.contract.errors import OpenThreatError
from backend.secret_store import Secrets, stored_secrets
from backend.store.repositories.webhooks import WebhookHolder
from backend.system.machine import host_name


class Receiver(msgspec.Struct, frozen=True):
    """The address of messages and the secret that signs them; an empty secret: they are not signed."""

    address: str
    secret: str


class Receivers:
    """The receivers that this PC has. home: the data folder."""

    def __init__(self, secrets: Secrets, home: Path) -> None:
        self._secrets, self._home = secrets, home

    @property
    def machine_id(self) -> str:
        """The id of this PC; "" if it can be neither read nor written."""
        return known_machine_id(self._home)

    def holder(self) -> WebhookHolder:
        """This PC.

        Raises:
            OpenThreatError: It has no id.
        """
        if not (machine_id := self.machine_id):
            raise OpenThreatError(
                "The webhook cannot be saved",
                "The id of this PC can be neither read nor written in the data folder.",
                "Check the permissions of the data folder.",
            )
        return WebhookHolder(machine_id, host_name())

    def get(self, webhook_id: str) -> Receiver | None:
        """Read address and secret; None if this user has none for the webhook."""
        stored = self._secrets.get(_secret_name(webhook_id))
        try:
            return msgspec.json.decode(stored, type=Receiver) if stored else None
        except (msgspec.DecodeError, msgspec.ValidationError):
            return None

    def put(self, webhook_id: str, receiver: Receiver) -> None:
        """Store address and secret.

        Raises:
            OpenThreatError: They cannot be saved.
        """
        self._secrets.put(_secret_name(webhook_id), msgspec.json.encode(receiver).decode())

    def remove(self, webhook_id: str) -> None:
        self._secrets.put(_secret_name(webhook_id), "")


def own_receivers(home: Path) -> Receivers:
    """The receivers of this user on this PC. home: the data folder."""
    return Receivers(stored_secrets(home), home)


def _secret_name(webhook_id: str) -> str:
    return f"webhook-{webhook_id}"
