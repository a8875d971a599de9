"""The context of a command: its terminal, and the settings and API client, which are created when first used.

Output is lines and tables for people, or one JSON document for programs.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TextIO, TypeVar

import click
from pydantic import BaseModel, JsonValue, ValidationError

from backend.contract.errors import ConfigurationError
from backend.contract.formatting import clean
from backend.contract.validation import reason_of

if TYPE_CHECKING:
    from backend.client.api import ApiClient
    from backend.config import Settings


DONE = 0
"""Exit code of a command that succeeded."""
UNHEALTHY = 1
"""Exit code: the task failed, or the state that was asked for is not healthy. The others are in contract.names."""
JSON_HELP = "Print one JSON document."
_GAP = "  "
_DEFAULT_WIDTH = 100  # characters, where the output is not a terminal
_MAX_LAST_COLUMN = 100  # characters; longer text is cut, with an ellipsis

P = ParamSpec("P")
Message = TypeVar("Message", bound=BaseModel)


class OutputFailed(Exception):  # noqa: N818 - names a state
    """The output cannot be written, for example to a full disk. A reader that closed the pipe is not meant."""


def tolerant_stream(stream: TextIO | None) -> TextIO:
    """Return the stream so that characters outside its encoding are printed as question marks.

    Args:
        stream: None, as Python sets it, if the parent process has closed the stream; then output is discarded.
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
        """Characters per line; a default where the output is not a terminal, such as a pipe."""
        return shutil.get_terminal_size((_DEFAULT_WIDTH, 24)).columns if self._out.isatty() else _DEFAULT_WIDTH

    def print_line(self, text: str = "") -> None:
        """Print one line; nothing in JSON mode."""
        if not self.as_json:
            self._print(clean(text))

    def show(self, answer: BaseModel, *lines: str) -> None:
        """Print an answer of the API: the document in JSON mode, otherwise the lines."""
        if self.as_json:
            self.print_json(answer)
        for line in lines:
            self.print_line(line)

    def print_error(self, title: str, message: str = "", hint: str = "") -> None:
        for line in filter(None, (f"{title}: {message}" if message else title, hint)):
            print(clean(line), file=self._err, flush=True)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table with columns as wide as their widest cell. Only the last column is cut."""
        cells = [[clean(cell) for cell in row] for row in (head, *rows)]
        for row in cells:
            row[-1] = row[-1] if len(row[-1]) <= _MAX_LAST_COLUMN else row[-1][: _MAX_LAST_COLUMN - 1].rstrip() + "…"
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for row in cells:
            self.print_line(_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

    def print_json(self, value: BaseModel | JsonValue) -> None:
        """Print a JSON document in ASCII, which a reader decodes correctly in any encoding."""
        plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        self._print(json.dumps(plain, indent=2))

    def _print(self, text: str) -> None:
        """Print and flush.

        Raises:
            BrokenPipeError: The reader has closed the pipe.
            OutputFailed: The output cannot be written for another reason.
        """
        try:
            print(text, file=self._out, flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputFailed(error.strerror or str(error)) from error


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
    """Decorate a function as the subcommand `name`.

    The function takes a CommandContext and its own parameters and returns the exit code. Its docstring is the help.
    """

    def register(function: Callable[Concatenate[CommandContext, P], int]) -> click.Command:
        @click.command(name, help=function.__doc__)
        @click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
        @click.pass_obj
        @wraps(function)
        def invoke(context: CommandContext, /, as_json: bool, *args: P.args, **kwargs: P.kwargs) -> int:
            context.terminal.as_json = context.terminal.as_json or as_json
            return function(context, *args, **kwargs)

        return invoke

    return register


def checked(message: type[Message], values: Mapping[str, object], title: str = "An argument is not valid") -> Message:
    """Make a message from the arguments of a command.

    They are checked before anything is sent: an error of the API could repeat them, and one may be a secret.

    Raises:
        ConfigurationError: One of them is not valid; the text names it, without its value.
    """
    try:
        return message.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise ConfigurationError(title, f"{first['loc'][0]} {reason_of(first)}.") from None
