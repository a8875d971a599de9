"""The commands `openthreat token`: which programs on other machines may use the API, and for what."""

from __future__ import annotations

import click

from backend.cli.session import DONE, CommandContext, checked, command
from backend.contract.access import AccessRole, AccessToken, TokenWanted
from backend.contract.errors import OpenThreatError
from backend.contract.formatting import when
from backend.contract.wire import utc_now


@click.group("token")
def token() -> None:
    """Make, list and revoke tokens for programs on other machines."""


@command("create")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in AccessRole]),
    default=AccessRole.READ.value,
    show_default=True,
    help="read: see everything; triage: also decide and send inventories; administer: also runs, schedule and tokens.",
)
def create(context: CommandContext, name: str, role: str) -> int:
    """Make a token for NAME and print it.

    It is not shown again: only a hash of it is stored.
    """
    wanted = checked(TokenWanted, {"name": name, "role": role}, "The token cannot be made")
    created = context.client.create_token(wanted.name, wanted.role)
    context.terminal.show(
        created,
        created.token,
        f"Token “{created.name}” with the role {created.role}. It is not shown again.",
        "Programs send it as `Authorization: Bearer <token>`.",
    )
    return DONE


@command("list")
def list_tokens(context: CommandContext) -> int:
    """List the tokens, with their roles and when each was used last."""
    listed = context.client.tokens()
    context.terminal.show(listed)
    if listed.items:
        head = ("ID", "NAME", "ROLE", "CREATED", "BY", "LAST USED")
        context.terminal.table(head, [_row(item) for item in listed.items])
    else:
        context.terminal.print_line("There is no token. `openthreat token create NAME` makes one.")
    return DONE


@command("revoke")
@click.argument("token")
def revoke(context: CommandContext, token: str) -> int:
    """Revoke a token, by its id or its name. It is refused from then on."""
    found = _find(context.client.tokens().items, token)
    context.client.revoke_token(found.id)
    context.terminal.show(found, f"Token “{found.name}” is revoked.")
    return DONE


def _find(tokens: tuple[AccessToken, ...], wanted: str) -> AccessToken:
    """The token with this name, else the one with this id: a name may be a number."""
    matching = [item for item in tokens if item.name == wanted] or [item for item in tokens if str(item.id) == wanted]
    if not matching:
        raise OpenThreatError("No such token", f"No token is called “{wanted}”.", "`openthreat token list` lists all.")
    return matching[0]


def _row(item: AccessToken) -> tuple[str, ...]:
    now = utc_now()
    used = f"{when(item.last_used_at, now)} from {item.last_used_from}" if item.last_used_at else "never"
    return str(item.id), item.name, item.role, when(item.created_at, now), str(item.created_by), used


for _command in (create, list_tokens, revoke):
    token.add_command(_command)

COMMANDS = (token,)
