"""Webhooks sent by real workers that are killed while the receiver has the message."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.contract.inbox import EventKind, InboxScope
from backend.contract.webhooks import Webhook, WebhookWanted
from backend.contract.wire import utc_now
from backend.secret_store import PrivateFiles, Secrets
from backend.services.exposure.events import note_events
from backend.services.webhooks.receivers import Receivers
from backend.services.webhooks.webhooks import add_webhook, list_webhooks
from backend.store.repositories.events import NewEvent
from tests.fakes.no_keyring import NoKeyring
from tests.fakes.receiver import ACCEPTS, Receiver, never_answers
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability
from tests.integration.worker.conftest import Stage, kill
from tests.servers import wait_until

FLAWS = ("CVE-2024-1001", "CVE-2024-1002")
NO_KEYRING = "keyring.backends.fail.Keyring"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def happen(stage: Stage, cve_id: str) -> None:
    now = utc_now()
    with stage.database.transaction() as connection:
        put_vulnerabilities(connection, [(vulnerability(cve_id, exploited_in_the_wild=True), 0.5)], now)
        note_events(connection, [NewEvent(EventKind.EXPLOITED, cve_id, now.isoformat(), now)])


def webhook(stage: Stage) -> Webhook:
    with stage.database.reading() as connection:
        (found,) = list_webhooks(connection, "", utc_now()).items
    return found


def test_a_message_whose_worker_was_killed_comes_again_with_the_same_id_and_then_no_more(
    stage: Stage, receiver: Receiver
) -> None:
    wanted = WebhookWanted(name="SIEM", address=receiver.address, scope=InboxScope.EXPLOITED)
    receivers = Receivers(Secrets(NoKeyring(), PrivateFiles(stage.home)), stage.home)
    add_webhook(stage.database, receivers, wanted, utc_now())
    receiver.reply = never_answers
    worker = stage.worker(PYTHON_KEYRING_BACKEND=NO_KEYRING)
    stage.beat()
    happen(stage, FLAWS[0])
    wait_until(lambda: len(receiver.received) == 1, "the receiver has the message", 90)
    kill(worker)
    receiver.reply = ACCEPTS
    stage.worker()
    wait_until(lambda: webhook(stage).last_success_at is not None, "the message was accepted", 90)
    happen(stage, FLAWS[1])
    wait_until(lambda: len(receiver.received) == 3, "the next message was accepted", 90)
    wait_until(lambda: webhook(stage).waiting == 0, "nothing waits", 90)
    first, again, following = receiver.received
    assert (first.id, first.body) == (again.id, again.body)
    assert (first.cve_ids, following.cve_ids) == ([FLAWS[0]], [FLAWS[1]])
