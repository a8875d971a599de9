"""The bodies that chats get, checked by what Slack and Microsoft publish about them.

Slack: docs.slack.dev, "Block Kit: section block" and "text object" (3,000 characters), "incoming webhooks" (50 blocks),
and "formatting message text" (&, < and > are escaped). Teams: the JSON schema of Adaptive Cards 1.4
(adaptivecards.io/schemas/adaptive-card.json, in microsoft/AdaptiveCards schemas/1.4.0), of which the rules for the
elements used here are written down below: allowed and required properties, and their values; and learn.microsoft.com,
"Create incoming webhooks with Workflows" (the message around the card, 28 KB).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from backend.contract.inbox import EventKind, InboxEvent, InboxScope
from backend.contract.webhooks import WebhookKind
from backend.services.webhooks.messages import MAX_EVENTS, event_message, trial_message
from backend.store.repositories.webhooks import StoredWebhook
from tests.fakes.inbox import event, finding

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DATABASE = UUID(int=7)
NASTY = "<!channel> <https://evil.example|click> [me](https://evil.example) *a* {{DATE(x)}} & \u202egnp\x1b[1m"
WIDE = "漏洞" * 500
CARD: Mapping[str, tuple[set[str], set[str]]] = {
    "AdaptiveCard": (
        {"version", "body"},
        {"type", "version", "refresh", "body", "actions", "selectAction", "fallbackText", "backgroundImage", "$schema"},
    ),
    "Container": ({"items"}, {"type", "items", "separator", "spacing", "style", "id", "isVisible", "selectAction"}),
    "RichTextBlock": ({"inlines"}, {"type", "inlines", "horizontalAlignment", "separator", "spacing", "id"}),
    "TextRun": (
        {"text"},
        {"type", "text", "color", "fontType", "highlight", "isSubtle", "italic", "selectAction", "size", "weight"},
    ),
    "Action.OpenUrl": ({"url"}, {"type", "url", "title", "iconUrl", "style"}),
}
"""Required and allowed properties by type."""
WEIGHTS = {"Default", "Lighter", "Bolder"}


def webhook(kind: WebhookKind) -> StoredWebhook:
    return StoredWebhook("w", "Name", kind, InboxScope.MINE, tuple(EventKind), "https://h.example", False, NOW)


def body(kind: WebhookKind, *events: InboxEvent) -> bytes:
    return event_message(webhook(kind), "m", events, DATABASE, NOW)


def many(title: str) -> list[InboxEvent]:
    found = tuple(finding(number, program=title, version=title) for number in range(5))
    return [
        event(number, kind, title=title, on_machines=found, on_machines_total=900, watched=(title,) * 9, reason=title)
        for number, kind in zip(range(MAX_EVENTS[WebhookKind.SLACK]), list(EventKind) * 3, strict=False)
    ]


def check_card(element: Any) -> None:
    assert isinstance(element, dict)
    required, allowed = CARD[element["type"]]
    assert required <= element.keys() <= allowed
    assert element.get("weight", "Default") in WEIGHTS
    if "text" in element:
        assert isinstance(element["text"], str)
        assert element["text"]
    if "url" in element:
        assert urlsplit(element["url"]).scheme == "https"
    for name in ("body", "items", "inlines"):
        for child in element.get(name, ()):
            check_card(child)
    if "selectAction" in element:
        check_card(element["selectAction"])


@pytest.mark.parametrize("title", ["A flaw", NASTY, WIDE, "&" * 1000])
def test_teams_gets_a_valid_card_of_at_most_28_kilobytes(title: str) -> None:
    sent = body(WebhookKind.TEAMS, *many(title))
    assert len(sent) <= 28 * 1024
    message = json.loads(sent)
    (attachment,) = message["attachments"]
    assert message["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["version"] == "1.4"
    check_card(attachment["content"])
    assert sent.count(b"Action.OpenUrl") == MAX_EVENTS[WebhookKind.TEAMS]


@pytest.mark.parametrize("title", ["A flaw", NASTY, WIDE, "&" * 1000])
def test_slack_gets_blocks_within_its_limits(title: str) -> None:
    message = json.loads(body(WebhookKind.SLACK, *many(title)))
    assert message.keys() == {"text", "blocks"}
    assert len(message["blocks"]) == MAX_EVENTS[WebhookKind.SLACK] + 1 <= 50
    texts = [block["text"] for block in message["blocks"]]
    assert all(block["type"] == "section" for block in message["blocks"])
    assert all(text["type"] == "mrkdwn" and 0 < len(text["text"]) <= 3000 for text in texts)
    assert sum(len(text["text"]) for text in texts) < 13_000


def test_texts_of_others_make_no_mention_and_no_link_in_slack() -> None:
    message = json.loads(body(WebhookKind.SLACK, event(1, title=NASTY)))
    text = message["blocks"][1]["text"]["text"]
    assert text.count("<") == 1, "the link to the record"
    assert "&lt;!channel&gt;" in text
    assert not {"\u202e", "\x1b"} & set(text)


def test_what_is_cut_off_is_marked() -> None:
    message = json.loads(body(WebhookKind.SLACK, *many(WIDE)))
    assert message["blocks"][1]["text"]["text"].endswith("…")


@pytest.mark.parametrize("kind", [WebhookKind.SLACK, WebhookKind.TEAMS])
def test_a_trial_says_that_it_is_one(kind: WebhookKind) -> None:
    sent = trial_message(webhook(kind), "m", NOW)
    assert b"This is a test." in sent
    if kind is WebhookKind.TEAMS:
        check_card(json.loads(sent)["attachments"][0]["content"])


def test_json_has_the_events_as_they_are() -> None:
    found = event(3, EventKind.FINDING, on_machines=(finding(7),), on_machines_total=1, exploited=True, title=NASTY)
    message = json.loads(body(WebhookKind.JSON, found))
    (sent,) = message["events"]
    assert sent["title"] == NASTY
    assert sent["summary"] == "CVE-2026-0003: found in Mozilla Firefox 115.0, known to be exploited"
    assert sent["on_machines"][0]["fixed_in"] == "128.0.2"
    assert "read_at" not in sent
