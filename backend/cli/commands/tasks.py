"""Asking for runs, watching them, and when they happen by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from backend.cli.session import DONE, UNHEALTHY, CommandContext, command
from backend.contract.names import RunState, TaskName

if TYPE_CHECKING:
    from backend.contract.tasks import TaskRun

_TEST_PATIENCE_S = 30.0


@command("update")
@click.option("--wait", is_flag=True, help="Stay until it is done and show how far it is.")
def update(session: CommandContext, wait: bool) -> int:
    """Update all vulnerabilities now."""
    return _ask_for(session, TaskName.UPDATE, wait=wait)


@command("clean-cache")
@click.option("--wait", is_flag=True, help="Stay until it is done.")
def clean_cache(session: CommandContext, wait: bool) -> int:
    """Remove old cache entries and the oldest run history."""
    return _ask_for(session, TaskName.CLEAN_CACHE, wait=wait)


@command("update-stats")
@click.option("--wait", is_flag=True, help="Stay until it is done.")
def update_stats(session: CommandContext, wait: bool) -> int:
    """Compute the statistics again."""
    return _ask_for(session, TaskName.UPDATE_STATS, wait=wait)


@command("test")
def test(session: CommandContext) -> int:
    """Send a test task through the queue and wait for its answer."""
    from backend.cli.follow import follow

    accepted = session.client.request_run(TaskName.TEST)
    return _ended(session, follow(session.client, accepted.task_id, session.terminal, patience_s=_TEST_PATIENCE_S))


@command("status")
@click.argument("task_id", metavar="ID")
def status(session: CommandContext, task_id: str) -> int:
    """Show one run."""
    return _show(session, session.client.run(task_id))


@command("monitor")
@click.argument("task_id", metavar="ID")
def monitor(session: CommandContext, task_id: str) -> int:
    """Follow a run until it ends. Ctrl-C leaves it running."""
    return _wait(session, task_id)


@command("cancel")
@click.argument("task_id", metavar="ID")
def cancel(session: CommandContext, task_id: str) -> int:
    """Stop a run."""
    answer = session.client.cancel(task_id)
    session.terminal.give(answer, answer.message)
    return DONE


def _ask_for(session: CommandContext, task: TaskName, *, wait: bool) -> int:
    accepted = session.client.request_run(task)
    if wait:
        return _wait(session, accepted.task_id, f"{accepted.message} ({accepted.task_id})")
    session.terminal.give(
        accepted, accepted.message, f"Run {accepted.task_id}; follow it with `openthreat monitor {accepted.task_id}`."
    )
    return DONE


def _wait(session: CommandContext, task_id: str, first_line: str = "") -> int:
    """From the first word on: whoever then presses Ctrl-C is told that the run goes on."""
    try:
        from backend.cli.follow import follow

        if first_line:
            session.terminal.say(first_line)
        run = follow(session.client, task_id, session.terminal)
    except KeyboardInterrupt:
        session.terminal.complain(
            "Not waiting any longer",
            f"Run {task_id} goes on.",
            f"`openthreat monitor {task_id}` follows it again, `openthreat cancel {task_id}` stops it.",
        )
        raise
    return _ended(session, run)


def _ended(session: CommandContext, run: TaskRun) -> int:
    from backend.cli.tables import ending

    session.terminal.give(run, *ending(run))
    return _code(run)


def _show(session: CommandContext, run: TaskRun) -> int:
    from backend.cli.tables import run_facts

    session.terminal.give(run, *run_facts(run, datetime.now(UTC)))
    return _code(run)


def _code(run: TaskRun) -> int:
    return UNHEALTHY if run.status in (RunState.FAILURE, RunState.REVOKED) else DONE


COMMANDS = (update, clean_cache, update_stats, test, status, monitor, cancel)
