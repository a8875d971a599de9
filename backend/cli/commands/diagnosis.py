"""Commands that examine the installation: `doctor`, `selftest`, and `flower`, which runs Flower as a child process."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from backend.cli.session import DONE, UNHEALTHY, CommandContext, Terminal, command
from backend.config import Settings
from backend.contract.errors import OpenThreatError

if TYPE_CHECKING:
    from backend.contract.diagnosis import Diagnosis


FLOWER_PORT = 5555


@command("doctor")
def doctor(context: CommandContext) -> int:
    """Find problems and show how to solve them. Works without the API."""
    from backend.services.doctor.examination import examine

    return _report(context, examine())


@command("selftest")
def selftest(context: CommandContext) -> int:
    """Check that this installation is complete and works."""
    from backend.services.doctor.selftest import run_selftest

    return _report(context, run_selftest(context.settings))


@command("flower")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=FLOWER_PORT, show_default=True, help="Port of the web page."
)
def flower(context: CommandContext, port: int) -> int:
    """Start Flower, Celery's web monitor, on this machine."""
    return run_flower(context.settings, context.terminal, port)


def _report(context: CommandContext, diagnosis: Diagnosis) -> int:
    from backend.cli.tables import diagnosis_lines

    context.terminal.show(diagnosis, *diagnosis_lines(diagnosis))
    return DONE if diagnosis.healthy else UNHEALTHY


class FlowerUnavailable(OpenThreatError):  # noqa: N818 - names a state
    """Flower cannot run here; the hint names what is missing."""


def run_flower(settings: Settings, terminal: Terminal, port: int) -> int:
    """Run Flower until Ctrl-C and return its exit code.

    Raises:
        FlowerUnavailable: Flower is not installed, or the stack has no Redis.
    """
    if settings.embedded_broker:
        raise FlowerUnavailable(
            "Flower needs Redis",
            "The built-in broker has no events.",
            "Set DATABASE_URL and REDIS_URL to your servers. `openthreat workers` works on every stack.",
        )
    if importlib.util.find_spec("flower") is None:
        raise FlowerUnavailable(
            "Flower is not installed",
            "It is not part of this program.",
            f"Install it: {sys.executable} -m pip install flower",
        )
    terminal.print_line(f"Flower: http://127.0.0.1:{port} (press Ctrl-C to stop)")
    # The broker's address may contain a password, so it is not passed in argv: the application reads it itself.
    arguments = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "backend.celery_app",
        "flower",
        "--address=127.0.0.1",
        f"--port={port}",
    ]
    return subprocess.run(arguments, check=False).returncode  # noqa: S603 - our own interpreter


COMMANDS = (doctor, selftest, flower)
