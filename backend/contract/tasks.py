"""Runs of tasks: request, progress and result."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field, JsonValue, model_validator

from backend.contract.errors import ErrorFields
from backend.contract.names import RunState, Source, Trigger
from backend.contract.wire import Instant, Wire


class OutcomeState(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"  # not everything could be read; the next update tries again


class RunPhase(StrEnum):
    """The activity of a run."""

    UNKNOWN = ""  # nothing was reported, or by another version of the program
    CHECKING = "check"
    DOWNLOADING = "download"
    READING = "read"
    MERGING = "merge"
    INDEXING = "index"
    PRIORITISING = "priorities"
    COUNTING = "statistics"
    TESTING = "test"
    MATCHING = "match"


class ProgressUnit(StrEnum):
    """What the progress of a run counts."""

    RECORDS = "records"
    BYTES = "bytes"


class SourceStage(StrEnum):
    """The state of a source before it has an OutcomeState."""

    WAITING = "waiting"
    RUNNING = "running"


class SourceProgress(Wire):
    """The progress of a run with one source. Runs may report further fields."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, JsonValue] = Field(init=False)

    state: str = ""  # a SourceStage, then an OutcomeState
    phase: str = ""
    done: int = 0
    total: int | None = None
    trouble: str = ""  # why a request failed that is being tried again, as a sentence


class Progress(Wire):
    """How far a run is: in `phase`, which belongs to `step` of `steps` (0: it has none), `done` of `total` units.

    message: what is worked on ("NVD 2024"), or the phase as another version of the program names it; share: 0-1 of the
    whole run, which never becomes smaller; left_s: seconds until its end. None: unknown.
    """

    phase: RunPhase = RunPhase.UNKNOWN
    step: int = 0
    steps: int = 0
    unit: ProgressUnit = ProgressUnit.RECORDS
    done: int = 0
    total: int | None = None  # None: unknown
    message: str = ""
    share: float | None = None
    left_s: float | None = None
    sources: dict[Source, SourceProgress] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _show_unknown_phase_as_message(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("phase", RunPhase.UNKNOWN) in set(RunPhase):
            return given
        return {**given, "phase": RunPhase.UNKNOWN, "message": given.get("message") or given["phase"]}


class ReportedProblem(Wire):
    """A record that could not be used, or only in part. record: its id, or its place if it has none."""

    record: str
    reason: str


class SourceResult(Wire):
    """One source in one update. seen: records that the source sent; the others: what became of them.

    problems: the first few of those that were rejected or mended.
    """

    state: OutcomeState
    seen: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0  # no longer listed by the source
    rejected: int = 0  # could not be used at all
    mended: int = 0  # stored with a field repaired or left out
    problems: tuple[ReportedProblem, ...] = ()
    error: ErrorFields | None = None  # why the source is degraded; data read before are kept


class UpdateResult(Wire):
    """`TaskRun.result` of an update that succeeded. A source that was turned off is absent."""

    status: OutcomeState  # degraded: at least one source is
    degraded: tuple[Source, ...] = ()
    sources: dict[Source, SourceResult]
    records_seen: int
    records_written: int  # added, changed or withdrawn
    new_vulnerabilities: int | None = None  # None: an older version of the program did not count them
    changed_vulnerabilities: int | None = None  # existing ones that changed; daily scores do not count


class TaskAccepted(Wire):
    """The answer to a request for a run. `already_running` is sent only if it is true."""

    task_id: str
    status: RunState
    message: str
    already_running: bool = False


class TaskCancelled(Wire):
    task_id: str
    status: RunState
    message: str


class TaskRun(Wire):
    task_id: str
    name: str
    status: RunState
    result: JsonValue = None  # of an update that succeeded: an UpdateResult
    error: ErrorFields | None = None
    traceback: str | None = None
    progress: Progress = Field(default_factory=Progress)
    queued_at: Instant
    started_at: Instant | None = None
    finished_at: Instant | None = None
    trigger: Trigger
    worker: str | None = None
    queue: str = ""
    attempt: int = 0  # how many times a worker has started it
    cancel_requested: bool = False


class TaskPage(Wire):
    """The run history, newest first."""

    items: tuple[TaskRun, ...]
    total: int
    page: int
    page_size: int
    total_pages: int


def share_of(progress: Progress) -> float | None:
    """Return the completed share (0-1) of the whole run, or of its phase if the run has only one; None if unknown."""
    if progress.share is not None:
        return progress.share
    if not progress.total:
        return None
    return min(1.0, progress.done / progress.total)
