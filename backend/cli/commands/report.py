"""The command `openthreat report`: what happened in a period, as a file to read, to print or to send."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from backend.cli.session import DONE, CommandContext, OutputFailed, command
from backend.contract.errors import OpenThreatError
from backend.contract.formatting import size
from backend.contract.report import ReportFormat, ReportPeriod, ReportScope
from backend.system.files import write_atomically

_STDOUT = Path("-")


def _choice(values: type[ReportFormat | ReportPeriod | ReportScope]) -> click.Choice[str]:
    return click.Choice([str(value) for value in values])


@command("report")
@click.option(
    "--period",
    type=_choice(ReportPeriod),
    default=str(ReportPeriod.WEEK),
    show_default=True,
    help="The period that ends now.",
)
@click.option(
    "--scope", type=_choice(ReportScope), default=str(ReportScope.MINE), show_default=True, help="What it is about."
)
@click.option("--machine", default="", help="Only this machine, by id or name.")
@click.option("--format", "form", type=_choice(ReportFormat), help="Default: by the ending of FILE; html without one.")
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=_STDOUT,
    metavar="FILE",
    help="Default: standard output.",
)
def report(context: CommandContext, period: str, scope: str, machine: str, form: str | None, file: Path) -> int:
    """Write a report of a day, a week or a month.

    It has what is new, exploited, fixed and overdue, and what to update.
    """
    chosen = ReportFormat.JSON if context.terminal.as_json and form is None else _format(form, file)
    asked = ReportFormat.HTML if chosen is ReportFormat.PDF else chosen
    content = context.client.report({"period": period, "scope": scope, "machine": machine, "format": asked})
    if chosen is ReportFormat.PDF:
        from backend.services.report.rendering import as_pdf

        content = as_pdf(content)
    if file == _STDOUT:
        _print(content)
        return DONE
    try:
        write_atomically(file, content)
    except OSError as error:
        message = f"{file}: {error.strerror or error}."
        raise OpenThreatError(
            "The report cannot be written", message, "Choose another folder, or free space."
        ) from error
    context.terminal.print_line(f"{file.name}: {size(len(content))}")
    return DONE


def _format(given: str | None, file: Path) -> ReportFormat:
    """The format that was given, else that of the file's ending.

    Raises:
        click.UsageError: The ending is unknown, or a PDF would be written to a terminal.
    """
    ending = file.suffix.removeprefix(".").lower()
    chosen = given or ending or ReportFormat.HTML
    if chosen not in set(ReportFormat):
        raise click.UsageError(f"Give --format, or end FILE with .{', .'.join(ReportFormat)}.")
    if chosen == ReportFormat.PDF and file == _STDOUT and sys.stdout.isatty():
        raise click.UsageError("A PDF is not text: give -o FILE.")
    return ReportFormat(chosen)


def _print(content: bytes) -> None:
    """Write bytes to standard output.

    Raises:
        BrokenPipeError: The reader has closed the pipe.
        OutputFailed: It cannot be written for another reason.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputFailed(error.strerror or str(error)) from error


COMMANDS: tuple[click.Command, ...] = (report,)
