"""Settings: webhooks are listed with their state, added, tested and removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from backend.client.api import ApiClient
from backend.client.transport import ApiSilent
from backend.contract.inbox import EventKind, InboxScope
from backend.contract.webhooks import (
    Webhook,
    WebhookChange,
    WebhookKind,
    WebhookList,
    WebhookSaved,
    WebhookState,
    WebhookTested,
    WebhookWanted,
)
from desktop.inventory.scan_status import ScanStatus
from desktop.state.app_state import ScanReported, StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.section import Saver
from desktop.ui.pages.settings.webhooks import WebhooksSection
from tests.fakes.actions import RecordingActions


def webhook(name: str = "SIEM", state: WebhookState = WebhookState.OK, **more: object) -> Webhook:
    facts: dict[str, object] = {
        "id": name.lower(),
        "kind": WebhookKind.JSON,
        "scope": InboxScope.MINE,
        "events": tuple(EventKind),
        "place": "https://siem.example",
        "signed": True,
        "created_at": datetime(2026, 3, 1, tzinfo=UTC),
    }
    return Webhook.model_validate({**facts, "name": name, "state": state, **more})


class Client(ApiClient):
    """Responds as the API would. answer: the response of a test's receiver; silent: no response."""

    answer = WebhookTested(delivered=True, message="")
    silent = False
    wanted: list[WebhookWanted]
    edits: list[tuple[str, WebhookChange]]

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")

    def add_webhook(self, wanted: WebhookWanted) -> WebhookSaved:
        if self.silent:
            raise ApiSilent("no answer within 2 s")
        self.wanted.append(wanted)
        return WebhookSaved(webhook=webhook(wanted.name), secret="whsec_abc" if wanted.kind == "json" else "")

    def change_webhook(self, webhook_id: str, change: WebhookChange) -> WebhookSaved:
        if self.silent:
            raise ApiSilent("no answer within 2 s")
        self.edits.append((webhook_id, change))
        return WebhookSaved(webhook=webhook(id=webhook_id, name=change.name), secret="")

    def remove_webhook(self, webhook_id: str) -> WebhookList:
        return WebhookList()

    def test_webhook(self, webhook_id: str) -> WebhookTested:
        return self.answer


@pytest.fixture
def section(
    store: StateStore, actions: RecordingActions, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WebhooksSection]:
    monkeypatch.setattr(Client, "wanted", [], raising=False)
    monkeypatch.setattr(Client, "edits", [], raising=False)
    context = PageContext(store, actions, Client, SystemClock())
    section = WebhooksSection(context, Saver(context, context))
    qtbot.addWidget(section)
    section.show()
    yield section
    context.close()


def fill(section: WebhooksSection, name: str = "SIEM", address: str = "https://siem.example/hook") -> None:
    section.add.click()
    section.form.name.setText(name)
    section.form.address.setText(address)


def test_a_webhook_is_added_and_its_secret_shown_once(section: WebhooksSection, qtbot: QtBot) -> None:
    section.add.setEnabled(True)
    fill(section)
    with qtbot.waitSignal(section.done) as done:
        section.form.save.click()
    assert done.args == ["SIEM gets what happens from now on"]
    assert (section.secret.text(), section.secret.isVisible()) == ("whsec_abc", True)
    assert not section.form.isVisible()
    (wanted,) = Client.wanted
    assert (wanted.address, wanted.events) == ("https://siem.example/hook", tuple(EventKind))
    section.add.click()
    assert not section.secret.isVisible()
    assert section.form.address.text() == ""


def test_a_webhook_is_changed_and_keeps_address_and_secret_unless_others_are_entered(
    section: WebhooksSection, qtbot: QtBot
) -> None:
    shown = webhook(scope=InboxScope.EXPLOITED, kind=WebhookKind.SLACK, events=(EventKind.CRITICAL,))
    section.show_webhooks([shown])
    section.rows["siem"].change.click()
    form = section.form
    assert (form.isVisible(), section.add.isVisible()) == (True, False)
    assert (form.name.text(), form.address.text(), form.secret.text()) == ("SIEM", "", "")
    assert form.address.placeholderText() == "Unchanged (https://siem.example)"
    form.name.setText("Sentinel")
    form.events[EventKind.DUE_SOON].setChecked(True)
    with qtbot.waitSignal(section.done) as done:
        form.save.click()
    assert done.args == ["Sentinel was changed"]
    assert section.rows["siem"].name.text() == "Sentinel"
    form_values = {"kind": "slack", "scope": "exploited", "events": ("critical", "due_soon")}
    assert Client.edits == [("siem", WebhookChange(name="Sentinel", **form_values))]
    section.rows["siem"].change.click()
    form.address.setText("https://other.example/hook")
    with qtbot.waitSignal(section.done):
        form.save.click()
    assert Client.edits[-1][1].address == "https://other.example/hook"
    section.add.click()
    assert (form.name.text(), form.address.placeholderText()) == ("", "https://")


def test_a_change_that_is_refused_leaves_the_form_as_it_is(
    section: WebhooksSection, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    section.show_webhooks([webhook()])
    section.rows["siem"].change.click()
    section.form.name.clear()
    section.form.save.click()
    assert section.form.message.text() == "Give the webhook a name."
    monkeypatch.setattr(Client, "silent", True)
    section.form.name.setText("Sentinel")
    with qtbot.waitSignal(section.failed):
        section.form.save.click()
    assert (section.form.isVisible(), section.form.isEnabled(), section.form.name.text()) == (True, True, "Sentinel")


def test_a_webhook_of_another_pc_names_that_pc(section: WebhooksSection, store: StateStore) -> None:
    store.post(ScanReported(ScanStatus(machine="this")))
    section.show_webhooks([webhook("one", holder="DESK-7", holder_id="this"), webhook("two", holder="LAB-2")])
    assert "Sent by" not in section.rows["one"].facts.text()
    assert section.rows["two"].facts.text().endswith("Sent by LAB-2")


@pytest.mark.parametrize(
    ("name", "address", "message"),
    [
        ("", "https://siem.example/", "Give the webhook a name."),
        ("SIEM", "siem.example", "An address begins with"),
        ("SIEM", "https://me:pw@siem.example/", "An address begins with"),
    ],
)
def test_what_is_wrong_is_said_beside_the_form(section: WebhooksSection, name: str, address: str, message: str) -> None:
    fill(section, name, address)
    section.form.submit()
    assert section.form.message.text().startswith(message)
    assert Client.wanted == []


def test_without_any_event_nothing_is_added(section: WebhooksSection) -> None:
    fill(section)
    for box in section.form.events.values():
        box.setChecked(False)
    section.form.submit()
    assert section.form.message.text() == "Choose at least one kind of event."


def test_what_was_typed_stays_when_the_api_does_not_answer(
    section: WebhooksSection, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Client, "silent", True)
    fill(section)
    with qtbot.waitSignal(section.failed):
        section.form.submit()
    assert section.form.isVisible()
    assert section.form.isEnabled()
    assert section.form.address.text() == "https://siem.example/hook"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (WebhookTested(delivered=True, message=""), "The receiver accepted the test message."),
        (WebhookTested(delivered=False, message="siem.example answered 410 Gone."), "siem.example answered 410 Gone."),
    ],
)
def test_a_test_says_what_the_receiver_answered(
    section: WebhooksSection, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, answer: WebhookTested, message: str
) -> None:
    monkeypatch.setattr(Client, "answer", answer)
    section.show_webhooks([webhook()])
    row = section.rows["siem"]
    row.test.click()
    assert not row.test.isEnabled()
    qtbot.waitUntil(row.test.isEnabled)
    assert row.message.text() == message


def test_a_removed_webhook_is_gone(section: WebhooksSection, qtbot: QtBot) -> None:
    section.show_webhooks([webhook()])
    with qtbot.waitSignal(section.done):
        section.rows["siem"].remove.click()
    assert section.rows == {}


def test_each_row_says_how_its_webhook_is_doing(section: WebhooksSection) -> None:
    failing = webhook("Chat", WebhookState.FAILING, kind="slack", error="hooks.slack.com answered 404 Not Found.")
    section.show_webhooks([webhook(), failing])
    rows = section.rows
    assert [row.badge.accessibleName() for row in rows.values()] == ["OK", "Failing"]
    assert rows["chat"].facts.text() == "Slack · https://siem.example · What concerns you"
    assert rows["chat"].message.text() == "hooks.slack.com answered 404 Not Found."
    assert rows["siem"].sent.text() == "Nothing sent yet"
    row = rows["chat"]
    section.show_webhooks([webhook("Chat", last_success_at=datetime.now(UTC))])
    assert section.rows == {"chat": row}
    assert (row.message.text(), row.sent.text()) == ("", "Last sent just now")
