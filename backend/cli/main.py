"""`openthreat`: what a person types. Commands speak to the running API; `doctor` and `selftest` look for themselves."""

from __future__ import annotations

import os
import sys

import click

from backend.cli import session as codes
from backend.cli.commands import diagnosis, status, tasks, vulnerabilities
from backend.cli.session import CommandContext, Terminal, Unwritable, prepare
from backend.contract.errors import ConfigurationError, OpenThreatError
from backend.contract.version import VERSION

INTERRUPTED = 130
"""What shells expect of a program that ended by Ctrl-C."""
_ROLES = """\b
Services, each in the foreground:
  up, down     everything together
  tray         the desktop (default)
  api, worker [-Q slow,fast], beat"""


@click.group(
    "openthreat", epilog=_ROLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(VERSION, prog_name="openthreat", message="%(prog)s %(version)s")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for programs.")
@click.pass_obj
def openthreat(session: CommandContext, as_json: bool) -> None:
    """Keeps a private, searchable database of known vulnerabilities up to date."""
    session.terminal.as_json = as_json


for _command in (
    *tasks.COMMANDS,
    *vulnerabilities.COMMANDS,
    *status.COMMANDS,
    *status.PAUSE_COMMANDS,
    *diagnosis.COMMANDS,
):
    openthreat.add_command(_command)


def main(argv: list[str]) -> int:
    """Runs one command and returns its exit code."""
    sys.stdout, sys.stderr = prepare(sys.stdout), prepare(sys.stderr)
    try:
        code = _run(argv, CommandContext(Terminal()))
        sys.stdout.flush()
    except BrokenPipeError:
        _read_no_further()
        return codes.DONE
    except Unwritable as error:
        sys.stderr.write(f"The output cannot be written: {error}.\n")
        _read_no_further()
        return codes.UNHEALTHY
    return code


def _run(argv: list[str], session: CommandContext) -> int:
    try:
        with openthreat.make_context("openthreat", argv, obj=session) as context:
            code = openthreat.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except OpenThreatError as error:
        return _told(session.terminal, error)
    return code if isinstance(code, int) else codes.DONE


def _told(terminal: Terminal, error: OpenThreatError) -> int:
    from backend.client.transport import ApiError, ApiRefused
    from backend.contract.errors import ErrorBody

    if terminal.as_json:
        terminal.json(ErrorBody.of(error.fields))
    else:
        terminal.complain(error.title, error.message, error.hint)
    if isinstance(error, ApiError) and error.temporary:
        return codes.UNREACHABLE
    if isinstance(error, ConfigurationError) or (isinstance(error, ApiRefused) and error.bad_input):
        return codes.WRONG_USAGE
    return codes.UNHEALTHY


def _read_no_further() -> None:
    """Whoever read our output has enough (`| head`); Python must not complain of it again when it closes the stream."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
