"""The commands `openthreat webhook`: who gets what is new."""

from __future__ import annotations

import sys
from datetime import datetime

import click
from pydantic import ValidationError

from backend.cli.session import DONE, UNHEALTHY, CommandContext, command
from backend.contract.errors import ConfigurationError, NotFound
from backend.contract.formatting import number, when
from backend.contract.inbox import EventKind, InboxScope
from backend.contract.webhooks import Webhook, WebhookKind, WebhookState, WebhookWanted
from backend.contract.wire import utc_now

_KINDS = [kind.value for kind in WebhookKind]
_SCOPES = [scope.value for scope in InboxScope]
_EVENTS = [kind.value for kind in EventKind]


@click.group("webhook")
def webhook() -> None:
    """Send what is new to other programs: JSON, Slack, Microsoft Teams."""


@command("list")
def list_webhooks(context: CommandContext) -> int:
    """List the webhooks, and how each is doing."""
    listed = context.client.webhooks()
    context.terminal.show(listed)
    if not listed.items:
        context.terminal.print_line("There is no webhook. `openthreat webhook add` makes one.")
        return DONE
    now = utc_now()
    head = ("NAME", "KIND", "SCOPE", "SENT TO", "WAITING", "LAST SENT", "STATE")
    context.terminal.table(head, [_row(item, now) for item in listed.items])
    return DONE


@command("add")
@click.argument("name")
@click.argument("address")
@click.option("--kind", type=click.Choice(_KINDS), default="json", show_default=True, help="The form of messages.")
@click.option("--scope", type=click.Choice(_SCOPES), default="mine", show_default=True, help="Whose events.")
@click.option("--event", "events", type=click.Choice(_EVENTS), multiple=True, help="A kind of event. Default: all.")
@click.option("--secret", default="", help="To sign messages with. Default for JSON: one is made and printed.")
def add(
    context: CommandContext, name: str, address: str, kind: str, scope: str, events: tuple[str, ...], secret: str
) -> int:
    """Send what happens from now on to ADDRESS. `-` reads the address from standard input."""
    given = sys.stdin.readline().strip() if address == "-" else address
    wanted = {"name": name, "address": given, "kind": kind, "scope": scope, "secret": secret}
    added = context.client.add_webhook(_checked({**wanted, "events": events or tuple(EventKind)}))
    context.terminal.show(added, f"{added.webhook.name} gets what happens from now on.")
    if added.secret and not secret:
        context.terminal.print_line(
            f"Its messages are signed with this secret, which is not shown again: {added.secret}"
        )
    return DONE


@command("remove")
@click.argument("name")
def remove(context: CommandContext, name: str) -> int:
    """Remove the webhook NAME. What is still to be sent to it is not sent."""
    found = _named(context, name)
    context.terminal.show(context.client.remove_webhook(found.id), f"Removed {found.name}.")
    return DONE


@command("test")
@click.argument("name")
def test(context: CommandContext, name: str) -> int:
    """Send a test message to the webhook NAME, and show what it answers."""
    tested = context.client.test_webhook(_named(context, name).id)
    context.terminal.show(tested, tested.message)
    return DONE if tested.delivered else UNHEALTHY


def _named(context: CommandContext, name: str) -> Webhook:
    listed = context.client.webhooks().items
    for found in listed:
        if name.casefold() == found.name.casefold() or name == found.id:
            return found
    known = ", ".join(found.name for found in listed) or "none"
    raise NotFound("No such webhook", f"No webhook is called {name}.", f"There is: {known}.")


def _checked(wanted: dict[str, object]) -> WebhookWanted:
    """Check the arguments here: the error of the API would repeat them, and the address is a secret."""
    try:
        return WebhookWanted.model_validate(wanted)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise ConfigurationError("The webhook cannot be added", f"{first['loc'][0]}: {reason}.") from None


def _row(item: Webhook, now: datetime) -> tuple[str, ...]:
    state = item.error if item.state is not WebhookState.OK else "ok"
    return (
        item.name,
        item.kind,
        item.scope,
        item.place,
        number(item.waiting),
        when(item.last_success_at, now),
        state,
    )


for _command in (list_webhooks, add, remove, test):
    webhook.add_command(_command)

COMMANDS = (webhook,)
