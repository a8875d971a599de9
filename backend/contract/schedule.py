"""When tasks run by themselves."""

from __future__ import annotations

from pydantic import AliasChoices, ConfigDict, Field

from backend.contract.names import RunState
from backend.contract.wire import Instant, Wire


class ScheduledTask(Wire):
    name: str
    task: str
    schedule: str
    """A cron line of five fields, read in the time zone of the machine that runs beat."""
    schedule_in_words: str = ""
    description: str
    enabled: bool
    last_run_at: Instant | None = None
    next_run_at: Instant | None = None
    default_schedule: str = ""
    edited: bool = False  # the line differs from the default because somebody changed it
    last_task_id: str | None = None
    last_status: RunState | None = None  # of that run


class SchedulePause(Wire):
    """While paused nothing runs by itself; what was due meanwhile runs once when the pause is over."""

    paused: bool = False
    until: Instant | None = None  # null while paused: until somebody resumes


class PauseWanted(Wire):
    model_config = ConfigDict(extra="forbid", frozen=True)

    until: Instant | None = None
    """null: until somebody resumes."""


class SchedulePreview(Wire):
    """What a cron line means."""

    schedule: str
    schedule_in_words: str
    next_runs: tuple[Instant, ...]  # the next five


class ScheduleList(Wire):
    scheduled_tasks: tuple[ScheduledTask, ...]
    total: int
    pause: SchedulePause = SchedulePause()


class ScheduleChange(Wire):
    """What to change of an entry; what is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schedule: str | None = Field(default=None, max_length=100, validation_alias=AliasChoices("schedule", "cron"))
    enabled: bool | None = None
