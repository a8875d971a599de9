"""How things stand: workers, schedule, sources.

Pausing all that runs by itself.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from backend.cli.session import DONE, UNHEALTHY, CommandContext, command


@command("workers")
def workers(session: CommandContext) -> int:
    """Show the workers and what they are at. Ends 1 when none is healthy."""
    from backend.cli.tables import worker_rows
    from backend.contract.workers import WorkersState

    answer = session.client.workers()
    session.terminal.give(answer, answer.message)
    if answer.workers:
        session.terminal.table(
            ("WORKER", "QUEUES", "HEARTBEAT", "DONE", "FAILED", "MEMORY", "DOING"),
            list(worker_rows(answer.workers, datetime.now(UTC))),
        )
    return DONE if answer.status in (WorkersState.HEALTHY, WorkersState.BUSY) else UNHEALTHY


@command("scheduled")
@click.argument("name", required=False)
@click.option("--cron", metavar="LINE", help='A new cron line for NAME, in this machine\'s time zone: "0 */2 * * *".')
@click.option("--on/--off", "enabled", default=None, help="Switch NAME on or off.")
@click.option("--reset", is_flag=True, help="Give NAME the program's own line again.")
def scheduled(session: CommandContext, name: str | None, cron: str | None, enabled: bool | None, reset: bool) -> int:
    """Show what runs by itself and when; with NAME, change one entry."""
    from backend.cli.tables import pause_line, schedule_rows
    from backend.contract.schedule import ScheduleChange

    changed = {key: value for key, value in (("schedule", cron), ("enabled", enabled)) if value is not None}
    if (name is None) == bool(changed or reset) or (changed and reset):
        raise click.UsageError("NAME goes with --cron, --on, --off or --reset.")
    now, head = datetime.now(UTC), ("NAME", "SCHEDULE", "", "LAST RUN", "NEXT RUN", "WHAT")
    if name is None:
        answer = session.client.schedule()
        session.terminal.give(answer, *([pause_line(answer.pause, now)] if answer.pause.paused else []))
        session.terminal.table(head, list(schedule_rows(answer.scheduled_tasks, now)))
        return DONE
    entry = (
        session.client.reset_schedule(name)
        if reset
        else session.client.change_schedule(name, ScheduleChange.model_validate(changed))
    )
    session.terminal.give(entry)
    session.terminal.table(head, list(schedule_rows([entry], now)))
    return DONE


@command("sources")
def sources(session: CommandContext) -> int:
    """Show how fresh each source is. Ends 1 when one keeps failing."""
    from backend.cli.tables import source_rows
    from backend.contract.sources import SourceState

    answer = session.client.sources()
    session.terminal.give(answer)
    session.terminal.table(
        ("SOURCE", "STATE", "RECORDS", "LAST SUCCESS", "UP TO", "LAST ERROR"),
        list(source_rows(answer.sources, datetime.now(UTC))),
    )
    return (
        UNHEALTHY if any(source.enabled and source.state is SourceState.FAILING for source in answer.sources) else DONE
    )


COMMANDS = (workers, scheduled, sources)


_LONGEST_HOURS = 24 * 366


def _moment(_context: click.Context, _parameter: click.Parameter, given: str | None) -> datetime | None:
    """A moment without a zone is this machine's, as whoever types it reads it off the clock."""
    try:
        return None if given is None else datetime.fromisoformat(given).astimezone()
    except (ValueError, OverflowError):
        raise click.BadParameter("it should look like 2026-01-31T18:00.") from None


@command("pause")
@click.option("--until", metavar="MOMENT", callback=_moment, help="2026-01-31T18:00, in this machine's time zone.")
@click.option("--hours", type=click.IntRange(1, _LONGEST_HOURS), help="How long from now.")
def pause(session: CommandContext, until: datetime | None, hours: int | None) -> int:
    """Let nothing run by itself, for good or for a time."""
    from backend.cli.tables import pause_line

    if until and hours:
        raise click.UsageError("Give either --until or --hours.")
    now = datetime.now(UTC)
    end = now + timedelta(hours=hours) if hours else until
    answer = session.client.pause_schedule(end)
    session.terminal.give(answer, pause_line(answer, now))
    return DONE


@command("resume")
def resume(session: CommandContext) -> int:
    """End a pause; what was due meanwhile runs once."""
    from backend.cli.tables import pause_line

    answer = session.client.resume_schedule()
    session.terminal.give(answer, pause_line(answer, datetime.now(UTC)))
    return DONE


PAUSE_COMMANDS = (pause, resume)
