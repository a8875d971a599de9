"""The command line `openthreat`. Commands call the running API; `doctor` and `selftest` work without it."""

from __future__ import annotations

import os
import sys

import click

from backend.cli.commands import bundle, diagnosis, exposure, report, status, tasks, tokens, vulnerabilities, webhooks
from backend.cli.session import DONE, JSON_HELP, UNHEALTHY, CommandContext, OutputFailed, Terminal, tolerant_stream
from backend.contract.errors import ConfigurationError, OpenThreatError
from backend.contract.names import UNREACHABLE, WRONG_USAGE
from backend.contract.version import VERSION

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells expect it: 128 plus the number of SIGINT."""
_EPILOG = """\b
Program and services:
  tray                              Run the desktop program (default).
  up                                Run all services in the foreground.
  down                              Stop the running program.
  inventory scan                    Store what is installed on this PC (Windows).
  pictures FOLDER                   Draw every page of the window as PNG.
  api, worker [-Q slow,fast], beat  Run one service in the foreground."""


@click.group(
    "openthreat", epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(VERSION, prog_name="openthreat", message="%(prog)s %(version)s")
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
@click.pass_obj
def openthreat(context: CommandContext, as_json: bool) -> None:
    """Local, searchable database of known vulnerabilities."""
    context.terminal.as_json = as_json


for _command in (
    *tasks.COMMANDS,
    *vulnerabilities.COMMANDS,
    *exposure.COMMANDS,
    *report.COMMANDS,
    *status.COMMANDS,
    *diagnosis.COMMANDS,
    *bundle.COMMANDS,
    *webhooks.COMMANDS,
    *tokens.COMMANDS,
):
    openthreat.add_command(_command)


def main(argv: list[str]) -> int:
    """Run one command and return its exit code."""
    sys.stdout, sys.stderr = tolerant_stream(sys.stdout), tolerant_stream(sys.stderr)
    try:
        code = _run(argv, CommandContext(Terminal()))
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return DONE
    except OutputFailed as error:
        sys.stderr.write(f"The output cannot be written: {error}.\n")
        _discard_output()
        return UNHEALTHY
    return code


def _run(argv: list[str], context: CommandContext) -> int:
    try:
        with openthreat.make_context("openthreat", argv, obj=context) as click_context:
            code = openthreat.invoke(click_context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except OpenThreatError as error:
        return _report(context.terminal, error)
    return code if isinstance(code, int) else DONE


def _report(terminal: Terminal, error: OpenThreatError) -> int:
    from backend.client.transport import ApiError, ApiRefused
    from backend.contract.errors import ErrorBody

    if terminal.as_json:
        terminal.print_json(ErrorBody.of(error.fields))
    else:
        terminal.print_error(error.title, error.message, error.hint)
    if isinstance(error, ApiError) and error.temporary:
        return UNREACHABLE
    if isinstance(error, ConfigurationError) or (isinstance(error, ApiRefused) and error.bad_input):
        return WRONG_USAGE
    return UNHEALTHY


def _discard_output() -> None:
    """Replace a standard output whose reader has closed it (`| head`), so that Python's final flush does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
