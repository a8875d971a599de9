"""What every command is given: where to print and, once it is needed, the way to the API."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import click

from backend.cli.terminal import Terminal
from backend.contract.names import UNREACHABLE, WRONG_USAGE

if TYPE_CHECKING:
    from backend.client.transport import Client
    from backend.config import Settings

__all__ = ["DONE", "UNHEALTHY", "UNREACHABLE", "WRONG_USAGE", "Session", "command"]

P = ParamSpec("P")

DONE, UNHEALTHY = 0, 1
"""Exit codes: done; the task failed or what was asked for is not healthy; wrong usage; nobody can be reached."""


class Session:
    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    @cached_property
    def settings(self) -> Settings:
        from backend.config import load_settings

        return load_settings()

    @cached_property
    def client(self) -> Client:
        from backend.client.transport import Client

        return Client(self.settings)


def command(name: str) -> Callable[[Callable[Concatenate[Session, P], int]], click.Command]:
    """A subcommand: a function of a session and its own parameters, which returns the exit code."""

    def register(function: Callable[Concatenate[Session, P], int]) -> click.Command:
        @click.command(name, help=function.__doc__)
        @click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for programs.")
        @click.pass_obj
        @wraps(function)
        def invoke(session: Session, /, as_json: bool, *args: P.args, **kwargs: P.kwargs) -> int:
            session.terminal.as_json = session.terminal.as_json or as_json
            return function(session, *args, **kwargs)

        return invoke

    return register
