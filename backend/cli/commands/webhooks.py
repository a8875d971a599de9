"""The commands `openthreat webhook`: which programs receive what is new."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import click

from backend.cli.session import DONE, UNHEALTHY, CommandContext, checked, command
from backend.contract.errors import ConfigurationError, NotFound
from backend.contract.formatting import number, when
from backend.contract.inbox import EventKind, InboxScope
from backend.contract.webhooks import Webhook, WebhookChange, WebhookKind, WebhookSaved, WebhookState, WebhookWanted
from backend.contract.wire import utc_now

_KINDS = [kind.value for kind in WebhookKind]
_SCOPES = [scope.value for scope in InboxScope]
_EVENTS = [kind.value for kind in EventKind]
_NOT_SAVED = "The webhook cannot be saved"
_Command = TypeVar("_Command", bound=Callable[..., object])


def _event_option(none_given: str) -> Callable[[_Command], _Command]:
    """The option for kinds of events. none_given: the end of its help."""
    words = f"A kind of event; repeat it for several. {none_given}"
    return click.option("--event", "events", type=click.Choice(_EVENTS), multiple=True, help=words)


@click.group("webhook")
def webhook() -> None:
    """Send what is new to Slack, Teams or other programs."""


@command("list")
def list_webhooks(context: CommandContext) -> int:
    """List the webhooks with their states."""
    listed = context.client.webhooks()
    context.terminal.show(listed)
    if not listed.items:
        context.terminal.print_line("There is no webhook. `openthreat webhook add NAME ADDRESS` makes one.")
        return DONE
    now = utc_now()
    head = ("NAME", "KIND", "SCOPE", "SENT TO", "SENT BY", "WAITING", "LAST SENT", "STATE")
    context.terminal.table(head, [_row(item, now) for item in listed.items])
    return DONE


@command("add")
@click.argument("name")
@click.argument("address")
@click.option("--kind", type=click.Choice(_KINDS), default="json", show_default=True, help="The form of messages.")
@click.option("--scope", type=click.Choice(_SCOPES), default="mine", show_default=True, help="Which events.")
@_event_option("Default: all.")
@click.option("--secret", default="", help="To sign messages with. Default for JSON: one is made and printed.")
def add(
    context: CommandContext, name: str, address: str, kind: str, scope: str, events: tuple[str, ...], secret: str
) -> int:
    """Send what happens from now on to ADDRESS. `-` reads the address from standard input."""
    wanted = {"name": name, "address": _address(address), "kind": kind, "scope": scope, "secret": secret}
    added = context.client.add_webhook(
        checked(WebhookWanted, {**wanted, "events": events or tuple(EventKind)}, _NOT_SAVED)
    )
    context.terminal.show(added, f"“{added.webhook.name}” receives what happens from now on.")
    _show_secret(context, added, secret)
    return DONE


@command("change")
@click.argument("name")
@click.option("--name", "new_name", help="Another name.")
@click.option("--address", help="Where to send from now on; this PC then sends. `-` reads it from standard input.")
@click.option("--kind", type=click.Choice(_KINDS), help="The form of messages.")
@click.option("--scope", type=click.Choice(_SCOPES), help="Which events.")
@_event_option("They replace the present ones.")
@click.option("--secret", help="To sign messages with from now on. Empty: they are not signed.")
def change(
    context: CommandContext,
    name: str,
    new_name: str | None,
    address: str | None,
    kind: str | None,
    scope: str | None,
    events: tuple[str, ...],
    secret: str | None,
) -> int:
    """Change the webhook NAME. What is not given stays as it is."""
    given = {"name": new_name, "address": address and _address(address), "kind": kind, "scope": scope, "secret": secret}
    wanted = checked(WebhookChange, {**given, "events": events or None}, _NOT_SAVED)
    if wanted == WebhookChange():
        raise ConfigurationError(
            "Nothing to change",
            "No option says what to change.",
            "`openthreat webhook change --help` lists the options.",
        )
    saved = context.client.change_webhook(_named(context, name).id, wanted)
    context.terminal.show(saved, f"Webhook “{saved.webhook.name}” is changed.")
    _show_secret(context, saved, secret)
    return DONE


@command("remove")
@click.argument("name")
def remove(context: CommandContext, name: str) -> int:
    """Remove the webhook NAME. What is still to be sent to it is not sent."""
    found = _named(context, name)
    context.terminal.show(context.client.remove_webhook(found.id), f"Webhook “{found.name}” is removed.")
    return DONE


@command("test")
@click.argument("name")
def test(context: CommandContext, name: str) -> int:
    """Send a test message to the webhook NAME, and show what it answers."""
    tested = context.client.test_webhook(_named(context, name).id)
    context.terminal.show(tested, tested.message)
    return DONE if tested.delivered else UNHEALTHY


def _address(given: str) -> str:
    return sys.stdin.readline().strip() if given == "-" else given


def _show_secret(context: CommandContext, saved: WebhookSaved, given: str | None) -> None:
    """Show a secret that was made, which no other answer has."""
    if saved.secret and not given:
        context.terminal.print_line(
            f"Its messages are signed with this secret, which is not shown again: {saved.secret}"
        )


def _named(context: CommandContext, name: str) -> Webhook:
    listed = context.client.webhooks().items
    for found in listed:
        if name.casefold() == found.name.casefold() or name == found.id:
            return found
    raise NotFound("No such webhook", f"No webhook is called “{name}”.", "`openthreat webhook list` lists all.")


def _row(item: Webhook, now: datetime) -> tuple[str, ...]:
    state = item.error if item.state is not WebhookState.OK else "ok"
    return (
        item.name,
        item.kind,
        item.scope,
        item.place,
        item.holder,
        number(item.waiting),
        when(item.last_success_at, now),
        state,
    )


for _command in (list_webhooks, add, change, remove, test):
    webhook.add_command(_command)

COMMANDS = (webhook,)
