"""Is anybody working, and does the work arrive?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from backend.config import Settings
from backend.contract.names import Queue, Role
from backend.contract.problems import Finding
from backend.contract.sources import SourceState
from backend.services.doctor.findings import UPDATE, problem, restart, warning, well
from backend.services.status.snapshot import list_sources
from backend.services.status.worker_status import live_processes, stuck_worker, untaken_run
from backend.store.repositories.runs import RunRepository

_START = "Start everything with `openthreat up`."
_UPDATE = "It is tried again with every update; `openthreat update --wait` tries now."


def workers(connection: Connection, now: datetime) -> Finding:
    rows = live_processes(connection, Role.WORKER, now)
    if not rows:
        message = "Nothing is updated as long as nobody works."
        return problem("workers", "No worker is running", message, _START, restart(Role.WORKER))
    served = {queue for row in rows for queue in row.queues}
    if missing := [queue.value for queue in Queue if queue.value not in served]:
        return problem(
            "workers",
            f"No worker serves the queue {missing[0]}",
            "Its tasks wait.",
            f"Start everything with `openthreat up`, or `openthreat worker -Q {missing[0]}`.",
            restart(f"{Role.WORKER}-{missing[0]}"),
        )
    if stuck := stuck_worker(rows, now):
        return problem(
            "workers",
            "A worker does not move",
            f"{stuck.name} has been at {stuck.current_task_name} without progress for more than 10 minutes.",
            f"`openthreat cancel {stuck.current_task_id}` stops the task.",
            restart(f"{Role.WORKER}-{stuck.queues[0]}" if len(stuck.queues) == 1 else Role.WORKER),
        )
    return well("workers", "Workers are running", ", ".join(row.name for row in rows))


def beat(connection: Connection, now: datetime) -> Finding:
    rows = live_processes(connection, Role.BEAT, now)
    if not rows:
        return problem("beat", "Beat is not running", "Nothing happens by schedule.", _START, restart(Role.BEAT))
    if len(rows) > 1:
        return warning(
            "beat",
            "Beat runs more than once",
            f"{', '.join(row.name for row in rows)}. Each entry still fires once.",
            "Stop all but one.",
        )
    return well("beat", "The schedule is being kept", rows[0].name)


def queue(connection: Connection, now: datetime) -> Finding:
    runs = RunRepository(connection)
    waiting = runs.waiting()
    lying = untaken_run(live_processes(connection, Role.WORKER, now), waiting, now)
    if lying is None:
        return well("queue", "Tasks reach the workers")
    reason = (
        "It has not been handed to the broker."
        if lying.published_at is None
        else "The broker has it, the worker does not."
    )
    return problem(
        "queue",
        "A task is stuck in the queue",
        f"{lying.name} waits in the queue {lying.queue}, and a worker is idle. {reason}",
        "Beat hands it over anew within a minute; if it does not, restart with `openthreat down` and `openthreat up`.",
        restart(f"{Role.WORKER}-{lying.queue}"),
    )


def sources(connection: Connection, settings: Settings, now: datetime) -> Iterator[Finding]:
    for source in list_sources(connection, settings, {}, now):
        name = f"source {source.name.value}"
        label = source.name.value.upper()
        error = str(source.last_error or "")
        hint = source.last_error.hint if source.last_error else ""
        if not source.enabled:
            yield well(name, f"{label} is switched off")
        elif source.state is SourceState.OK:
            yield well(name, f"{label} is up to date")
        elif source.state is SourceState.NEVER:
            yield warning(name, f"{label} has not been taken in yet", error, _UPDATE, UPDATE)
        elif source.state is SourceState.STALE:
            yield warning(name, f"{label} is stale", "Its last good update is more than a day old.", _UPDATE, UPDATE)
        else:
            often = f" ({source.failures} times in a row)" if source.failures > 1 else ""
            yield problem(name, f"{label} could not be read", f"{error}{often}", hint or _UPDATE, UPDATE)
