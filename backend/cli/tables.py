"""Answers of the API as lines and table rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue

from backend.contract.diagnosis import CheckState, Diagnosis
from backend.contract.formatting import duration, number, plural, size, when
from backend.contract.names import RunState
from backend.contract.schedule import ScheduledTask, SchedulePause
from backend.contract.sources import SourceStatus
from backend.contract.tasks import Progress, TaskRun
from backend.contract.vulnerabilities import Vulnerability
from backend.contract.workers import WorkerStatus

_OUTCOMES: Mapping[RunState, str] = {
    RunState.SUCCESS: "Done",
    RunState.FAILURE: "Failed",
    RunState.REVOKED: "Cancelled",
}
_MARKS: Mapping[CheckState, str] = {
    CheckState.OK: "ok     ",
    CheckState.WARNING: "warning",
    CheckState.PROBLEM: "PROBLEM",
}
_COUNTS = ("seen", "added", "changed", "withdrawn", "rejected", "mended")


def outcome_lines(run: TaskRun) -> Iterator[str]:
    """Yield how a finished run ended, and its result."""
    outcome = _OUTCOMES.get(run.status, run.status.value)
    if run.started_at and run.finished_at:
        outcome += f" in {duration(run.finished_at - run.started_at)}"
    yield outcome + (f": {run.error}" if run.error else ".")
    if run.error and run.error.hint:
        yield run.error.hint
    yield from result_lines(run.result)


def result_lines(result: JsonValue) -> Iterator[str]:
    """Yield the result of a task: one line per source of an update, then its other figures."""
    if not isinstance(result, dict):
        if result is not None:
            yield str(result)
        return
    sources = result.get("sources")
    for name, source in sources.items() if isinstance(sources, dict) else ():
        if isinstance(source, dict):
            yield f"  {name:<6} {_source_result(source)}"
    for name, value in result.items():
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            yield f"  {name.replace('_', ' ')}: {number(value) if isinstance(value, int) else value}"


def _source_result(source: Mapping[str, JsonValue]) -> str:
    counts = [f"{number(count)} {name}" for name in _COUNTS if isinstance(count := source.get(name), int) and count]
    error = source.get("error")
    reason = [f"{error.get('title')}. {error.get('message')}"] if isinstance(error, dict) else []
    return ": ".join([str(source.get("state", "")), *reason, ", ".join(counts) or "nothing new"])


def run_lines(run: TaskRun, now: datetime) -> Iterator[str]:
    yield f"Run      {run.task_id}"
    yield f"Task     {run.name}"
    yield f"Status   {run.status.value}" + (
        " (stopping)" if run.cancel_requested and run.status is RunState.STARTED else ""
    )
    yield f"Queued   {when(run.queued_at, now)}, by {run.trigger.value}"
    if run.started_at:
        yield f"Started  {when(run.started_at, now)}" + (f", on {run.worker}" if run.worker else "")
    if run.finished_at:
        yield f"Ended    {when(run.finished_at, now)}"
        yield from outcome_lines(run)
    elif run.progress != Progress():
        from backend.cli.follow import describe_run

        yield f"Progress {describe_run(run, now)}"


def worker_rows(workers: Sequence[WorkerStatus], now: datetime) -> Iterator[Sequence[str]]:
    for worker in workers:
        task = worker.current_task
        yield (
            worker.name,
            ", ".join(worker.queues),
            f"{worker.heartbeat_age_s:.0f} s ago",
            number(worker.stats.tasks_done),
            number(worker.stats.tasks_failed),
            size(worker.stats.memory_bytes) if worker.stats.memory_bytes else "",
            f"{task.name.rpartition('.')[2]} (started {when(task.started_at, now)})" if task else "idle",
        )


def schedule_rows(entries: Sequence[ScheduledTask], now: datetime) -> Iterator[Sequence[str]]:
    for entry in entries:
        yield (
            entry.name,
            entry.schedule,
            "on" if entry.enabled else "off",
            when(entry.last_run_at, now),
            when(entry.next_run_at, now) if entry.enabled and entry.next_run_at else "",
            entry.description,
        )


def pause_line(pause: SchedulePause, now: datetime) -> str:
    if not pause.paused:
        return "The schedule is not paused."
    if pause.until is None:
        return "The schedule is paused. `openthreat resume` ends the pause."
    return f"The schedule is paused. It resumes {when(pause.until, now)}."


def source_rows(sources: Sequence[SourceStatus], now: datetime) -> Iterator[Sequence[str]]:
    for source in sources:
        yield (
            source.name.value,
            source.state.value if source.enabled else "off",
            number(source.records),
            when(source.last_success_at, now),
            when(source.watermark, now) if source.watermark else "",
            str(source.last_error or ""),
        )


def vulnerability_rows(items: Sequence[Vulnerability]) -> Iterator[Sequence[str]]:
    for item in items:
        yield (
            item.cve_id,
            item.severity.value,
            score(item.cvss_score),
            f"{item.priority_score:.3f}",
            "exploited" if item.exploited_in_the_wild or item.eu_exploited else "",
            f"{item.published_at:%Y-%m-%d}" if item.published_at else "",
            item.title,
        )


def diagnosis_lines(diagnosis: Diagnosis) -> Iterator[str]:
    for finding in diagnosis.findings:
        problem_id = f" [{finding.id}]" if finding.id else ""
        message = f": {finding.message}" if finding.message else ""
        yield f"{_MARKS[finding.state]}  {finding.title}{message}{problem_id}"
        if finding.remedy:
            yield f"{'':9}{finding.remedy}"
    to_look_at = sum(finding.state is not CheckState.OK for finding in diagnosis.findings)
    yield "All is well." if diagnosis.healthy else f"{plural(to_look_at, 'finding')} to look at."


def score(score: float | None) -> str:
    return "" if score is None else f"{score:.1f}"
