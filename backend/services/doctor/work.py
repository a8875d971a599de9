"""Checks of the work: workers and beat run, tasks reach them, and the data are up to date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from backend.client.inventory.machine_id import known_machine_id
from backend.config import Settings
from backend.contract.data_problems import data_problems, schedule_problems
from backend.contract.diagnosis import CheckResult
from backend.contract.names import Queue, Role, shared_queue
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import Problem, problem
from backend.contract.sources import SourceState
from backend.services.doctor.results import well
from backend.services.runs.history import list_runs
from backend.services.runs.schedule import list_entries
from backend.services.status.snapshot import NEWEST_RUNS, list_sources
from backend.services.status.worker_status import live_processes, stuck_worker, untaken_run
from backend.services.webhooks.webhooks import list_webhooks
from backend.store.dialects import search_index_of
from backend.store.repositories.runs import RunRepository


def search(connection: Connection) -> CheckResult:
    """Needs a writing transaction."""
    if search_index_of(connection).is_whole(connection):
        return well("search", "The search index is whole")
    return _found("search", ProblemId.SEARCH_INDEX_DAMAGED)


def workers(connection: Connection, now: datetime) -> CheckResult:
    rows = live_processes(connection, Role.WORKER, now)
    if not rows:
        return _found("workers", ProblemId.WORKERS_MISSING, Role.WORKER)
    served = {queue for row in rows for queue in row.queues}
    if missing := [queue.value for queue in Queue if queue.value not in served]:
        return _found("workers", ProblemId.QUEUE_UNSERVED, f"{Role.WORKER}-{missing[0]}", queue=missing[0])
    if stuck := stuck_worker(rows, now):
        kinds = {shared_queue(queue) for queue in stuck.queues}
        service = f"{Role.WORKER}-{kinds.pop()}" if len(kinds) == 1 else Role.WORKER
        reason = f"{stuck.name} has been running {stuck.current_task_name} without progress for more than 10 minutes."
        return _found("workers", ProblemId.TASK_STUCK, service, reason=reason, run=stuck.current_task_id or "")
    return well("workers", "Workers are running", ", ".join(row.name for row in rows))


def beat(connection: Connection, now: datetime) -> CheckResult:
    rows = live_processes(connection, Role.BEAT, now)
    if not rows:
        return _found("beat", ProblemId.SCHEDULE_UNATTENDED, Role.BEAT)
    if len(rows) > 1:
        return _found("beat", ProblemId.SCHEDULE_DOUBLED, names=", ".join(row.name for row in rows))
    return well("beat", "The schedule is being kept", rows[0].name)


def queue(connection: Connection, now: datetime) -> CheckResult:
    runs = RunRepository(connection)
    run = untaken_run(live_processes(connection, Role.WORKER, now), runs.waiting(), now)
    if run is None:
        return well("queue", "Tasks reach the workers")
    sent = "The broker has it, the worker does not." if run.published_at else "It has not been handed to the broker."
    reason = f"{run.name} waits in the queue {run.queue}, and a worker is idle. {sent}"
    return _found("queue", ProblemId.TASK_UNTAKEN, f"{Role.WORKER}-{shared_queue(run.queue)}", reason=reason)


def data(connection: Connection, settings: Settings, now: datetime) -> Iterator[CheckResult]:
    """Check the schedule, the last runs and the sources by the same rules as the windows."""
    entries, sources = list_entries(connection, now), list_sources(connection, settings, {}, now)
    runs = list_runs(connection, page_size=NEWEST_RUNS).items
    webhooks = list_webhooks(connection, known_machine_id(settings.home), now).items
    for found in data_problems(sources, runs, entries.scheduled_tasks, entries.pause, webhooks=webhooks):
        yield CheckResult.of(_name(found), found)
    if not schedule_problems(entries.scheduled_tasks, entries.pause):
        yield well("schedule", "Updates run by themselves")
    for source in sources:
        label = source.name.value.upper()
        if not source.enabled:
            yield well(f"source {source.name.value}", f"{label} is turned off")
        elif source.state is SourceState.OK:
            yield well(f"source {source.name.value}", f"{label} is up to date")


def _name(found: Problem) -> str:
    """Return the name of the check that a problem belongs to."""
    if found.task:
        return f"last {found.task.rpartition('.')[2]}"
    if found.sources:
        return f"source {found.sources[0]}" if len(found.sources) == 1 else "sources"
    return "webhooks" if found.id is ProblemId.WEBHOOK_FAILING else "schedule"


def _found(name: str, problem_id: ProblemId, service: str = "", **words: str) -> CheckResult:
    return CheckResult.of(name, problem(problem_id, words, service=service))
