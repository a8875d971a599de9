"""Commands that start, show, follow and cancel runs of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from backend.cli.session import DONE, UNHEALTHY, CommandContext, command
from backend.contract.names import RunState, TaskName
from backend.contract.wire import utc_now

if TYPE_CHECKING:
    from backend.contract.tasks import TaskRun

_TEST_TIMEOUT_S = 30.0


@command("update")
@click.option("--wait", is_flag=True, help="Wait until the run ends and show its progress.")
def update(context: CommandContext, wait: bool) -> int:
    """Update all vulnerabilities now."""
    return _start(context, TaskName.UPDATE, wait=wait)


@command("clean-cache")
@click.option("--wait", is_flag=True, help="Wait until the run ends.")
def clean_cache(context: CommandContext, wait: bool) -> int:
    """Delete expired search results, runs and downloads."""
    return _start(context, TaskName.CLEAN_CACHE, wait=wait)


@command("update-stats")
@click.option("--wait", is_flag=True, help="Wait until the run ends.")
def update_stats(context: CommandContext, wait: bool) -> int:
    """Compute the statistics now."""
    return _start(context, TaskName.UPDATE_STATS, wait=wait)


@command("test")
def test(context: CommandContext) -> int:
    """Run a test task through broker and worker."""
    from backend.cli.follow import follow

    accepted = context.client.request_run(TaskName.TEST)
    run = follow(context.client, accepted.task_id, context.terminal, start_timeout_s=_TEST_TIMEOUT_S)
    return _show_outcome(context, run)


@command("status")
@click.argument("task_id", metavar="ID")
def status(context: CommandContext, task_id: str) -> int:
    """Show state and result of a run. Exit code 1 if it failed or was cancelled."""
    return _show_run(context, context.client.run(task_id))


@command("monitor")
@click.argument("task_id", metavar="ID")
def monitor(context: CommandContext, task_id: str) -> int:
    """Follow a run until it ends. Ctrl-C stops following, not the run."""
    return wait_for(context, task_id)


@command("cancel")
@click.argument("task_id", metavar="ID")
def cancel(context: CommandContext, task_id: str) -> int:
    """Cancel a run."""
    answer = context.client.cancel(task_id)
    context.terminal.show(answer, answer.message)
    return DONE


def _start(context: CommandContext, task: TaskName, *, wait: bool) -> int:
    accepted = context.client.request_run(task)
    if wait:
        return wait_for(context, accepted.task_id, f"{accepted.message} ({accepted.task_id})")
    context.terminal.show(
        accepted, accepted.message, f"Run {accepted.task_id}. Follow it with `openthreat monitor {accepted.task_id}`."
    )
    return DONE


def wait_for(context: CommandContext, task_id: str, first_line: str = "") -> int:
    """Follow a run to its end. From the first line on, Ctrl-C prints that the run continues."""
    try:
        from backend.cli.follow import follow

        if first_line:
            context.terminal.print_line(first_line)
        run = follow(context.client, task_id, context.terminal)
    except KeyboardInterrupt:
        context.terminal.print_error(
            "Stopped waiting",
            f"Run {task_id} continues.",
            f"`openthreat monitor {task_id}` follows it again, `openthreat cancel {task_id}` cancels it.",
        )
        raise
    return _show_outcome(context, run)


def _show_outcome(context: CommandContext, run: TaskRun) -> int:
    from backend.cli.tables import outcome_lines

    context.terminal.show(run, *outcome_lines(run))
    return _exit_code(run)


def _show_run(context: CommandContext, run: TaskRun) -> int:
    from backend.cli.tables import run_lines

    context.terminal.show(run, *run_lines(run, utc_now()))
    return _exit_code(run)


def _exit_code(run: TaskRun) -> int:
    return UNHEALTHY if run.status in (RunState.FAILURE, RunState.REVOKED) else DONE


COMMANDS = (update, clean_cache, update_stats, test, status, monitor, cancel)
