"""What every command is given: where to print and, once it is needed, the way to the API.

Where the commands print: people get lines and tables, programs get one JSON document.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TextIO

import click
from pydantic import BaseModel, JsonValue

from backend.contract.formatting import clean
from backend.contract.names import UNREACHABLE, WRONG_USAGE

if TYPE_CHECKING:
    from backend.client.api import ApiClient
    from backend.config import Settings


_GAP = "  "
_LINE = 100  # letters, where no terminal tells
_LAST_COLUMN = 100  # letters; wider text is cut, with an ellipsis


class Unwritable(Exception):  # noqa: N818 - names a state
    """What was to be said cannot be written: a full disk, a device that is gone. Not a reader who has enough."""


def prepare(stream: TextIO | None) -> TextIO:
    """A console that cannot show a letter shows a question mark; printing never fails for that.

    None is what Python has for a stream that whoever started the program has closed.
    """
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return stream


class Terminal:
    def __init__(self, *, as_json: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.as_json = as_json
        self._out, self._err = out or sys.stdout, err or sys.stderr

    @property
    def interactive(self) -> bool:
        return not self.as_json and self._out.isatty()

    @property
    def stream(self) -> TextIO:
        return self._out

    @property
    def width(self) -> int:
        """Letters in a line. Where nobody looks, such as in a pipe, what reads well."""
        return shutil.get_terminal_size((_LINE, 24)).columns if self._out.isatty() else _LINE

    def say(self, text: str = "") -> None:
        """One line for people; nothing in JSON mode."""
        if not self.as_json:
            self._print(clean(text))

    def give(self, answer: BaseModel, *lines: str) -> None:
        """An answer of the API: the document itself for programs, these lines for people."""
        if self.as_json:
            self.json(answer)
        for line in lines:
            self.say(line)

    def complain(self, title: str, message: str = "", hint: str = "") -> None:
        for line in filter(None, (f"{title}: {message}" if message else title, hint)):
            print(clean(line), file=self._err, flush=True)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns as wide as their widest cell; only the last one is cut."""
        cells = [[clean(cell) for cell in row] for row in (head, *rows)]
        for row in cells:
            row[-1] = row[-1] if len(row[-1]) <= _LAST_COLUMN else row[-1][: _LAST_COLUMN - 1].rstrip() + "…"
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for row in cells:
            self.say(_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

    def json(self, value: BaseModel | JsonValue) -> None:
        """Escaped to ASCII: whatever reads it needs to know no encoding."""
        plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        self._print(json.dumps(plain, indent=2))

    def _print(self, text: str) -> None:
        """Raises BrokenPipeError, Unwritable."""
        try:
            print(text, file=self._out, flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Unwritable(error.strerror or str(error)) from error


__all__ = ["DONE", "UNHEALTHY", "UNREACHABLE", "WRONG_USAGE", "CommandContext", "command"]

P = ParamSpec("P")

DONE, UNHEALTHY = 0, 1
"""Exit codes: done; the task failed or what was asked for is not healthy; wrong usage; nobody can be reached."""


class CommandContext:
    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    @cached_property
    def settings(self) -> Settings:
        from backend.config import load_settings

        return load_settings()

    @cached_property
    def client(self) -> ApiClient:
        from backend.client.api import COMMAND_MAX_BYTES, COMMAND_WAIT_S, ApiClient

        return ApiClient(
            self.settings.api_base,
            self.settings.token,
            wait_s=COMMAND_WAIT_S,
            max_bytes=COMMAND_MAX_BYTES,
            hint="Start everything with `openthreat up`, or look for the cause with `openthreat doctor`.",
        )


def command(name: str) -> Callable[[Callable[Concatenate[CommandContext, P], int]], click.Command]:
    """A subcommand: a function of a session and its own parameters, which returns the exit code."""

    def register(function: Callable[Concatenate[CommandContext, P], int]) -> click.Command:
        @click.command(name, help=function.__doc__)
        @click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for programs.")
        @click.pass_obj
        @wraps(function)
        def invoke(session: CommandContext, /, as_json: bool, *args: P.args, **kwargs: P.kwargs) -> int:
            session.terminal.as_json = session.terminal.as_json or as_json
            return function(session, *args, **kwargs)

        return invoke

    return register
