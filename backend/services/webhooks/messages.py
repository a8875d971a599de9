"""The bodies of messages: the program's own JSON, Slack's blocks and Teams' Adaptive Cards.

Slack: docs.slack.dev, "Sending messages using incoming webhooks", "Formatting message text" (what has to be escaped)
and "Section block" (3,000 characters). Slack refuses messages of more than about 13,000 characters in all.
Teams: learn.microsoft.com, "Create incoming webhooks with Workflows": one Adaptive Card in a message of at most 28 KB.
Texts are in elements that read no Markdown (TextRun), so that a vulnerability's title cannot make a link.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from backend.contract.formatting import plural
from backend.contract.inbox import EventFacts, InboxEvent, InboxScope
from backend.contract.version import VERSION
from backend.contract.webhooks import WebhookEvent, WebhookKind, WebhookMessage
from backend.services.news.event_text import EventText, event_id, event_text, one_line
from backend.store.repositories.webhooks import StoredWebhook

MAX_EVENTS = {WebhookKind.JSON: 100, WebhookKind.SLACK: 15, WebhookKind.TEAMS: 15}
"""Events in one message; further ones are in the next."""
MAX_LINES = 5
_LINE = 160  # characters
_SLACK_TEXT = 700  # characters of an event's lines, escaped
_TEAMS_TEXT = 900  # bytes of an event's lines
_PROGRAM = "OpenThreat Desktop"
_TEST = "This is a test. Events will be sent to this address."
_SCOPES = {
    InboxScope.MINE: "what concerns you",
    InboxScope.PC: "what concerns {holder}",
    InboxScope.EXPLOITED: "what is known to be exploited",
    InboxScope.EVERYTHING: "all vulnerabilities",
}


def event_message(
    webhook: StoredWebhook, message_id: str, events: Sequence[InboxEvent], database: UUID, now: datetime
) -> bytes:
    """The body of a message with events. database: the identity of which their ids are made."""
    if webhook.kind is WebhookKind.JSON:
        return _own(webhook, message_id, now, tuple(_event(event, database) for event in events))
    about = _SCOPES[webhook.scope].format(holder=webhook.holder.name)
    title = f"{plural(len(events), 'event')} about {about}"
    return _CHATS[webhook.kind](title, [event_text(event) for event in events])


def trial_message(webhook: StoredWebhook, message_id: str, now: datetime) -> bytes:
    """The body of a message that a person sends to try the webhook."""
    if webhook.kind is WebhookKind.JSON:
        return _own(webhook, message_id, now, (), test=True)
    return _CHATS[webhook.kind](_TEST, ())


def _own(
    webhook: StoredWebhook, message_id: str, now: datetime, events: tuple[WebhookEvent, ...], *, test: bool = False
) -> bytes:
    message = WebhookMessage(
        id=message_id,
        test=test,
        webhook=webhook.name,
        scope=webhook.scope,
        sent_by=f"{_PROGRAM} {VERSION}",
        made_at=now,
        events=events,
    )
    return message.model_dump_json().encode()


def _event(event: InboxEvent, database: UUID) -> WebhookEvent:
    text = event_text(event)
    facts = {name: getattr(event, name) for name in EventFacts.model_fields}
    named = {"id": event_id(database, event).urn, "summary": text.title, "link": text.link}
    return WebhookEvent.model_validate({**facts, **named})


def _slack(title: str, events: Sequence[EventText]) -> bytes:
    blocks = [_slack_section(f"*{_escaped(title)}*"), *map(_slack_event, events)]
    return _encoded({"text": _escaped(f"{_PROGRAM}: {title}"), "blocks": blocks})


def _slack_event(event: EventText) -> dict[str, object]:
    head = f"*<{_escaped(event.link)}|{_escaped(event.cve_id)}>* {_escaped(event.happened)}"
    return _slack_section("\n".join((head, *_shortened(event, _escaped, _SLACK_TEXT, len))))


def _slack_section(text: str) -> dict[str, object]:
    """verbatim: Slack makes no links of names and addresses in the text."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(title: str, events: Sequence[EventText]) -> bytes:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _PROGRAM,
        "body": [_teams_line(f"{_PROGRAM}: {title}", weight="Bolder"), *map(_teams_event, events)],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return _encoded({"type": "message", "attachments": [attachment]})


def _teams_event(event: EventText) -> dict[str, object]:
    link = {"type": "Action.OpenUrl", "url": event.link}
    name = {"type": "TextRun", "text": event.cve_id, "weight": "Bolder", "selectAction": link}
    head = {"type": "RichTextBlock", "inlines": [name, {"type": "TextRun", "text": f" {event.happened}"}]}
    lines = _shortened(event, str, _TEAMS_TEXT, lambda line: len(line.encode()))
    return {"type": "Container", "separator": True, "items": [head, *map(_teams_line, lines)]}


def _teams_line(text: str, **style: str) -> dict[str, object]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _shortened(event: EventText, encode: Callable[[str], str], room: int, size: Callable[[str], int]) -> Iterator[str]:
    """The first lines of an event, as many as there is room for; an ellipsis stands for the others."""
    for number, line in enumerate(event.lines):
        written = encode(one_line(line, _LINE))
        room -= size(written)
        if room < 0 or number == MAX_LINES:
            yield "…"
            return
        yield written


def _encoded(message: Mapping[str, object]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


_CHATS: Mapping[WebhookKind, Callable[[str, Sequence[EventText]], bytes]] = {
    WebhookKind.SLACK: _slack,
    WebhookKind.TEAMS: _teams,
}
