"""What is wrong, does this installation work at all, and a look at the queues.

Flower, where it is installed. It is a child of ours and ends with us.
"""

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
    from backend.contract.problems import Diagnosis


FLOWER_PORT = 5555


@command("doctor")
def doctor(session: CommandContext) -> int:
    """Find what is wrong and what to do about it. Works without the API."""
    from backend.services.doctor.examination import examine

    return _report(session, examine())


@command("selftest")
def selftest(session: CommandContext) -> int:
    """Check that this installation is whole."""
    from backend.services.doctor.selftest import run_selftest

    return _report(session, run_selftest(session.settings))


@command("flower")
@click.option("--port", type=click.IntRange(1, 65535), default=FLOWER_PORT, show_default=True)
def flower(session: CommandContext, port: int) -> int:
    """Open Flower, a monitor of Celery's queues, on this machine only."""

    return run_flower(session.settings, session.terminal, port)


def _report(session: CommandContext, diagnosis: Diagnosis) -> int:
    from backend.cli.tables import diagnosis_lines

    session.terminal.give(diagnosis, *diagnosis_lines(diagnosis))
    return DONE if diagnosis.healthy else UNHEALTHY


COMMANDS = (doctor, selftest, flower)


class NoFlower(OpenThreatError):  # noqa: N818 - names a state
    """Flower cannot be run here; the hint says what it would take."""


def run_flower(settings: Settings, terminal: Terminal, port: int) -> int:
    """Until Ctrl-C. Returns Flower's exit code. Raises NoFlower."""
    if settings.embedded_broker:
        raise NoFlower(
            "Flower needs Redis",
            "The built-in broker tells no events.",
            "Set DATABASE_URL and REDIS_URL to servers of your own; `openthreat workers` works on any stack.",
        )
    if importlib.util.find_spec("flower") is None:
        raise NoFlower(
            "Flower is not installed",
            "It is no part of this program.",
            f"Install it beside the program: {sys.executable} -m pip install flower",
        )
    terminal.say(f"Flower opens at http://127.0.0.1:{port}; Ctrl-C ends it.")
    # The broker's address may hold a password: the application reads it itself, argv holds none.
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
