"""What is wrong, does this installation work at all, and a look at the queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from backend.cli.session import DONE, UNHEALTHY, Session, command

if TYPE_CHECKING:
    from backend.contract.problems import Diagnosis

FLOWER_PORT = 5555


@command("doctor")
def doctor(session: Session) -> int:
    """Find what is wrong and what to do about it. Works without the API."""
    from backend.services.doctor.examination import examine

    return _report(session, examine())


@command("selftest")
def selftest(session: Session) -> int:
    """Check that this installation is whole."""
    from backend.services.doctor.selftest import run_selftest

    return _report(session, run_selftest(session.settings))


@command("flower")
@click.option("--port", type=click.IntRange(1, 65535), default=FLOWER_PORT, show_default=True)
def flower(session: Session, port: int) -> int:
    """Open Flower, a monitor of Celery's queues, on this machine only."""
    from backend.cli.flower import run_flower

    return run_flower(session.settings, session.terminal, port)


def _report(session: Session, diagnosis: Diagnosis) -> int:
    from backend.cli.reports import diagnosis_lines

    session.terminal.give(diagnosis, *diagnosis_lines(diagnosis))
    return DONE if diagnosis.healthy else UNHEALTHY


COMMANDS = (doctor, selftest, flower)
