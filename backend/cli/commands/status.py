"""Commands for workers, sources and the schedule with its pause."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from backend.cli.session import DONE, UNHEALTHY, CommandContext, command
from backend.contract.wire import utc_now

_MAX_PAUSE_HOURS = 24 * 366


@command("workers")
def workers(context: CommandContext) -> int:
    """Show the workers and their tasks. Exit code 1 if they are stalled or none is running."""
    from backend.cli.tables import worker_rows
    from backend.contract.workers import WorkersState

    answer = context.client.workers()
    context.terminal.show(answer, answer.message)
    if answer.workers:
        context.terminal.table(
            ("WORKER", "QUEUES", "HEARTBEAT", "DONE", "FAILED", "MEMORY", "TASK"),
            list(worker_rows(answer.workers, utc_now())),
        )
    return DONE if answer.status in (WorkersState.HEALTHY, WorkersState.BUSY) else UNHEALTHY


@command("scheduled")
@click.argument("name", required=False)
@click.option("--cron", metavar="LINE", help='Set the cron line, in local time, such as "0 */2 * * *".')
@click.option("--on/--off", "enabled", default=None, help="Switch the entry on or off.")
@click.option("--reset", is_flag=True, help="Restore the default cron line and switch the entry on.")
def scheduled(context: CommandContext, name: str | None, cron: str | None, enabled: bool | None, reset: bool) -> int:
    """Show the schedule, or change the entry NAME."""
    from backend.cli.tables import pause_line, schedule_rows
    from backend.contract.schedule import ScheduleChange

    changed = {key: value for key, value in (("schedule", cron), ("enabled", enabled)) if value is not None}
    if (name is None) == bool(changed or reset) or (changed and reset):
        raise click.UsageError("Give NAME together with --cron, --on, --off or --reset.")
    now, head = utc_now(), ("NAME", "SCHEDULE", "", "LAST RUN", "NEXT RUN", "DESCRIPTION")
    if name is None:
        answer = context.client.schedule()
        context.terminal.show(answer, *([pause_line(answer.pause, now)] if answer.pause.paused else []))
        context.terminal.table(head, list(schedule_rows(answer.scheduled_tasks, now)))
        return DONE
    entry = (
        context.client.reset_schedule(name)
        if reset
        else context.client.change_schedule(name, ScheduleChange.model_validate(changed))
    )
    context.terminal.show(entry)
    context.terminal.table(head, list(schedule_rows([entry], now)))
    return DONE


@command("sources")
def sources(context: CommandContext) -> int:
    """Show the state of each source. Exit code 1 if one is failing."""
    from backend.cli.tables import source_rows
    from backend.contract.sources import SourceState

    answer = context.client.sources()
    context.terminal.show(answer)
    context.terminal.table(
        ("SOURCE", "STATE", "RECORDS", "LAST SUCCESS", "UP TO", "LAST ERROR"),
        list(source_rows(answer.sources, utc_now())),
    )
    return (
        UNHEALTHY if any(source.enabled and source.state is SourceState.FAILING for source in answer.sources) else DONE
    )


def _parse_time(_context: click.Context, _parameter: click.Parameter, given: str | None) -> datetime | None:
    """Parse a date and time; without a zone it is local time."""
    try:
        return None if given is None else datetime.fromisoformat(given).astimezone()
    except (ValueError, OverflowError):
        raise click.BadParameter("expected a time like 2026-01-31T18:00.") from None


@command("pause")
@click.option("--until", metavar="TIME", callback=_parse_time, help="End of the pause, such as 2026-01-31T18:00.")
@click.option(
    "--hours", metavar="HOURS", type=click.IntRange(1, _MAX_PAUSE_HOURS), help="Length of the pause in hours."
)
def pause(context: CommandContext, until: datetime | None, hours: int | None) -> int:
    """Pause the schedule until you resume it, or for a time."""
    from backend.cli.tables import pause_line

    if until and hours:
        raise click.UsageError("Give either --until or --hours.")
    now = utc_now()
    end = now + timedelta(hours=hours) if hours else until
    answer = context.client.pause_schedule(end)
    context.terminal.show(answer, pause_line(answer, now))
    return DONE


@command("resume")
def resume(context: CommandContext) -> int:
    """End the pause of the schedule. Entries that came due run once."""
    from backend.cli.tables import pause_line

    answer = context.client.resume_schedule()
    context.terminal.show(answer, pause_line(answer, utc_now()))
    return DONE


COMMANDS = (workers, sources, scheduled, pause, resume)
