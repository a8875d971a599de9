"""The schedule: its entries, their changes, and the pause of the whole schedule."""

from __future__ import annotations

from pydantic import AliasChoices, ConfigDict, Field

from backend.contract.names import RunState
from backend.contract.wire import Body, Instant, RequestedInstant, Wire

CRON_PATTERN = (
    r"^(\*|\*/[1-9]|[0-9]|[1-5][0-9]) (\*|\*/[1-9]|[0-9]|1[0-9]|2[0-3]) "
    r"(\*|\*/[1-9]|[1-9]|1[0-9]|2[0-8]) (\*|\*/[1-9]|[1-9]|1[0-2]) (\*|[0-6])$"
)
"""Cron lines (minute, hour, day, month, weekday) that are accepted in any case. Lists, ranges and names are accepted as
well, unless no date matches them, which a pattern cannot say.
"""


class ScheduledTask(Wire):
    name: str
    task: str
    schedule: str
    """A cron line of five fields, in the time zone of the machine that runs beat."""
    schedule_in_words: str = ""
    description: str
    enabled: bool
    last_run_at: Instant | None = None
    next_run_at: Instant | None = None
    default_schedule: str = ""
    edited: bool = False  # a user changed the line; program updates keep it
    last_task_id: str | None = None
    last_status: RunState | None = None  # of the run `last_task_id`


class SchedulePause(Wire):
    """Whether the schedule is paused. Entries that come due during a pause run once when it ends."""

    paused: bool = False
    until: Instant | None = None  # null while paused: until it is resumed by hand


class PauseWanted(Body):
    model_config = ConfigDict(extra="forbid", frozen=True)

    until: RequestedInstant | None = None
    """null: until it is resumed by hand."""


class SchedulePreview(Wire):
    """A cron line in words, and its next runs."""

    schedule: str
    schedule_in_words: str
    next_runs: tuple[Instant, ...]  # the next five


class ScheduleList(Wire):
    scheduled_tasks: tuple[ScheduledTask, ...]
    total: int
    pause: SchedulePause = SchedulePause()


class ScheduleChange(Body):
    """Changes to an entry; fields that are left out stay as they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schedule: str | None = Field(
        default=None,
        max_length=100,
        validation_alias=AliasChoices("schedule", "cron"),
        json_schema_extra={"pattern": CRON_PATTERN},
    )
    enabled: bool | None = None
