"""When tasks run by themselves."""

from __future__ import annotations

from pydantic import AliasChoices, ConfigDict, Field

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


class ScheduleList(Wire):
    scheduled_tasks: tuple[ScheduledTask, ...]
    total: int


class ScheduleChange(Wire):
    """What to change of an entry; what is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schedule: str | None = Field(default=None, max_length=100, validation_alias=AliasChoices("schedule", "cron"))
    enabled: bool | None = None
