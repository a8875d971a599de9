"""Pausing all that runs by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from backend.cli.session import DONE, Session, command

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
def pause(session: Session, until: datetime | None, hours: int | None) -> int:
    """Let nothing run by itself, for good or for a time."""
    from backend.cli.reports import pause_line
    from backend.contract.schedule import PauseWanted, SchedulePause

    if until and hours:
        raise click.UsageError("Give either --until or --hours.")
    now = datetime.now(UTC)
    end = now + timedelta(hours=hours) if hours else until
    answer = session.client.put("/tasks/scheduled/pause", SchedulePause, PauseWanted(until=end))
    session.terminal.give(answer, pause_line(answer, now))
    return DONE


@command("resume")
def resume(session: Session) -> int:
    """End a pause; what was due meanwhile runs once."""
    from backend.cli.reports import pause_line
    from backend.contract.schedule import SchedulePause

    answer = session.client.delete("/tasks/scheduled/pause", SchedulePause)
    session.terminal.give(answer, pause_line(answer, datetime.now(UTC)))
    return DONE


PAUSE_COMMANDS = (pause, resume)
