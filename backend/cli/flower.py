"""Flower, where it is installed. It is a child of ours and ends with us."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

from backend.cli.terminal import Terminal
from backend.config import Settings
from backend.contract.errors import OpenThreatError


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
